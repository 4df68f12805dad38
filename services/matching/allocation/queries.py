"""Every SELECT of the allocation: an organisation's open flows, the offers that match them, and what was accepted."""

from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncSession

from services.matching.allocation.market import Candidate
from services.matching.ranking.sides import Demand, Supply

# The split of more would be read by nobody.
MOST_FLOWS, MOST_OFFERS = 50, 50

OPEN_FLOWS = text("""
    SELECT state::text AS state FROM demands
    WHERE organisation_id = :organisation AND kind = 'flow' AND status = 'open' AND state <> '{}'::jsonb
    ORDER BY published_at, id LIMIT :most
""")
# An organisation takes part with its best offer for each flow, as in the ranking; suspended, it takes nothing new.
CANDIDATES = text("""
    SELECT m.demand_id, m.score, m.matched_at, m.reasons::text AS reasons, s.state::text AS supply
    FROM unnest(CAST(:flows AS uuid[])) AS d (id)
    CROSS JOIN LATERAL (
        SELECT * FROM (
            SELECT DISTINCT ON (organisation_id) * FROM matches
            WHERE demand_id = d.id AND NOT is_suspended(organisation_id)
            ORDER BY organisation_id, score DESC, offer_id
        ) best ORDER BY score DESC, offer_id LIMIT :most
    ) m
    JOIN supplies s ON s.id = m.offer_id
    ORDER BY m.demand_id, m.score DESC, m.offer_id
""")
ACCEPTED = text("""
    SELECT DISTINCT ON (a.flow_id) a.id, a.flow_id, a.version, a.accepted_at, a.shares
    FROM allocations a JOIN demands d ON d.id = a.flow_id AND d.status = 'open'
    WHERE a.organisation_id = :organisation ORDER BY a.flow_id, a.version DESC
""")
ONE = text("""
    SELECT id, flow_id, version, accepted_at, shares FROM allocations WHERE id = :id AND organisation_id = :organisation
""")


async def open_flows(session: AsyncSession, organisation_id: UUID) -> list[Demand]:
    """An organisation's open flows, the oldest first."""
    rows = await session.scalars(OPEN_FLOWS, {"organisation": organisation_id, "most": MOST_FLOWS})
    return [Demand.model_validate_json(state) for state in rows]


async def candidates_for(session: AsyncSession, flow_ids: Collection[UUID]) -> list[Candidate]:
    """The best offers that match each flow, the best first."""
    rows = await session.execute(CANDIDATES, {"flows": list(flow_ids), "most": MOST_OFFERS})
    return [
        Candidate(row.demand_id, Supply.model_validate_json(row.supply), row.score, row.matched_at, row.reasons)
        for row in rows
    ]


async def accepted_of(session: AsyncSession, organisation_id: UUID) -> Sequence[Row[Any]]:
    """What the organisation accepted last for each of its open flows."""
    return (await session.execute(ACCEPTED, {"organisation": organisation_id})).all()


async def accepted_by_id(session: AsyncSession, allocation_id: UUID, organisation_id: UUID) -> Row[Any] | None:
    """One split that the organisation accepted."""
    return (await session.execute(ONE, {"id": allocation_id, "organisation": organisation_id})).first()
