"""Re-match one demand or one supply, both ways the same: find, judge, settle, tell."""

import asyncio
from collections.abc import Awaitable
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.matching.index import Index
from services.matching.index.compiled.market import CompiledIndex, market_of
from services.matching.matches.foretelling import recall
from services.matching.matches.judging import Judged, judged, judged_by_memory
from services.matching.matches.queries import Standing
from services.matching.matches.settling import settle, settle_first
from services.matching.matches.telling import best_of_organisations, tell, tell_one
from services.matching.ranking.score import Verdict, judge
from services.matching.ranking.sides import Demand, Supply
from services.matching.ranking.weights import weights
from shared.clock import day_of
from shared.database import now_of


class Held(NamedTuple):
    """What was told of a demand so far: the number of its rankings, and the last of them.

    `is_first` where nothing was kept of it before.
    """

    revision: int
    told: dict[str, Any] | None
    is_first: bool = False


async def match_demand(
    session: AsyncSession, demand: Demand, keeping: Awaitable[Held | None], foretold: Judged | None = None
) -> None:
    """A demand was told: match it once it is kept, unless `keeping` finds that it is none any more.

    While the database takes the turn and writes, the demand is judged by what memory holds, unless it was `foretold` by
    it. That stands if the database then knows of no other supply.
    """
    index = CompiledIndex(session)
    if foretold is None:
        kept = asyncio.ensure_future(keeping)
        try:
            # The question is on its way to the database while we judge.
            await asyncio.sleep(0)
            foretold = judged_by_memory(market_of(session), demand, today=day_of(now_of(session)))
        finally:
            held = await kept
    else:
        held = await keeping
    if held is None:
        await _correct(session, demand.id)
        return
    verdicts, foreseen = foretold
    if foreseen is None or not await index.holds(foreseen):
        verdicts = await _judged(session, index, demand)
    await _settle_demand(session, demand, verdicts, held)


async def _correct(session: AsyncSession, demand_id: UUID) -> None:
    """Of a demand that changed or stopped before this was handled, something may have been told: tell what became."""
    recalled = await recall(session, demand_id)
    if recalled is None:
        return
    if recalled.is_open:
        held = Held(recalled.revision, recalled.told)
        await rematch_demand(session, Demand.model_validate_json(recalled.state), held)
    else:
        await unmatch_demand(session, demand_id)


async def rematch_demand(session: AsyncSession, demand: Demand, held: Held) -> None:
    """A demand that is kept is judged again, by whoever has the turn."""
    await _settle_demand(session, demand, await _judged(session, CompiledIndex(session), demand), held)


async def _judged(session: AsyncSession, index: Index, demand: Demand) -> list[Verdict]:
    return judged(demand, await index.candidates(demand), today=day_of(now_of(session)))


async def _settle_demand(session: AsyncSession, demand: Demand, verdicts: list[Verdict], held: Held) -> None:
    now, (revision, told, is_first) = now_of(session), held
    fitting = best_of_organisations(verdicts)
    standing = Standing(demand, is_open=True, revision=revision, told=told, total=len(fitting))
    # Also when nothing moved: its title may have changed, or nobody fits and that was never told.
    if is_first and fitting:
        # INVARIANT: whoever writes the first match or near miss of a demand also tells its first ranking.
        settled, writes = settle_first(verdicts, at=now)
        await tell_one(session, standing, fitting, settled, is_first=True, beside=writes)
    else:
        settled = await settle(session, verdicts, scope="demand_id", scope_id=demand.id, at=now)
        await tell_one(session, standing, fitting, settled, is_first=is_first)


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
