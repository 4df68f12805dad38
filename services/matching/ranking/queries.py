"""The table of weights that was promoted last, read once when a process begins."""

import structlog

from services.matching.ranking.weights import TableUnusable, put_in_force, released, table_of
from shared.database import Database
from shared.database.statement import Statement

LATEST = Statement("SELECT version, written FROM weight_tables ORDER BY promoted_at DESC, version LIMIT 1")
# A learnt table's version names the released one that it began with.
FROM = "+"

log = structlog.get_logger(__name__)


async def read_weights(database: Database) -> None:
    """Rank by the table promoted last, if it was learnt from the one that comes with this program; else by that one.

    So a release with a new table of its own, or a new feature, is not held back by what was learnt before.
    """
    async with database.connection() as connection:
        rows = await LATEST.fetch(connection)
    put_in_force(None)
    if not rows:
        return
    version = rows[0].version
    if version.split(FROM)[0] != released().version:
        log.info("learnt_weights_of_another_release", version=version, released=released().version)
        return
    try:
        put_in_force(table_of(rows[0].written))
    except TableUnusable as unusable:
        log.error("learnt_weights_unusable", version=version, reason=str(unusable))
    else:
        log.info("weights_in_force", version=version)
