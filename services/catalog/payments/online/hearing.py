"""Notices of Stripe: kept once as they come, then worked through, each by reading again what it is about."""

from datetime import datetime

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from services.catalog.payments.online.applying import apply_account, apply_checkout, apply_dispute, apply_payment
from services.catalog.payments.online.gateway import Gateway, Refused
from services.catalog.payments.online.queries import event_locked, events_due
from services.catalog.payments.online.seen import AccountSeen, CheckoutSeen, DisputeSeen, PaymentSeen
from shared.database import Database, now_of
from shared.fault import failpoint
from shared.observability.pulse import beat, every

log = structlog.get_logger(__name__)

TIMER_S = 1.0
SOURCE = "stripe"

Reading = PaymentSeen | CheckoutSeen | DisputeSeen | AccountSeen


async def read_about(gateway: Gateway, kind: str, object_id: str) -> Reading | None:
    """What a notice is about, as it is now; None for what changes nothing here."""
    if not object_id:
        return None
    if kind.startswith("checkout.session."):
        return await gateway.checkout(object_id)
    if kind.startswith("charge.dispute."):
        return await gateway.dispute(object_id)
    if kind.startswith(("payment_intent.", "charge.", "refund.")):
        return await gateway.payment(object_id)
    if kind.startswith("v2.core.account[") or kind == "v2.core.account.updated":
        return await gateway.account(object_id)
    return None


async def apply(session: AsyncSession, reading: Reading | None, now: datetime) -> None:
    """Bring what was read into the ledger."""
    match reading:
        case PaymentSeen():
            await apply_payment(session, reading, now)
        case CheckoutSeen():
            await apply_checkout(session, reading, now)
        case DisputeSeen():
            await apply_dispute(session, reading, now)
        case AccountSeen():
            await apply_account(session, reading, now)


async def work_through(gateway: Gateway, database: Database) -> int:
    """Work through the notices that are due; returns how many there were. What fails is put off, and nobody waits."""
    async with database.sessions.begin() as session:
        due = await events_due(session, now_of(session))
    for name in due:
        beat()
        try:
            await _handle(gateway, database, name)
        except Exception as error:
            log.exception("stripe_event_failed", notice=name[0])
            await _put_off(database, name, repr(error))
    return len(due)


async def _handle(gateway: Gateway, database: Database, name: tuple[str, str]) -> None:
    async with database.sessions.begin() as session:
        event = await event_locked(session, name)
    if event is None:
        return
    try:
        reading = await read_about(gateway, event.kind, event.object_id)
    except Refused as refused:
        # Another installation's, or gone: nothing of ours.
        log.info("stripe_knows_no_such", notice=name[0], kind=event.kind, said=str(refused))
        reading = None
    await failpoint("stripe.read", event.kind)
    async with database.sessions.begin() as session:
        event = await event_locked(session, name)
        if event is None:
            return
        await apply(session, reading, now_of(session))
        event.due_at = None
    await failpoint("stripe.handled", event.kind)


async def _put_off(database: Database, name: tuple[str, str], said: str) -> None:
    async with database.sessions.begin() as session:
        event = await event_locked(session, name)
        if event is not None:
            event.put_off(now_of(session), said)


async def hear_for_ever(gateway: Gateway, database: Database) -> None:
    """Work through what comes, for ever; any number of timers may run."""
    async for _ in every(TIMER_S):
        while await work_through(gateway, database):
            beat()
