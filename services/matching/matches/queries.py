"""Every SELECT on matches: rankings, near misses, what fits an organisation."""

import asyncio
from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncSession

from services.matching.ranking.sides import Demand
from shared.database.statement import Statement
from shared.events.matching import DemandMatched

# An organisation stands in a ranking once, by its best offer, however many of its offers fit.
RANKED = Statement("""
    SELECT m.demand_id, m.id AS match_id, m.offer_id, m.organisation_id, m.score, m.reasons::text AS reasons,
           s.state ->> 'supplier_name' AS organisation_name
    FROM unnest(CAST(:demands AS uuid[])) AS d (id)
    CROSS JOIN LATERAL (
        SELECT * FROM (
            SELECT DISTINCT ON (organisation_id) * FROM matches WHERE demand_id = d.id
            ORDER BY organisation_id, score DESC, offer_id
        ) best ORDER BY score DESC, offer_id LIMIT :most
    ) m
    JOIN supplies s ON s.id = m.offer_id
    ORDER BY m.demand_id, m.score DESC, m.offer_id
""")
NEAREST = Statement("""
    SELECT n.demand_id, n.offer_id, n.organisation_id, n.score, n.gap::text AS gap, n.gap_constraint,
           s.state ->> 'supplier_name' AS organisation_name
    FROM unnest(CAST(:demands AS uuid[])) AS d (id)
    CROSS JOIN LATERAL (
        SELECT * FROM (
            SELECT DISTINCT ON (organisation_id) * FROM near_misses WHERE demand_id = d.id
            ORDER BY organisation_id, score DESC, offer_id
        ) best ORDER BY score DESC, offer_id LIMIT :most
    ) n
    JOIN supplies s ON s.id = n.offer_id
    ORDER BY n.demand_id, n.score DESC, n.offer_id
""")
STANDINGS = Statement("""
    SELECT d.id, d.status, d.revision, d.told, d.state::text AS state,
           (SELECT count(DISTINCT m.organisation_id) FROM matches m WHERE m.demand_id = d.id) AS total
    FROM demands d
    WHERE d.id = ANY(CAST(:demands AS uuid[]))
    ORDER BY d.id
""")


@dataclass(frozen=True)
class Standing:
    """A demand, how many fit it, and what was last told of its ranking."""

    demand: Demand
    is_open: bool
    revision: int
    told: dict[str, Any] | None
    total: int


async def standings(session: AsyncSession, demand_ids: Collection[UUID]) -> list[Standing]:
    """The standing of each demand."""
    rows = await STANDINGS.fetch(session, demands=list(demand_ids))
    return [_standing(row) for row in rows]


def _standing(row: Any) -> Standing:
    return Standing(
        demand=Demand.model_validate_json(row.state),
        is_open=row.status == "open",
        revision=row.revision,
        told=row.told,
        total=row.total,
    )


async def ranked(session: AsyncSession, demand_ids: Collection[UUID], *, most: int) -> dict[UUID, Sequence[Any]]:
    """The best matches of each demand, best first; equal scores by offer id, so that the order is always the same."""
    return _by_demand(await RANKED.fetch(session, demands=list(demand_ids), most=most))


async def nearest(session: AsyncSession, demand_ids: Collection[UUID], *, most: int) -> dict[UUID, Sequence[Any]]:
    """The best near misses of each demand."""
    return _by_demand(await NEAREST.fetch(session, demands=list(demand_ids), most=most))


def _by_demand(rows: Sequence[Any]) -> dict[UUID, Sequence[Any]]:
    found: dict[UUID, list[Any]] = defaultdict(list)
    for row in rows:
        found[row.demand_id].append(row)
    return dict(found)


@dataclass(frozen=True)
class KeptDemand:
    """A demand and whether it is open."""

    demand: Demand
    is_open: bool


# See `foretelling`; what the relay has marked was told longer ago than it takes to keep it.
IS_FORETOLD = text(f"""
    SELECT EXISTS (
        SELECT FROM outbox o WHERE o.published_at IS NULL AND o.type = '{DemandMatched.type}' AND o.version = 1
            AND NOT EXISTS (SELECT FROM demands d WHERE d.id = o.aggregate_id))
""")
LOOKS, LOOK_AGAIN_S = 200, 0.005
# An empty state: it ended before its beginning was told.
KEPT = text("""
    SELECT state::text AS state, status FROM demands WHERE id = :demand AND kind = :kind AND state <> '{}'::jsonb
""")
PAGE_RANKED = text("""
    SELECT m.offer_id, m.organisation_id, m.score, m.reasons::text AS reasons, s.state::text AS supply
    FROM (
        SELECT DISTINCT ON (organisation_id) * FROM matches WHERE demand_id = :demand
        ORDER BY organisation_id, score DESC, offer_id
    ) m JOIN supplies s ON s.id = m.offer_id
    ORDER BY m.score DESC, m.offer_id LIMIT :most
""")
PAGE_NEAREST = text("""
    SELECT n.offer_id, n.organisation_id, n.score, n.gap::text AS gap, s.state::text AS supply
    FROM (
        SELECT DISTINCT ON (organisation_id) * FROM near_misses o WHERE demand_id = :demand
            AND NOT EXISTS (
                SELECT FROM matches m WHERE m.demand_id = o.demand_id AND m.organisation_id = o.organisation_id)
        ORDER BY organisation_id, score DESC, offer_id
    ) n JOIN supplies s ON s.id = n.offer_id
    ORDER BY n.score DESC, n.offer_id LIMIT :most
""")
TOTAL = text("SELECT count(DISTINCT organisation_id) FROM matches WHERE demand_id = :demand")
COSTS = text("""
    SELECT gap_constraint, count(DISTINCT organisation_id) AS suppliers FROM near_misses WHERE demand_id = :demand
    GROUP BY gap_constraint ORDER BY suppliers DESC, gap_constraint
""")
# Its author may put the last day off: it is kept, and comes back to those whom it fits.
_TAKES_ANSWERS = """
    JOIN demands d ON d.id = f.demand_id AND d.status = 'open' AND coalesce(d.deadline_on >= :today, true)"""
