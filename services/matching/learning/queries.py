"""Every SELECT of learning: who was asked about what, who fitted and was not, and what came of it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from shared.database.statement import Statement

# Of those who fitted and were not asked as many as a ranking tells; the rest changes no first ten.
MOST_NOT_ASKED = 50

# What was measured when a supplier was asked is what its history said last before; what it had said before it was asked
# is no answer to that.
ASKED = Statement("""
    SELECT s.demand_id, s.organisation_id, s.solicited_at AS at, s.rank, s.score, s.weights, s.chosen, s.propensity,
           h.measures, a.answer, a.reason
    FROM solicitations s
    JOIN LATERAL (
        SELECT measures FROM match_history
        WHERE demand_id = s.demand_id AND offer_id = s.offer_id AND at <= s.solicited_at AND measures IS NOT NULL
        ORDER BY id DESC LIMIT 1
    ) h ON true
    LEFT JOIN answers a ON a.demand_id = s.demand_id AND a.organisation_id = s.organisation_id
        AND a.answer <> 'withdrawn' AND a.answered_at >= s.solicited_at
    WHERE s.solicited_at >= :since AND s.solicited_at < :until AND s.propensity IS NOT NULL
    ORDER BY s.solicited_at, s.demand_id, s.organisation_id
""")
NOT_ASKED = Statement(f"""
    WITH asked AS (
        SELECT demand_id, min(solicited_at) AS at FROM solicitations
        WHERE solicited_at >= :since AND solicited_at < :until AND propensity IS NOT NULL GROUP BY demand_id
    ), fitted AS (
        SELECT DISTINCT ON (h.demand_id, h.organisation_id)
               h.demand_id, h.organisation_id, k.at, h.score, h.weights, h.measures
        FROM asked k JOIN match_history h ON h.demand_id = k.demand_id AND h.at <= k.at
        WHERE h.measures IS NOT NULL AND NOT EXISTS (
            SELECT FROM solicitations s WHERE s.demand_id = h.demand_id AND s.organisation_id = h.organisation_id
            AND s.solicited_at < :until)
        ORDER BY h.demand_id, h.organisation_id, h.score DESC, h.id DESC
    ), placed AS (
        SELECT *, row_number() OVER (PARTITION BY demand_id ORDER BY score DESC, organisation_id) AS place FROM fitted
    )
    SELECT demand_id, organisation_id, at, score, weights, measures FROM placed WHERE place <= {MOST_NOT_ASKED}
    ORDER BY at, demand_id, organisation_id
""")
OPEN_DEMANDS = Statement("""
    SELECT id FROM demands WHERE status = 'open' AND (CAST(:after AS uuid) IS NULL OR id > CAST(:after AS uuid))
    ORDER BY id LIMIT :most
""")


async def asked(session: AsyncSession, *, since: datetime, until: datetime) -> Sequence[Any]:
    """Everybody who was asked in that time, with what was measured then and what they answered."""
    return await ASKED.fetch(session, since=since, until=until)


async def not_asked(session: AsyncSession, *, since: datetime, until: datetime) -> Sequence[Any]:
    """Who fitted the same demands when their first was asked, and never was."""
    return await NOT_ASKED.fetch(session, since=since, until=until)
