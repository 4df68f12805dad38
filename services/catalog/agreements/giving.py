"""The gift that an agreement promises: of goods or money once both signed, of skills once its donor says so."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from services.catalog.agreements.content import Focus
from services.catalog.agreements.models import Agreement, AgreementState
from services.catalog.agreements.natures import Side
from services.catalog.gifts.content import Promised
from services.catalog.gifts.models import Gift
from services.catalog.gifts.promising import promise_gift
from shared.events.agreements import Nature
from shared.events.gifts import GiftKind
from shared.identity import Identity


async def promise_given(session: AsyncSession, by: Identity, agreement: Agreement, now: datetime) -> Gift | None:
    """Of a gift: money where somebody pays, else goods, from whom the agreement says to who stands across."""
    content, donor = agreement.content, agreement.content.given_by
    if donor is None or agreement.buyer_id == agreement.supplier_id:
        return None
    cents = -content.total_cents
    lines = [Promised(what=each.what, quantity=each.quantity, unit=each.unit) for each in content.lines]
    return await promise_gift(
        session,
        kind=GiftKind.MONEY if cents > 0 else GiftKind.GOODS,
        donor_id=content.party(donor).organisation_id,
        recipient_id=content.party(donor.other).organisation_id,
        agreement_id=agreement.id,
        title=content.title,
        lines=() if cents > 0 else lines,
        cents=cents if cents > 0 else None,
        now=now,
        by=by,
    )


def gives_skills(agreement: Agreement) -> bool:
    """True where one of its sides may say that it lends people for free."""
    content, stands = agreement.content, (AgreementState.RUNNING, AgreementState.COMPLETED)
    is_free = content.focus is Focus.SKILLS and content.total_cents == 0
    return content.nature is Nature.PARTNERSHIP and is_free and agreement.state in stands


async def promise_lent(session: AsyncSession, donor: Identity, agreement: Agreement, now: datetime) -> Gift:
    """Of skills: from who says so to the other side."""
    content = agreement.content
    across = Side.BUYER if donor.organisation_id == agreement.supplier_id else Side.SUPPLIER
    return await promise_gift(
        session,
        kind=GiftKind.SKILLS,
        donor_id=donor.organisation_id,
        recipient_id=content.party(across).organisation_id,
        agreement_id=agreement.id,
        title=content.title,
        lines=[Promised(what=each.what, quantity=each.quantity, unit=each.unit) for each in content.lines],
        now=now,
        by=donor,
    )
