"""What a signed agreement makes due, to whom and when; and that a cancelled one makes nothing due any more."""

from datetime import date, datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from services.catalog.agreements.content import Content
from services.catalog.agreements.models import Agreement
from services.catalog.audit.actor import Actor
from services.catalog.parameters.definitions import Code
from services.catalog.parameters.models import value_of
from services.catalog.parameters.queries import figures_of
from services.catalog.payments.commands import make_due, void_settlements
from services.catalog.payments.models import Share
from services.catalog.payments.online.holding import end_holds
from shared.clock import day_of


async def settle_agreement(session: AsyncSession, actor: Actor, agreement: Agreement, now: datetime) -> None:
    """Make due what both sides have just signed for."""
    today = day_of(now)
    term = value_of(await figures_of(session, Code.PAYMENT_TERM), Code.PAYMENT_TERM, on=today)
    shares = shares_of(agreement.content, signed_on=today, term_days=int(term))
    await make_due(session, actor, shares, agreement_id=agreement.id, now=now)


async def unsettle_agreement(session: AsyncSession, actor: Actor, agreement: Agreement, now: datetime) -> None:
    """Owe nothing more under an agreement that was cancelled; what was declared or paid stays."""
    await void_settlements(session, actor, agreement.id, now)
    await end_holds(session, actor, agreement.id, now, is_done=False)


async def take_held_for(session: AsyncSession, actor: Actor, agreement: Agreement, now: datetime) -> None:
    """All is done: what cards hold for it is taken."""
    await end_holds(session, actor, agreement.id, now, is_done=True)


def shares_of(content: Content, *, signed_on: date, term_days: int) -> list[Share]:
    """What is due once both have signed: a part a milestone where these have amounts, otherwise all at the end.

    It is to be paid `term_days` after the day on which it is done, as far as that is known; free of charge: nothing.
    """
    total, buyer, supplier = content.total_cents, content.buyer, content.supplier
    payer, payee = (buyer, supplier) if total > 0 else (supplier, buyer)
    end = max(signed_on, content.ends_on or content.starts_on or signed_on)
    parts = [
        (number, each.label, each.cents, max(signed_on, each.due_on or end))
        for number, each in enumerate(content.milestones, start=1)
        if each.cents
    ] or [(0, "", abs(total), end)]
    return [
        Share(
            milestone=milestone,
            step=step,
            title=content.title,
            payer_id=payer.organisation_id,
            payer_name=payer.name,
            payee_id=payee.organisation_id,
            payee_name=payee.name,
            net_cents=cents,
            due_on=done_on + timedelta(days=term_days),
        )
        for milestone, step, cents, done_on in parts
        if cents
    ]
