"""What happens when something concerns an organisation whose program wants to know: a message is meant to leave."""

from sqlalchemy.ext.asyncio import AsyncSession

from services.notifications.webhooks.catalogue import public_kinds
from services.notifications.webhooks.intending import intend
from shared.events import Event
from shared.messaging.handling import Handler, Handlers, handled


def and_programs(handlers: Handlers) -> Handlers:
    """These handlers, with messages to programs beside whatever each public event does already."""
    return {**handlers, **{kind: _with_programs(handlers.get(kind)) for kind in public_kinds()}}


def _with_programs(handler: Handler | None) -> Handler:
    async def told(session: AsyncSession, event: Event) -> None:
        if handler is not None:
            await handler(session, event)
        await intend(session, handled.get())

    return told
