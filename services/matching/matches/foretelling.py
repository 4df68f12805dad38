"""Tells who fits a new demand before anything of it is kept: the event alone is committed, and on its way at once.

Matches, their history and waves are written after it by who handles the demand anyway, in the turn. That one finds in
the outbox what was told, tells nothing where it holds, and corrects it where the database knew more than memory.
"""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.matching.index.compiled.market import market_at
from services.matching.matches.judging import Judged, judged_by_memory
from services.matching.matches.telling import first_ranking
from services.matching.ranking.sides import Demand
from shared.clock import day_of
from shared.database import Database
from shared.database.statement import Statement
from shared.events.matching import DemandMatched
from shared.messaging.outbox import record_alone, recording_unless

RECORD_FIRST = recording_unless("EXISTS (SELECT FROM demands WHERE id = aggregate_id)")
RECALL = Statement(f"""
    UPDATE demands d SET revision = o.version, told = jsonb_build_object('misses', NULL,
        'version', CASE WHEN o.ranking <> '[]' THEN o.demand -> 'version' END, 'ranking', o.ranking)
    FROM (
        SELECT version, payload -> 'data' -> 'demand' AS demand, coalesce((
            SELECT jsonb_agg(jsonb_build_array(m ->> 'offer_id', m ->> 'organisation_id', m -> 'score') ORDER BY place)
            FROM json_array_elements(payload -> 'data' -> 'matches') WITH ORDINALITY AS match (m, place)
        ), '[]') AS ranking
        FROM outbox WHERE aggregate_id = :id AND type = '{DemandMatched.type}' ORDER BY version DESC LIMIT 1
    ) o
    WHERE d.id = :id AND (d.revision < o.version
        -- Two replicas at the same moment: one told that nobody fits, under the same number.
        OR d.revision = o.version AND d.told -> 'ranking' IS DISTINCT FROM o.ranking)
    RETURNING d.revision, d.told, d.status = 'open' AS is_open, d.state::text AS state
""")


async def foretell(database: Database, demand: Demand) -> Judged:
    """Tell who fits a demand that nothing is known of yet, if anybody does; returns what was found."""
    found = judged_by_memory(market_at(database), demand, today=day_of(database.now()))
    ranking = first_ranking(demand, found.verdicts)
    if ranking is not None:
        await record_alone(database, ranking, RECORD_FIRST)
    return found


async def recall(session: AsyncSession, demand_id: UUID) -> Any:
    """Write down what was told of a kept demand and not remembered; None when all of it was.

    INVARIANT: no ranking of a demand is told under the number of another one.
    """
    recalled: Sequence[Any] = await RECALL.fetch(session, id=demand_id)
    return recalled[0] if recalled else None
