"""What happens when catalog tells of needs, flows and lots."""

from functools import partial

from sqlalchemy.ext.asyncio import AsyncSession

from services.matching.db import in_order
from services.matching.demands.commands import Stop, Stopping, ends_at, keep_demand, keep_lot, stop_demand
from services.matching.matches.commands import match_demand, unmatch_demand
from services.matching.matches.foretelling import foretell
from services.matching.matches.judging import Judged
from services.matching.ranking.reading import demand_of_flow, demand_of_need
from services.matching.ranking.sides import Demand
from services.matching.waves.commands import hurry
from shared.database import Database
from shared.events.catalog import (
    FlowPaused,
    FlowPublished,
    FlowState,
    FlowTaken,
    FlowUpdated,
    FlowWithdrawn,
    LotChanged,
    LotExpired,
    LotReleased,
    LotState,
    NeedClosed,
    NeedPublished,
    NeedState,
    NeedUpdated,
    NeedWithdrawn,
)
from shared.messaging.handling import Foretellers, Handler, Handlers


async def on_need(session: AsyncSession, event: NeedState, *, foretold: Judged | None = None) -> None:
    """A need is open, or changed."""
    await _open(session, demand_of_need(event), foretold)


async def foretell_need(database: Database, event: NeedPublished) -> Handler:
    """A need is new: who fits it is told at once, and kept after it."""
    found = await foretell(database, demand_of_need(event, is_searched=False))
    return partial(on_need, foretold=found)


async def on_flow(session: AsyncSession, event: FlowState, *, foretold: Judged | None = None) -> None:
    """A flow is open, or changed, or runs again. It is matched once; its lots inherit."""
    await _open(session, demand_of_flow(event), foretold)


async def foretell_flow(database: Database, event: FlowPublished) -> Handler:
    """A flow is new: the same."""
    found = await foretell(database, demand_of_flow(event, is_searched=False))
    return partial(on_flow, foretold=found)


async def _open(session: AsyncSession, demand: Demand, foretold: Judged | None) -> None:
    await match_demand(session, demand, keep_demand(session, demand), foretold)


async def on_stop(session: AsyncSession, event: Stopping) -> None:
    """A need or a flow is no more, or a flow waits or is all taken: it disappears until it runs again."""
    stop = Stop.of(event)
    await in_order(session)
    if await stop_demand(session, stop):
        await unmatch_demand(session, stop.id)


async def on_lot(session: AsyncSession, event: LotState) -> None:
    """A lot may be taken: when it has not long to live, nobody waits for a wave."""
    await in_order(session)
    if await keep_lot(session, event, is_open=True) and event.left != 0:
        await hurry(session, event.flow_id, expires_at=ends_at(event))


async def on_lot_expired(session: AsyncSession, event: LotExpired) -> None:
    """A lot is gone."""
    await in_order(session)
    await keep_lot(session, event, is_open=False)


FORETELLERS: Foretellers = {NeedPublished: foretell_need, FlowPublished: foretell_flow}
HANDLERS: Handlers = {
    NeedPublished: on_need,
    NeedUpdated: on_need,
    NeedWithdrawn: on_stop,
    NeedClosed: on_stop,
    FlowPublished: on_flow,
    FlowUpdated: on_flow,
    FlowPaused: on_stop,
    FlowTaken: on_stop,
    FlowWithdrawn: on_stop,
    LotReleased: on_lot,
    LotChanged: on_lot,
    LotExpired: on_lot_expired,
}
