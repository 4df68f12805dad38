"""Every question asked of what goes through Stripe."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from services.catalog.payments.models import Settlement
from services.catalog.payments.online.models import (
    CallState,
    OnlinePayment,
    PaymentAccount,
    StripeCall,
    StripeEvent,
    What,
)
from services.catalog.payments.online.seen import Event, Standing, Step

AT_ONCE = 50


async def account_of(session: AsyncSession, organisation_id: UUID) -> PaymentAccount | None:
    """What an organisation is paid on, as far as it asked for it."""
    return await session.get(PaymentAccount, organisation_id, populate_existing=True)


async def account_named(session: AsyncSession, account_id: str) -> PaymentAccount | None:
    """The account that Stripe calls so, locked."""
    query = select(PaymentAccount).where(PaymentAccount.account_id == account_id)
    return await session.scalar(query.with_for_update())


async def accounts_to_read(session: AsyncSession) -> Sequence[str]:
    """Accounts that cannot be paid yet: a notice about one may have been lost."""
    query = select(PaymentAccount.account_id).where(PaymentAccount.standing != Standing.ENABLED)
    return (await session.scalars(query.order_by(PaymentAccount.updated_at).limit(AT_ONCE))).all()


async def calls_about(session: AsyncSession, about: UUID, what: What) -> Sequence[StripeCall]:
    """What was asked of one kind about something, the latest first."""
    query = select(StripeCall).where(StripeCall.about == about, StripeCall.what == what)
    return (await session.scalars(query.order_by(StripeCall.number.desc()))).all()


async def put_down(session: AsyncSession, call: StripeCall) -> StripeCall:
    """Keep a call; the one that was kept before, if it was."""
    values = {column.key: getattr(call, column.key) for column in StripeCall.__table__.columns}
    await session.execute(insert(StripeCall).values(values).on_conflict_do_nothing(index_elements=["id"]))
    return await call_locked(session, call.id)


async def call_locked(session: AsyncSession, call_id: UUID) -> StripeCall:
    """One call, locked."""
    query = select(StripeCall).where(StripeCall.id == call_id).with_for_update()
    return (await session.scalars(query.execution_options(populate_existing=True))).one()


async def call_due(session: AsyncSession, now: datetime) -> StripeCall | None:
    """The call that waits longest, locked; None when nobody has to ask anything."""
    query = select(StripeCall).where(StripeCall.state == CallState.BEGUN, StripeCall.due_at <= now)
    return await session.scalar(query.order_by(StripeCall.due_at).limit(1).with_for_update(skip_locked=True))


async def keep_event(session: AsyncSession, event: Event, source: str, now: datetime) -> None:
    """Keep a notice; kept before, nothing happens."""
    values = StripeEvent.values(event, source, now)
    await session.execute(insert(StripeEvent).values(values).on_conflict_do_nothing())


async def events_due(session: AsyncSession, now: datetime) -> Sequence[tuple[str, str]]:
    """The notices that wait longest."""
    query = select(StripeEvent.id, StripeEvent.source).where(StripeEvent.due_at <= now)
    rows = await session.execute(query.order_by(StripeEvent.due_at, StripeEvent.told_at).limit(AT_ONCE))
    return [(row.id, row.source) for row in rows]


async def event_locked(session: AsyncSession, name: tuple[str, str]) -> StripeEvent | None:
    """One notice, locked; None once it is done with, or while somebody else is at it."""
    query = select(StripeEvent).where(StripeEvent.id == name[0], StripeEvent.source == name[1])
    return await session.scalar(query.where(StripeEvent.due_at.is_not(None)).with_for_update(skip_locked=True))


async def last_told_at(session: AsyncSession) -> datetime | None:
    """When Stripe told the latest thing that we know of."""
    return await session.scalar(select(func.max(StripeEvent.told_at)))


async def settlement_of_anybody(session: AsyncSession, settlement_id: UUID) -> Settlement | None:
    """A settlement, locked, for the worker."""
    query = select(Settlement).where(Settlement.id == settlement_id).with_for_update()
    return await session.scalar(query.execution_options(populate_existing=True))


async def payment_named(session: AsyncSession, intent_id: str) -> OnlinePayment | None:
    """The payment that Stripe calls so."""
    return await session.get(OnlinePayment, intent_id, populate_existing=True)


async def payments_of(session: AsyncSession, settlement_id: UUID) -> Sequence[OnlinePayment]:
    """The payments of a settlement, the latest first."""
    query = select(OnlinePayment).where(OnlinePayment.settlement_id == settlement_id)
    return (await session.scalars(query.order_by(OnlinePayment.made_at.desc()))).all()


async def held_for(session: AsyncSession, settlement_id: UUID) -> OnlinePayment | None:
    """The payment of a settlement that a card holds."""
    query = select(OnlinePayment).where(OnlinePayment.settlement_id == settlement_id, OnlinePayment.step == Step.HELD)
    return await session.scalar(query.order_by(OnlinePayment.made_at.desc()).limit(1))


async def held_under(session: AsyncSession, agreement_id: UUID) -> Sequence[OnlinePayment]:
    """What cards hold under an agreement."""
    query = select(OnlinePayment).join(Settlement, Settlement.id == OnlinePayment.settlement_id)
    query = query.where(Settlement.agreement_id == agreement_id, OnlinePayment.step == Step.HELD)
    return (await session.scalars(query.order_by(OnlinePayment.made_at))).all()


async def shares_under(session: AsyncSession, agreement_id: UUID) -> int:
    """How many settlements an agreement made: a payment of one of several is passed on by the platform."""
    query = select(func.count()).select_from(Settlement).where(Settlement.agreement_id == agreement_id)
    return int(await session.scalar(query) or 0)


async def call_that_made(session: AsyncSession, what: What, object_id: str) -> StripeCall | None:
    """The call that something at Stripe comes from, locked."""
    query = select(StripeCall).where(StripeCall.what == what, StripeCall.object_id == object_id)
    return await session.scalar(query.with_for_update())


async def known_events(session: AsyncSession, ids: Sequence[str]) -> set[str]:
    """Which of these notices are kept already."""
    return set((await session.scalars(select(StripeEvent.id).where(StripeEvent.id.in_(ids)))).all())


async def doubtful_calls(session: AsyncSession) -> Sequence[StripeCall]:
    """Calls of which nobody knows whether they were done, the oldest first."""
    query = select(StripeCall).where(StripeCall.state == CallState.DOUBTFUL)
    return (await session.scalars(query.order_by(StripeCall.made_at))).all()
