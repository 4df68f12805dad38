"""Every SELECT on matches: rankings, near misses, what fits an organisation."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncSession

from services.matching.ranking.sides import Demand

RANKED = text("""
    SELECT m.demand_id, m.id AS match_id, m.offer_id, m.organisation_id, m.score, m.reasons::text AS reasons,
           s.state ->> 'supplier_name' AS organisation_name
    FROM unnest(CAST(:demands AS uuid[])) AS d (id)
    CROSS JOIN LATERAL (
        SELECT * FROM matches WHERE demand_id = d.id ORDER BY score DESC, offer_id LIMIT :most
    ) m
    JOIN supplies s ON s.id = m.offer_id
    ORDER BY m.demand_id, m.score DESC, m.offer_id
""")
NEAREST = text("""
    SELECT n.demand_id, n.offer_id, n.organisation_id, n.score, n.gap::text AS gap, n.gap_constraint,
           s.state ->> 'supplier_name' AS organisation_name
    FROM unnest(CAST(:demands AS uuid[])) AS d (id)
    CROSS JOIN LATERAL (
        SELECT * FROM near_misses WHERE demand_id = d.id ORDER BY score DESC, offer_id LIMIT :most
    ) n
    JOIN supplies s ON s.id = n.offer_id
    ORDER BY n.demand_id, n.score DESC, n.offer_id
""")
STANDINGS = text("""
    SELECT d.id, d.status, d.revision, d.told, d.state::text AS state,
           (SELECT count(*) FROM matches m WHERE m.demand_id = d.id) AS total
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
    rows = await session.execute(STANDINGS, {"demands": list(demand_ids)})
    return [_standing(row) for row in rows]


def _standing(row: Row[Any]) -> Standing:
    return Standing(
        demand=Demand.model_validate_json(row.state),
        is_open=row.status == "open",
        revision=row.revision,
        told=row.told,
        total=row.total,
    )


async def ranked(session: AsyncSession, demand_ids: Collection[UUID], *, most: int) -> dict[UUID, Sequence[Row[Any]]]:
    """The best matches of each demand, best first; equal scores by offer id, so that the order is always the same."""
    return _by_demand((await session.execute(RANKED, {"demands": list(demand_ids), "most": most})).all())


async def nearest(session: AsyncSession, demand_ids: Collection[UUID], *, most: int) -> dict[UUID, Sequence[Row[Any]]]:
    """The best near misses of each demand."""
    return _by_demand((await session.execute(NEAREST, {"demands": list(demand_ids), "most": most})).all())


def _by_demand(rows: Sequence[Row[Any]]) -> dict[UUID, Sequence[Row[Any]]]:
    found: dict[UUID, list[Row[Any]]] = defaultdict(list)
    for row in rows:
        found[row.demand_id].append(row)
    return dict(found)
