"""Give a mandate to bill, and end it."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.catalog.accounts.queries import wait_for_turn
from services.catalog.audit.commands import note
from services.catalog.organisations.queries import organisation_acting
from services.catalog.payments.mandates.errors import GivenAlready, NobodyPays, OwnersSign
from services.catalog.payments.mandates.models import BillingMandate
from services.catalog.payments.mandates.queries import latest_between, mandate_between, mandate_to_end
from shared.database import new_id
from shared.identity import Identity, Role
from shared.messaging.outbox import record


async def give_mandate(
    session: AsyncSession, payee: Identity, *, payer_id: UUID, words: str, now: datetime
) -> BillingMandate:
    """Let who pays write one's invoices; `words` are what its giver read."""
    _refuse_others(payee)
    await organisation_acting(session, payee.organisation_id)
    latest = await latest_between(session, payee_id=payee.organisation_id, payer_id=payer_id)
    if latest is None:
        raise NobodyPays
    await wait_for_turn(session, f"mandate:{payee.organisation_id}:{payer_id}")
    if await mandate_between(session, payee_id=payee.organisation_id, payer_id=payer_id):
        raise GivenAlready
    mandate = BillingMandate(
        id=new_id(),
        payee_id=payee.organisation_id,
        payer_id=payer_id,
        payee_name=latest.payee_name,
        payer_name=latest.payer_name,
        words=words.format(payee=latest.payee_name, payer=latest.payer_name),
        version=0,
        given_by=payee.member_id,
        given_at=now,
    )
    event = mandate.begin()
    session.add(mandate)
    await session.flush()
    await record(session, event)
    await note(session, payee.member_id, payee.organisation_id, "mandate.given", about=mandate.id, to=str(payer_id))
    return mandate


async def end_mandate(session: AsyncSession, actor: Identity, *, mandate_id: UUID, now: datetime) -> BillingMandate:
    """End it, as the one who gave it or the one who was given it."""
    mandate = await mandate_to_end(session, mandate_id, actor.organisation_id)
    _refuse_others(actor)
    event = mandate.end(actor.organisation_id, now)
    await session.flush()
    await record(session, event)
    await note(session, actor.member_id, actor.organisation_id, "mandate.ended", about=mandate.id)
    return mandate


def _refuse_others(actor: Identity) -> None:
    if not actor.may(Role.OWNER):
        raise OwnersSign
