"""What happens when catalog tells how gifts go, and what a coordinator found: whoever is to know is told once."""

from typing import Any
from uuid import uuid5

from sqlalchemy.ext.asyncio import AsyncSession

from services.notifications.inbox.models import Topic
from services.notifications.inbox.telling import tell_editors, tell_step
from shared.events.eligibility import EligibilityChecked, EligibilityEvent, EligibilityRefused
from shared.events.gifts import (
    GiftDelivered,
    GiftEvent,
    GiftPromised,
    GiftReceiptCancelled,
    GiftReceipted,
    GiftSheetSigned,
    GiftValued,
    GiftWithdrawn,
)
from shared.messaging.handling import Handlers


async def on_gift(session: AsyncSession, event: GiftEvent) -> None:
    """Tell it once: to both of a promise, else to the other side."""
    await tell_step(session, Topic.GIFT, event, "gift", kind=event.kind.value, **_said(event))


def _said(event: GiftEvent) -> dict[str, Any]:
    """Which sentence it is, and what that one needs."""
    match event:
        case GiftPromised():
            return {"step": "to-give" if event.organisation_id == event.donor_id else "to-receive"}
        case GiftDelivered():
            step = "to-sign" if event.to_sign else "differs" if event.differs else "delivered"
            return {"step": step}
        case GiftReceipted():
            return {"step": "issued", "paper": event.paper.value, "number": f"{event.year}-{event.number:04d}"}
        case GiftReceiptCancelled():
            number, by = f"{event.year}-{event.number:04d}", f"{event.replaced_in}-{event.replaced_by:04d}"
            return {"step": "cancelled", "paper": event.paper.value, "number": number, "by": by}
    return {"step": event.type.split(".")[2]}


async def on_eligibility(session: AsyncSession, event: EligibilityEvent) -> None:
    """An organisation hears what a coordinator found."""
    is_refused = isinstance(event, EligibilityRefused)
    await tell_editors(
        session,
        Topic.ELIGIBILITY,
        organisation_id=event.organisation_id,
        told_for=uuid5(event.legal_entity_id, f"{event.code} {event.version}"),
        params={
            "about_kind": "eligibility",
            "about_id": str(event.organisation_id),
            "code": event.code,
            "is_refused": is_refused,
        },
    )


HANDLERS: Handlers = {
    **dict.fromkeys(
        (
            GiftPromised,
            GiftValued,
            GiftDelivered,
            GiftSheetSigned,
            GiftReceipted,
            GiftReceiptCancelled,
            GiftWithdrawn,
        ),
        on_gift,
    ),
    **dict.fromkeys((EligibilityChecked, EligibilityRefused), on_eligibility),
}
