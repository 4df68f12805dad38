"""Every SELECT about exposure: who was asked how often, what would have been fair, the figures kept of it."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncSession

from services.matching.exposure.figures import Asked
from shared.database.statement import Statement

# A match of more points is one for which a supplier may expect to be asked. Before decision 40 they were the score.
WELL = 60
NEW_FOR = timedelta(days=365)
EVERYWHERE = ""

# Once a demand fitted well, or somebody was asked about it; a demand of two roots counts in both.
COUNTED = Statement(f"""
    WITH pairs AS (
        SELECT demand_id, organisation_id, 1 AS fits, 0 AS asked FROM match_history
        WHERE at > :since AND change <> 'left' AND coalesce(points, score) > {WELL} GROUP BY demand_id, organisation_id
        UNION ALL
        SELECT demand_id, organisation_id, 0, 1 FROM solicitations WHERE solicited_at > :since
    ), roots AS (
        SELECT DISTINCT d.id AS demand_id, r.root
        FROM (SELECT DISTINCT demand_id FROM pairs) p
        JOIN demands d ON d.id = p.demand_id
        CROSS JOIN LATERAL jsonb_array_elements_text(coalesce(d.state -> 'categories', '[]')) AS c (id)
        JOIN unnest(CAST(:categories AS text[]), CAST(:roots AS text[])) AS r (category, root) ON r.category = c.id
    ), ages AS (
        SELECT organisation_id, max(state ->> 'registered_on')::date AS registered_on FROM supplies
        GROUP BY organisation_id
    )
    SELECT p.root, p.organisation_id, max(p.fits) = 1 AS fits, sum(p.asked) AS asked,
           bool_or(a.registered_on > :newcomer) AS is_new
    FROM (
        SELECT '{EVERYWHERE}' AS root, organisation_id, fits, asked FROM pairs
        UNION ALL
        SELECT r.root, organisation_id, fits, asked FROM pairs JOIN roots r USING (demand_id)
    ) p
    LEFT JOIN ages a USING (organisation_id)
    GROUP BY p.root, p.organisation_id
""")
# The share of a supplier: for each demand whose places were given, places over all who ever fitted it.
FAIR = Statement("""
    WITH places AS (
        SELECT demand_id, count(*) AS given FROM solicitations
        WHERE solicited_at > :since AND chosen IS DISTINCT FROM 'everyone' GROUP BY demand_id
    ), fitting AS (
        SELECT DISTINCT h.demand_id, h.organisation_id FROM match_history h JOIN places p USING (demand_id)
        WHERE h.change <> 'left'
    ), shares AS (
        SELECT f.organisation_id, least(1.0, p.given / count(*) OVER (PARTITION BY f.demand_id)::float8) AS share
        FROM fitting f JOIN places p USING (demand_id)
    )
    SELECT organisation_id, sum(share) AS fair FROM shares GROUP BY organisation_id
""")
LATEST = text("""
    SELECT root, measured_on, measured_at, suppliers, solicitations, gini, never_asked, newcomers, curve
    FROM exposure_figures WHERE measured_on = (SELECT max(measured_on) FROM exposure_figures)
    ORDER BY root
""")
DAYS = text("""
    SELECT measured_on, suppliers, solicitations, gini, never_asked, newcomers FROM exposure_figures
    WHERE root = '' AND measured_on >= :since ORDER BY measured_on DESC
""")


async def counted(
    session: AsyncSession, roots: Mapping[str, str], *, since: datetime, today: date
) -> dict[str, list[Asked]]:
    """By root of the vocabulary (`roots` gives each category's), and everywhere: the suppliers and their asks."""
    rows = await COUNTED.fetch(
        session,
        since=since,
        newcomer=today - NEW_FOR,
        categories=list(roots),
        roots=list(roots.values()),
    )
    found: dict[str, list[Asked]] = defaultdict(list)
    for row in rows:
        found[row.root].append(Asked(row.organisation_id, row.fits, int(row.asked), row.is_new))
    return dict(found)


async def fair_shares(session: AsyncSession, *, since: datetime) -> dict[UUID, float]:
    """How often each would have been asked, had all who fitted been asked alike."""
    return {row.organisation_id: row.fair for row in await FAIR.fetch(session, since=since)}


async def latest_figures(session: AsyncSession) -> Sequence[Row[Any]]:
    """The figures of the last day, of everything first, then by root."""
    return (await session.execute(LATEST)).all()


async def figures_by_day(session: AsyncSession, *, since: date) -> Sequence[Row[Any]]:
    """The general figures of each day, newest first."""
    return (await session.execute(DAYS, {"since": since})).all()
