"""Tell an organisation one thing everywhere: in its inbox, by mail to whoever may answer, and on its open pages."""

from collections.abc import Mapping
from typing import Any, TypeAlias
from uuid import UUID, uuid5

from sqlalchemy.ext.asyncio import AsyncSession

from services.notifications.audience.commands import meet
from services.notifications.deliveries.commands import intend_for_editors
from services.notifications.inbox.commands import tell
from services.notifications.inbox.models import Topic
from services.notifications.live.commands import Kind, News, announce
from shared.database import now_of
from shared.events.agreements import AgreementEvent
from shared.events.gifts import GiftEvent
from shared.events.payments import SettlementEvent

StepEvent: TypeAlias = AgreementEvent | GiftEvent | SettlementEvent


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


async def tell_step(session: AsyncSession, topic: Topic, event: StepEvent, about: str, /, **said: Any) -> None:
    """Tell the one who hears of a step of something two share; what is older than what was told is told no more."""
    about_id = event.aggregate_id
    params = {
        "about_kind": about,
        "about_id": str(about_id),
        "answer_id": str(about_id),
        "version": event.version,
        "title": event.title,
        "partner": event.partner_name,
        **said,
    }
    told_for = uuid5(about_id, str(event.version))
    await tell_editors(session, topic, organisation_id=event.organisation_id, told_for=told_for, params=params)
