"""What happens when catalog tells how a settlement goes: whoever has to pay, to look or to know is told, once."""

from sqlalchemy.ext.asyncio import AsyncSession

from services.notifications.inbox.models import Topic
from services.notifications.inbox.telling import tell_step
from shared.events.payments import (
    SettlementBilled,
    SettlementConfirmed,
    SettlementContested,
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
    if isinstance(event, SettlementDisputed):
        said["reason"] = event.reason.value
    await tell_step(session, Topic.SETTLEMENT, event, "settlement", **said)


HANDLERS: Handlers = dict.fromkeys(
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
    ),
    on_settlement,
)
