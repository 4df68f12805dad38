"""Lets the versions of a restored database go on above those that its streams have told.

Readers keep the newest version they heard. A database that was restored from a backup counts again from where it was,
and whatever it told next would be old news to them: new facts would be passed over, silently. What it told people it
may have to know as well, or it tells more of them than it should.
"""

from collections.abc import Mapping
from pathlib import Path
from uuid import UUID

from nats.aio.client import Client

from shared.database import Database
from shared.database.statement import Statement
from shared.messaging.connection import close, connect
from shared.messaging.handling import Handlers
from shared.messaging.surveying import Survey, survey
from shared.messaging.topology import PUBLISHES, STREAMS, stream_for

# Kind of aggregate -> where its versions are counted, as `table.column`.
Counts = Mapping[str, str]

RAISE = """
UPDATE {table} SET {column} = told.version
FROM unnest(CAST(:ids AS uuid[]), CAST(:versions AS bigint[])) AS told (id, version)
WHERE {table}.id = told.id AND {table}.{column} < told.version RETURNING {table}.id
"""


async def overtake(
    service: str, database: Database, counts: Counts, recalls: Handlers, *, nats_url: str, admin_seed_file: Path | None
) -> tuple[int, list[Survey]]:
    """Raise versions to the highest that the service's streams know and its outbox does not; recall what was told.

    `recalls` writes down what the service must know of such an event; it tells nobody anything new, and finds its own
    work done when it is called again. Returns how many aggregates were raised, and what each stream knows. Run twice it
    changes nothing the second time.
    """
    client = await connect(nats_url, user="admin", seed_file=admin_seed_file)
    try:
        surveys = await surveys_of(service, client, database)
    finally:
        await close(client)
    raised, highest = 0, _highest(surveys)
    async with database.sessions.begin() as session:
        for family, versions in highest.items():
            if family in counts:
                table, _, column = counts[family].partition(".")
                statement = Statement(RAISE.format(table=table, column=column))
                done = await statement.scalars(session, ids=list(versions), versions=list(versions.values()))
                raised += len(done)
        for untold in (each for found in surveys for each in found.untold):
            if (recall := recalls.get(type(untold.told))) is not None:  # type: ignore[arg-type]
                await recall(session, untold.told)
    return raised, surveys


async def surveys_of(service: str, client: Client, database: Database) -> list[Survey]:
    """What each stream of a service knows beyond its outbox."""
    names = {stream_for(subject) for subject in PUBLISHES[service]}
    return [await survey(client, spec, producer=database) for spec in STREAMS if spec.name in names]


def _highest(surveys: list[Survey]) -> dict[str, dict[UUID, int]]:
    highest: dict[str, dict[UUID, int]] = {}
    for each in (untold for found in surveys for untold in found.untold):
        if each.aggregate_id is not None and each.version is not None:
            of_family = highest.setdefault(each.family, {})
            of_family[each.aggregate_id] = max(each.version, of_family.get(each.aggregate_id, 0))
    return highest
