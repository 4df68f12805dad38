"""What happens when catalog tells of needs, flows and lots."""

from sqlalchemy.ext.asyncio import AsyncSession

from services.matching.db import in_order
from services.matching.demands.commands import Stop, Stopping, ends_at, keep_demand, keep_lot, stop_demand
from services.matching.matches.commands import rematch_demand, unmatch_demand
from services.matching.ranking.reading import demand_of_flow, demand_of_need
from services.matching.ranking.sides import Demand
from services.matching.waves.commands import hurry
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
from shared.messaging.handling import Handlers


async def on_need(session: AsyncSession, event: NeedState) -> None:
    """A need is open, or changed."""
    await _open(session, demand_of_need(event))


async def on_flow(session: AsyncSession, event: FlowState) -> None:
    """A flow is open, or changed, or runs again. It is matched once; its lots inherit."""
    await _open(session, demand_of_flow(event))


async def _open(session: AsyncSession, demand: Demand) -> None:
    held = await keep_demand(session, demand)
    if held is not None:
        await rematch_demand(session, demand, revision=held.revision, told=held.told)


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
