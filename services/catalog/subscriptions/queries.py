"""Every question asked of subscriptions and of the terms of flows, and the locks of whoever changes one."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, Select, or_, select, union
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import joinedload

from services.catalog.flows.errors import FlowUnknown
from services.catalog.flows.lot import Lot
from services.catalog.flows.models import Flow
from services.catalog.organisations.models import Organisation
from services.catalog.posting.queries import with_author
from services.catalog.subscriptions.errors import SubscriptionUnknown
from services.catalog.subscriptions.models import SERVED, State, Subscription, Terms
from services.catalog.takings.models import Taking
from shared.database.acting import act
from shared.database.versions import refuse_when_changed


def _subscriptions() -> Select[Subscription]:
    return select(Subscription).options(
        joinedload(Subscription.flow).joinedload(Flow.organisation).joinedload(Organisation.legal_entity),
        joinedload(Subscription.organisation),
        joinedload(Subscription.taker).joinedload(Organisation.legal_entity),
    )


def _theirs(organisation_id: UUID) -> ColumnElement[bool]:
    return or_(Subscription.taker_id == organisation_id, Subscription.organisation_id == organisation_id)


async def flow_locked(session: AsyncSession, flow_id: UUID) -> Flow:
    """A published flow, locked as by whoever takes of it; the transaction goes on as its holder.

    Raises `FlowUnknown`.
    """
    holder = await session.scalar(
        select(Flow.organisation_id).where(Flow.id == flow_id, Flow.published_at.is_not(None))
    )
    if holder is None:
        raise FlowUnknown
    await act(session, org=holder)
    query = with_author(Flow).where(Flow.id == flow_id)
    flow = await session.scalar(query.with_for_update(of=Flow).execution_options(populate_existing=True))
    if flow is None:
        raise FlowUnknown
    return flow


async def terms_of(session: AsyncSession, flow_id: UUID) -> Terms | None:
    """On what terms a flow has subscribers, if its holder said so."""
    return await session.get(Terms, flow_id)


async def subscription_seen_by(session: AsyncSession, subscription_id: UUID, organisation_id: UUID) -> Subscription:
    """A subscription as its two organisations may read it; raises `SubscriptionUnknown`."""
    query = _subscriptions().where(Subscription.id == subscription_id, _theirs(organisation_id))
    subscription = await session.scalar(query)
    if subscription is None:
        raise SubscriptionUnknown
    return subscription


async def subscription_locked(session: AsyncSession, subscription_id: UUID) -> Subscription:
    """A subscription, locked after its flow; raises when its caller has seen another version."""
    query = _subscriptions().where(Subscription.id == subscription_id).with_for_update(of=Subscription)
    subscription = await session.scalar(query.execution_options(populate_existing=True))
    if subscription is None:
        raise SubscriptionUnknown
    refuse_when_changed(session, subscription.version)
    return subscription


async def subscription_once(session: AsyncSession, subscription_id: UUID) -> Subscription | None:
    """What a form has asked for already, if it was sent before."""
    return await session.scalar(_subscriptions().where(Subscription.id == subscription_id))


async def asked_of(session: AsyncSession, flow_id: UUID, taker_id: UUID) -> Subscription | None:
    """What a taker asked of a flow and nobody has answered yet."""
    whose = (Subscription.flow_id == flow_id, Subscription.taker_id == taker_id)
    return await session.scalar(_subscriptions().where(*whose, Subscription.state == State.ASKED))


async def running_of(session: AsyncSession, flow_id: UUID, taker_id: UUID) -> Sequence[Subscription]:
    """What a taker has of a flow that is served or paused, locked."""
    whose = (Subscription.flow_id == flow_id, Subscription.taker_id == taker_id)
    is_running = Subscription.state.in_((*SERVED, State.PAUSED))
    query = _subscriptions().where(*whose, is_running).order_by(Subscription.id)
    return (await session.scalars(query.with_for_update(of=Subscription))).all()


async def subscriptions_serving(session: AsyncSession, lot: Lot) -> Sequence[Subscription]:
    """Those that have a part of a lot, locked; in no order that matters."""
    days = (Subscription.from_on <= lot.day, Subscription.until_on >= lot.day)
    query = _subscriptions().where(Subscription.flow_id == lot.flow_id, Subscription.state.in_(SERVED), *days)
    return (await session.scalars(query.order_by(Subscription.id).with_for_update(of=Subscription))).all()


async def subscriptions_on(session: AsyncSession, flow_id: UUID, organisation_id: UUID) -> Sequence[Subscription]:
    """Those of a flow that an organisation may read: all of its own flow, its own of another's; the newest first."""
    query = _subscriptions().where(Subscription.flow_id == flow_id, _theirs(organisation_id))
    return (await session.scalars(query.order_by(Subscription.id.desc()).limit(100))).all()


async def subscriptions_of(
    session: AsyncSession, taker_id: UUID, *, before: UUID | None = None, limit: int = 50
) -> Sequence[Subscription]:
    """What an organisation is subscribed to or asked for, the newest first; `before` is the page before's last id."""
    return await _page(session, Subscription.taker_id == taker_id, before, limit)


async def subscriptions_to(
    session: AsyncSession, organisation_id: UUID, *, before: UUID | None = None, limit: int = 50
) -> Sequence[Subscription]:
    """What others are subscribed to, or asked for, of an organisation's flows, the newest first."""
    return await _page(session, Subscription.organisation_id == organisation_id, before, limit)


async def _page(
    session: AsyncSession, whose: ColumnElement[bool], before: UUID | None, limit: int
) -> Sequence[Subscription]:
    query = _subscriptions().where(whose)
    if before is not None:
        query = query.where(Subscription.id < before)
    return (await session.scalars(query.order_by(Subscription.id.desc()).limit(limit))).all()


async def subscriptions_asked_by(session: AsyncSession, member_id: UUID) -> Sequence[Subscription]:
    """What a member asked for, the first one first; without the flows."""
    query = select(Subscription).where(Subscription.asked_by == member_id)
    return (await session.scalars(query.order_by(Subscription.id))).all()


async def known_takers(session: AsyncSession, flow_id: UUID) -> Sequence[Organisation]:
    """Who took of a flow, or is or was subscribed to it, by name: for its holder."""
    taken = select(Taking.taker_id).where(Taking.flow_id == flow_id)
    subscribed = select(Subscription.taker_id).where(Subscription.flow_id == flow_id)
    query = select(Organisation).where(Organisation.id.in_(union(taken, subscribed)))
    return (await session.scalars(query.order_by(Organisation.name).limit(200))).all()


async def lots_to_serve(session: AsyncSession, now: datetime) -> Sequence[UUID]:
    """Lots that are kept for those who go first, not locked: a flow's lock comes before its lots'."""
    query = select(Lot.id).where(Lot.serve_at <= now).order_by(Lot.serve_at, Lot.id).limit(100)
    return (await session.scalars(query)).all()


async def freed_parts(session: AsyncSession, lot_id: UUID) -> Sequence[Taking]:
    """Parts of a lot that were freed and are still to be offered, the first one first."""
    query = select(Taking).where(Taking.lot_id == lot_id, Taking.passes_on.is_(True))
    return (await session.scalars(query.order_by(Taking.updated_at, Taking.id).with_for_update())).all()
