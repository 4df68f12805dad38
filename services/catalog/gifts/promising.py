"""How a gift begins and ends without being given: from an agreement that runs, or from a pledge that is confirmed."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.catalog.audit.actor import Actor
from services.catalog.audit.commands import note
from services.catalog.gifts.content import Promised
from services.catalog.gifts.models import Gift
from services.catalog.gifts.queries import gift_from, names_of, settlements_behind
from services.catalog.payments.models import OPEN, State
from shared.database import new_id
from shared.events.gifts import GiftEvent, GiftKind, GiftPromised
from shared.messaging.outbox import record


async def promise_gift(
    session: AsyncSession,
    *,
    kind: GiftKind,
    donor_id: UUID,
    recipient_id: UUID,
    agreement_id: UUID | None = None,
    pledge_id: UUID | None = None,
    title: str,
    lines: Sequence[Promised] = (),
    cents: int | None = None,
    now: datetime,
    by: Actor | None = None,
) -> Gift:
    """The gift of an agreement or of a pledge; promised already, it is that one. Both sides hear of a new one."""
    known = await gift_from(session, agreement_id=agreement_id, pledge_id=pledge_id)
    if known is not None:
        return known
    gift = Gift(
        id=new_id(),
        kind=kind,
        agreement_id=agreement_id,
        pledge_id=pledge_id,
        donor_id=donor_id,
        recipient_id=recipient_id,
        version=0,
        title=title,
        line_data=[each.model_dump(mode="json") for each in lines],
        cents=cents,
        promised_at=now,
    )
    session.add(gift)
    both = [GiftPromised(**gift.told(side, now), cents=cents) for side in (donor_id, recipient_id)]
    await tell(session, gift, *both)
    await note_about(session, by, gift, "gift.promised")
    return gift


async def call_off_gift(session: AsyncSession, agreement_id: UUID, *, by: Actor, now: datetime) -> None:
    """The agreement of a gift was cancelled: what has not arrived will not; what has arrived was given."""
    gift = await gift_from(session, agreement_id=agreement_id, pledge_id=None)
    if gift is None or gift.delivered_at is not None:
        return
    paid = await settlements_behind(session, gift, by.organisation_id)
    if any(each.state not in (*OPEN, State.VOIDED) for each in paid):
        # Its money is there, or said to be: what becomes of that is said at its settlement.
        return
    other = gift.recipient_id if by.organisation_id == gift.donor_id else gift.donor_id
    event = gift.withdraw(tell=other, at=now)
    if event is not None:
        await tell(session, gift, event)
        await note_about(session, by, gift, "gift.withdrawn")


async def tell(session: AsyncSession, gift: Gift, *events: GiftEvent) -> None:
    """Record what happened to a gift, each event with the name of who stands across from its hearer."""
    names = await names_of(session, [gift.donor_id, gift.recipient_id])
    for event in events:
        across = gift.donor_id if event.organisation_id == gift.recipient_id else gift.recipient_id
        await session.flush()
        await record(session, event.model_copy(update={"partner_name": names.get(across, "")}))


async def note_about(session: AsyncSession, by: Actor | None, gift: Gift, action: str, **details: Any) -> None:
    """Add the line that says who did what with a gift; a pledge's may be promised by the machine."""
    origin = {"agreement": str(gift.agreement_id)} if gift.agreement_id else {"pledge": str(gift.pledge_id)}
    member, organisation = (by.member_id, by.organisation_id) if by else (None, gift.donor_id)
    await note(session, member, organisation, action, about=gift.id, kind=gift.kind, **origin, **details)
