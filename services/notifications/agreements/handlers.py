"""What happens when catalog tells how agreements go: whoever has something to read or to do is told, once."""

from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from services.notifications.inbox.models import Topic
from services.notifications.inbox.telling import tell_step
from shared.events.agreements import (
    AgreementAdvanced,
    AgreementCancelled,
    AgreementChanged,
    AgreementCompleted,
    AgreementConcluded,
    AgreementEvent,
    AgreementRunning,
    AgreementSigned,
)
from shared.messaging.handling import Handlers


async def on_agreement(session: AsyncSession, event: AgreementEvent) -> None:
    """Tell it once; of one agreement, what is older than what was told is not told any more."""
    await tell_step(session, Topic.AGREEMENT, event, "agreement", nature=event.nature.value, **_said(event))


def _said(event: AgreementEvent) -> dict[str, Any]:
    """Which sentence it is, and what that one needs."""
    match event:
        case AgreementChanged():
            return {"step": "void" if event.signatures_void else "changed"}
        case AgreementAdvanced() if event.milestone is None:
            return {"step": "finished"}
        case AgreementAdvanced():
            return {"step": "ticked" if event.done else "unticked", "milestone": event.milestone}
        case AgreementCancelled():
            return {"step": "cancelled", "reason": event.reason.value}
    return {"step": event.type.split(".")[2]}


HANDLERS: Handlers = dict.fromkeys(
    (
        AgreementConcluded,
        AgreementChanged,
        AgreementSigned,
        AgreementRunning,
        AgreementAdvanced,
        AgreementCompleted,
        AgreementCancelled,
    ),
    on_agreement,
)
