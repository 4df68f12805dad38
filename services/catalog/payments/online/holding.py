"""What a card holds until all is done: taken then, or let go.

Where nobody asks in time Stripe lets it go, and it is owed as before.
"""

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.catalog.audit.actor import Actor
from services.catalog.audit.commands import note
from services.catalog.payments.commands import settlement_of_payee, settlement_of_payer
from services.catalog.payments.errors import NothingHeld
from services.catalog.payments.models import Settlement
from services.catalog.payments.online.calling import begin
from services.catalog.payments.online.models import OnlinePayment, What
from services.catalog.payments.online.queries import calls_about, held_for, held_under

ACTIONS = {What.CAPTURE: "settlement.capture-asked", What.CANCEL: "settlement.release-asked"}


async def take_held(
    session: AsyncSession, payer: Actor, *, settlement_id: UUID, now: datetime, seen: int | None = None
) -> Settlement:
    """Take what one's card holds for a settlement, before both say that all is done; raises `NothingHeld`."""
    settlement = await settlement_of_payer(session, payer, settlement_id, seen)
    await _end(
        session, payer, What.CAPTURE, await _held(session, settlement), agreement_id=settlement.agreement_id, now=now
    )
    return settlement


async def release_held(
    session: AsyncSession, payee: Actor, *, settlement_id: UUID, now: datetime, seen: int | None = None
) -> Settlement:
    """Let one's payer's card go, as who was to be paid; it is owed as before. Raises `NothingHeld`."""
    settlement = await settlement_of_payee(session, payee, settlement_id, seen)
    await _end(
        session, payee, What.CANCEL, await _held(session, settlement), agreement_id=settlement.agreement_id, now=now
    )
    return settlement


async def end_holds(session: AsyncSession, actor: Actor, agreement_id: UUID, now: datetime, *, is_done: bool) -> None:
    """Take what cards hold under an agreement that is done, or let it go under one that was cancelled."""
    for payment in await held_under(session, agreement_id):
        what = What.CAPTURE if is_done else What.CANCEL
        await _end(session, actor, what, payment, agreement_id=agreement_id, now=now)


async def _held(session: AsyncSession, settlement: Settlement) -> OnlinePayment:
    payment = await held_for(session, settlement.id)
    if payment is None:
        raise NothingHeld
    return payment


async def _end(
    session: AsyncSession, actor: Actor, what: What, payment: OnlinePayment, *, agreement_id: UUID, now: datetime
) -> None:
    asked = await calls_about(session, payment.settlement_id, what)
    if any(each.parameters["to"] == payment.intent_id for each in asked):
        return
    await begin(
        session, what, payment.settlement_id, organisation_id=actor.organisation_id,
        parameters={"to": payment.intent_id}, now=now, number=len(asked) + 1,
    )  # fmt: skip
    about, agreement = payment.settlement_id, str(agreement_id)
    await note(session, actor.member_id, actor.organisation_id, ACTIONS[what], about=about, agreement=agreement)
