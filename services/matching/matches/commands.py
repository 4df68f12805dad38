"""Re-match one demand or one supply, both ways the same: find, judge, settle, tell."""

from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.matching.index import Index
from services.matching.index.compiled.market import CompiledIndex
from services.matching.matches.queries import Standing
from services.matching.matches.settling import settle, settle_first
from services.matching.matches.telling import best_of_organisations, tell, tell_one
from services.matching.ranking.score import judge
from services.matching.ranking.sides import Demand, Supply
from services.matching.ranking.weights import weights
from shared.clock import day_of
from shared.database import now_of


async def rematch_demand(session: AsyncSession, demand: Demand, *, revision: int, told: dict[str, Any] | None) -> None:
    """A demand is new or changed: judge it against every supply worth judging; `told` is its last ranking told."""
    now = now_of(session)
    index: Index = CompiledIndex(session)
    judged = [judge(demand, supply, weights(), today=day_of(now)) for supply in await index.candidates(demand)]
    verdicts = [verdict for verdict in judged if verdict is not None]
    fitting = best_of_organisations(verdicts)
    standing = Standing(demand, is_open=True, revision=revision, told=told, total=len(fitting))
    # Also when nothing moved: its title may have changed, or nobody fits and that was never told.
    if revision == 0 and fitting:
        # INVARIANT: whoever writes the first match or near miss of a demand also tells its first ranking.
        settled, writes = settle_first(verdicts, at=now)
        await tell_one(session, standing, fitting, settled, beside=writes)
    else:
        settled = await settle(session, verdicts, scope="demand_id", scope_id=demand.id, at=now)
        await tell_one(session, standing, fitting, settled)


async def rematch_supply(session: AsyncSession, supply: Supply) -> None:
    """A supply is new or changed: judge it against every demand worth judging; the pairs of others stay."""
    now = now_of(session)
    index: Index = CompiledIndex(session)
    judged = [judge(demand, supply, weights(), today=day_of(now)) for demand in await index.demands_for(supply)]
    verdicts = [verdict for verdict in judged if verdict is not None]
    settled = await settle(session, verdicts, scope="offer_id", scope_id=supply.id, at=now)
    await tell(session, settled)


async def unmatch_demand(session: AsyncSession, demand_id: UUID) -> None:
    """A demand stopped: nobody fits it any more."""
    settled = await settle(session, [], scope="demand_id", scope_id=demand_id, at=now_of(session))
    await tell(session, settled._replace(touched=frozenset({demand_id})))


async def unmatch_supply(session: AsyncSession, offer_id: UUID) -> None:
    """A supply stopped: it leaves every ranking."""
    settled = await settle(session, [], scope="offer_id", scope_id=offer_id, at=now_of(session))
    await tell(session, settled)
