"""What happens when catalog tells how a settlement goes: whoever has to pay, to look or to know is told, once."""

from uuid import uuid5

from sqlalchemy.ext.asyncio import AsyncSession

from services.notifications.inbox.models import Topic
from services.notifications.inbox.telling import tell_editors, tell_step
from shared.events.mandates import MandateEnded, MandateEvent, MandateGiven
from shared.events.payments import (
    SettlementBilled,
    SettlementConfirmed,
    SettlementContested,
    SettlementCredited,
    SettlementDeclared,
    SettlementDisputed,
    SettlementDue,
    SettlementEvent,
    SettlementFailed,
    SettlementOverdue,
    SettlementRefunded,
    SettlementReturned,
    SettlementVoided,
)
from shared.messaging.handling import Handlers


async def on_settlement(session: AsyncSession, event: SettlementEvent) -> None:
    """Tell it once; of one settlement, what is older than what was told is not told any more."""
    said = {
        "cents": getattr(event, "returned_cents", event.cents),
        "due_on": event.due_on.isoformat(),
        "pays": event.organisation_id == event.payer_id,
        "step": event.type.split(".")[2],
        "online": event.is_online,
        "simulated": event.is_simulated,
    }
    if isinstance(event, SettlementContested):
        said["step"] = f"contest_{event.contest}"
    if isinstance(event, SettlementBilled) and event.is_self_billed:
        said["step"] = "self_billed"
    if isinstance(event, SettlementDisputed):
        said["reason"] = event.reason.value
    await tell_step(session, Topic.SETTLEMENT, event, "settlement", **said)


async def on_mandate(session: AsyncSession, event: MandateEvent) -> None:
    """Tell the other one of the two that it may bill, or that it is over."""
    params = {
        "about_kind": "mandate",
        "about_id": str(event.mandate_id),
        "answer_id": str(event.mandate_id),
        "version": event.version,
        "partner": event.partner_name,
        "step": f"mandate_{event.type.split('.')[2]}",
        "pays": event.organisation_id == event.payer_id,
    }
    told_for = uuid5(event.mandate_id, str(event.version))
    await tell_editors(
        session, Topic.SETTLEMENT, organisation_id=event.organisation_id, told_for=told_for, params=params
    )


HANDLERS: Handlers = {
    MandateGiven: on_mandate,
    MandateEnded: on_mandate,
} | dict.fromkeys(
    (
        SettlementDue,
        SettlementBilled,
        SettlementDeclared,
        SettlementConfirmed,
        SettlementDisputed,
        SettlementReturned,
        SettlementRefunded,
        SettlementVoided,
        SettlementOverdue,
        SettlementFailed,
        SettlementContested,
        SettlementCredited,
    ),
    on_settlement,
)
