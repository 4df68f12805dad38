"""Every SELECT about what became of one match: its changes, its solicitation, its organisation's share."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncSession

from services.matching.ranking.sides import Demand

# An empty state: it ended before its beginning was told.
DEMAND = text("SELECT state::text AS state, status FROM demands WHERE id = :demand AND state <> '{}'::jsonb")
# Years of small changes would hide the rest; the newest are kept.
MOST = 200
CHANGES = text(f"""
    SELECT h.change, h.score, h.reasons::text AS reasons, h.weights, h.at, h.offer_id,
           s.state ->> 'title' AS offer_title, s.state ->> 'supplier_name' AS supplier_name
    FROM match_history h LEFT JOIN supplies s ON s.id = h.offer_id
    WHERE h.demand_id = :demand AND h.organisation_id = :organisation
    ORDER BY h.id DESC LIMIT {MOST}
""")
ASKED = text("""
    SELECT s.wave, s.score, s.due_at, s.solicited_at, s.rank, s.weights, s.bonus, s.chosen, s.propensity, s.offer_id,
           o.state ->> 'title' AS offer_title, o.state ->> 'supplier_name' AS supplier_name
    FROM solicitations s LEFT JOIN supplies o ON o.id = s.offer_id
    WHERE s.demand_id = :demand AND s.organisation_id = :organisation
""")
SHARE = text("""
    SELECT (SELECT fair FROM exposures WHERE organisation_id = :organisation) AS fair,
           (SELECT count(*) FROM solicitations WHERE organisation_id = :organisation AND solicited_at > :since
            AND chosen IS DISTINCT FROM 'everyone') AS asked
""")


async def demand_known(session: AsyncSession, demand_id: UUID) -> tuple[Demand, bool] | None:
    """A demand that matching has heard of, and whether it is open."""
    row = (await session.execute(DEMAND, {"demand": demand_id})).first()
    return (Demand.model_validate_json(row.state), row.status == "open") if row else None


async def changes_of(session: AsyncSession, demand_id: UUID, organisation_id: UUID) -> Sequence[Row[Any]]:
    """What became of an organisation's matches with a demand, newest first."""
    return (await session.execute(CHANGES, {"demand": demand_id, "organisation": organisation_id})).all()


async def asked_about(session: AsyncSession, demand_id: UUID, organisation_id: UUID) -> Row[Any] | None:
    """When an organisation was asked about a demand, or is to be."""
    return (await session.execute(ASKED, {"demand": demand_id, "organisation": organisation_id})).first()


async def share_of(session: AsyncSession, organisation_id: UUID, *, since: Any) -> Row[Any]:
    """An organisation's fair share as it was counted last (None before that), and what it got since."""
    return (await session.execute(SHARE, {"organisation": organisation_id, "since": since})).one()
