"""What happens when a session ends before its time: every process is told, so that its streams end."""

from sqlalchemy.ext.asyncio import AsyncSession

from services.notifications.live.commands import Kind, News, announce
from shared.database import now_of
from shared.events.catalog import SessionRevoked
from shared.messaging.handling import Handlers


async def on_session_revoked(session: AsyncSession, event: SessionRevoked) -> None:
    """Only one process reads the event; all of them read the live events."""
    news = News(None, Kind.SESSION_REVOKED, {"session_id": str(event.session_id)})
    await announce(session, [news], now=now_of(session))


HANDLERS: Handlers = {SessionRevoked: on_session_revoked}
