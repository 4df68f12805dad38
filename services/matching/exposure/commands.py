"""Count who was asked and what would have been fair, once an hour: waves read the shares, pages the figures."""

import json
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from services.matching.exposure.figures import ENOUGH, Asked, exposure_of
from services.matching.exposure.queries import EVERYWHERE, counted, fair_shares
from services.matching.waves.policy import EXPOSURE_WINDOW
from shared.clock import day_of
from shared.database import Database, now_of
from shared.database.statement import Statement
from shared.observability.pulse import every
from shared.vocabulary import categories, root_of

EVERY_S = 3600
# Any number will do, as long as it is the only lock of its kind in this database.
COUNTING = 20261127
# Whoever comes second has nothing to do.
ALONE = Statement(f"SELECT pg_try_advisory_xact_lock({COUNTING})")
SHARES = Statement("""
    INSERT INTO exposures AS e (organisation_id, fair, measured_at)
    SELECT organisation_id, fair, CAST(:at AS timestamptz)
    FROM unnest(CAST(:organisations AS uuid[]), CAST(:fair AS float8[])) AS s (organisation_id, fair)
    ORDER BY organisation_id
    ON CONFLICT (organisation_id) DO UPDATE SET fair = excluded.fair, measured_at = excluded.measured_at
""")
FORGET_SHARES = Statement("DELETE FROM exposures WHERE measured_at < :at")
FIGURES = Statement("""
    INSERT INTO exposure_figures (measured_on, root, measured_at, suppliers, solicitations, gini, never_asked,
                                  newcomers, curve)
    SELECT CAST(:day AS date), root, CAST(:at AS timestamptz), suppliers, solicitations, gini, never_asked, newcomers,
           curve
    FROM unnest(CAST(:roots AS text[]), CAST(:suppliers AS int[]), CAST(:solicitations AS int[]),
                CAST(:ginis AS float8[]), CAST(:never_asked AS float8[]), CAST(:newcomers AS float8[]),
                CAST(:curves AS jsonb[]))
         AS f (root, suppliers, solicitations, gini, never_asked, newcomers, curve)
""")
FORGET_FIGURES = Statement("DELETE FROM exposure_figures WHERE measured_on = :day")


async def measure_for_ever(database: Database) -> None:
    """Count again every hour."""
    async for _ in every(EVERY_S):
        async with database.sessions.begin() as session:
            await measure_exposure(session)


async def measure_exposure(session: AsyncSession) -> None:
    """Count the last ninety days; a day keeps the last count made on it."""
    if not await ALONE.scalar(session):
        return
    now = now_of(session)
    since, today = now - EXPOSURE_WINDOW, day_of(now)
    shares = await fair_shares(session, since=since)
    await SHARES.execute(session, at=now, organisations=list(shares), fair=list(shares.values()))
    await FORGET_SHARES.execute(session, at=now)
    roots = {category_id: root_of(category_id) for category_id in categories()}
    by_root = await counted(session, roots, since=since, today=today)
    await FORGET_FIGURES.execute(session, day=today)
    await FIGURES.execute(session, day=today, at=now, **_columns(by_root))


def _columns(by_root: dict[str, list[Asked]]) -> dict[str, list[Any]]:
    # The line of all stands also on a day when there was nothing.
    groups = dict[str, list[Asked]]({EVERYWHERE: []}) | by_root
    found = {root: exposure_of(suppliers) for root, suppliers in groups.items()}
    kept = {
        root: figures for root, figures in sorted(found.items()) if root == EVERYWHERE or figures.suppliers >= ENOUGH
    }
    return {
        "roots": list(kept),
        "suppliers": [each.suppliers for each in kept.values()],
        "solicitations": [each.solicitations for each in kept.values()],
        "ginis": [round(each.gini, 4) for each in kept.values()],
        "never_asked": [round(each.never_asked, 4) for each in kept.values()],
        "newcomers": [None if each.newcomers is None else round(each.newcomers, 4) for each in kept.values()],
        "curves": [json.dumps(each.curve) for each in kept.values()],
    }
