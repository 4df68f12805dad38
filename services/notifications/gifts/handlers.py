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
    GiftReceiptVoided,
    GiftReturned,
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
    said: dict[str, Any] = {"step": event.type.split(".")[2]}
    match event:
        case GiftPromised():
            said["step"] = "to-give" if event.organisation_id == event.donor_id else "to-receive"
        case GiftDelivered():
            said["step"] = "to-sign" if event.to_sign else "differs" if event.differs else "delivered"
        case GiftReturned():
            is_recipients = event.to_replace and event.organisation_id == event.recipient_id
            said["step"] = "to-replace" if is_recipients else "returned"
        case GiftReceipted():
            said |= {"step": "issued", **_number(event)}
        case GiftReceiptCancelled():
            by = f"{event.replaced_in}-{event.replaced_by:04d}"
            said |= {"step": "cancelled", **_number(event), "by": by}
        case GiftReceiptVoided():
            said |= {"step": "voided", **_number(event)}
    return said


def _number(event: GiftReceipted | GiftReceiptCancelled | GiftReceiptVoided) -> dict[str, str]:
    return {"paper": event.paper.value, "number": f"{event.year}-{event.number:04d}"}


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
            GiftReceiptVoided,
            GiftReturned,
            GiftWithdrawn,
        ),
        on_gift,
    ),
    **dict.fromkeys((EligibilityChecked, EligibilityRefused), on_eligibility),
}