# An organisation with several offers sees a demand once, by its best offer.
FOR_ORGANISATION = text(f"""
    SELECT f.*, d.state::text AS demand FROM (
        SELECT DISTINCT ON (m.demand_id) m.demand_id, m.offer_id, m.score, m.reasons::text AS reasons, m.matched_at
        FROM matches m WHERE m.organisation_id = :organisation
        ORDER BY m.demand_id, m.score DESC, m.offer_id
    ) f
    {_TAKES_ANSWERS}
    ORDER BY f.matched_at DESC, f.score DESC, f.demand_id LIMIT :most
""")
ALMOST_FOR_ORGANISATION = text(f"""
    SELECT f.*, d.state::text AS demand FROM (
        SELECT DISTINCT ON (n.demand_id) n.demand_id, n.offer_id, n.score, n.gap::text AS gap
        FROM near_misses n WHERE n.organisation_id = :organisation
            AND NOT EXISTS (SELECT FROM matches m WHERE m.demand_id = n.demand_id AND m.organisation_id = :organisation)
        ORDER BY n.demand_id, n.score DESC, n.offer_id
    ) f
    {_TAKES_ANSWERS}
    ORDER BY f.score DESC, f.demand_id LIMIT :most
""")
MINE = text("""
    SELECT score, reasons::text AS reasons, NULL AS gap FROM matches
    WHERE demand_id = :demand AND organisation_id = :organisation
    UNION ALL
    SELECT score, NULL, gap::text FROM near_misses WHERE demand_id = :demand AND organisation_id = :organisation
    ORDER BY reasons NULLS LAST, score DESC LIMIT 1
""")
HAS_OFFERS = text("""
    SELECT EXISTS (SELECT FROM supplies WHERE organisation_id = :organisation AND status <> 'withdrawn')
""")


async def until_kept(session: AsyncSession) -> None:
    """Wait a moment for what was told before it was kept: who comes because of it must find it."""
    for _ in range(LOOKS):
        if not await session.scalar(IS_FORETOLD):
            return
        await asyncio.sleep(LOOK_AGAIN_S)


async def kept_demand(session: AsyncSession, demand_id: UUID, *, kind: str) -> KeptDemand | None:
    """A demand that matching has heard of."""
    row = (await session.execute(KEPT, {"demand": demand_id, "kind": kind})).first()
    if row is None:
        await until_kept(session)
        row = (await session.execute(KEPT, {"demand": demand_id, "kind": kind})).first()
    return KeptDemand(Demand.model_validate_json(row.state), row.status == "open") if row else None


async def page_of_matches(session: AsyncSession, demand_id: UUID, *, most: int) -> tuple[int, Sequence[Row[Any]]]:
    """How many fit, and the best of them with their supplies."""
    total: int = await session.scalar(TOTAL, {"demand": demand_id}) or 0
    return total, (await session.execute(PAGE_RANKED, {"demand": demand_id, "most": most})).all()


async def page_of_near_misses(session: AsyncSession, demand_id: UUID, *, most: int) -> Sequence[Row[Any]]:
    """The best near misses with their supplies."""
    return (await session.execute(PAGE_NEAREST, {"demand": demand_id, "most": most})).all()


async def costs(session: AsyncSession, demand_id: UUID) -> list[tuple[str, int]]:
    """Per constraint how many good suppliers it alone keeps out."""
    return [(row.gap_constraint, row.suppliers) for row in await session.execute(COSTS, {"demand": demand_id})]


async def for_organisation(
    session: AsyncSession, organisation_id: UUID, *, today: date, most: int
) -> Sequence[Row[Any]]:
    """What fits the organisation and still takes answers, newest first."""
    asked = {"organisation": organisation_id, "today": today, "most": most}
    return (await session.execute(FOR_ORGANISATION, asked)).all()


async def almost_for_organisation(
    session: AsyncSession, organisation_id: UUID, *, today: date, most: int
) -> Sequence[Row[Any]]:
    """What would fit it but for one condition and still takes answers, best first."""
    asked = {"organisation": organisation_id, "today": today, "most": most}
    return (await session.execute(ALMOST_FOR_ORGANISATION, asked)).all()


async def mine(session: AsyncSession, demand_id: UUID, organisation_id: UUID) -> Row[Any] | None:
    """How one demand fits one organisation: its best match, else its best near miss."""
    found = await session.execute(MINE, {"demand": demand_id, "organisation": organisation_id})
    return found.first()


async def has_offers(session: AsyncSession, organisation_id: UUID) -> bool:
    """True when the organisation has an offer, paused or not."""
    return bool(await session.scalar(HAS_OFFERS, {"organisation": organisation_id}))
