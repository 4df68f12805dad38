"""Tell an organisation one thing everywhere: in its inbox, by mail to whoever may answer, and on its open pages."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.notifications.audience.commands import meet
from services.notifications.deliveries.commands import intend_for_editors
from services.notifications.inbox.commands import tell
from services.notifications.inbox.models import Topic
from services.notifications.live.commands import Kind, News, announce
from shared.database import now_of


async def tell_editors(
    session: AsyncSession, topic: Topic, *, organisation_id: UUID, told_for: UUID, params: Mapping[str, Any]
) -> None:
    """Tell it once `told_for` this; told again, nothing happens."""
    await meet(session, organisation_id)
    now = now_of(session)
    notice_id = await tell(session, topic, organisation_id=organisation_id, told_for=told_for, params=params, now=now)
    if notice_id is None:
        return
    await intend_for_editors(session, notice_id, now=now)
    payload = {**params, "topic": topic.value, "say": topic.value}
    await announce(session, [News(organisation_id, Kind.NOTICE, payload)], now=now)
