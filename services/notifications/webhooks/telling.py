"""Tell the owners of an organisation that one of its webhooks takes nothing: in the inbox, and by a letter to each."""

from datetime import datetime
from urllib.parse import urlsplit
from uuid import uuid5

from sqlalchemy.ext.asyncio import AsyncSession

from services.notifications.inbox.commands import tell
from services.notifications.inbox.models import Topic
from services.notifications.live.commands import Kind, News, announce
from services.notifications.security.commands import write_to
from services.notifications.webhooks.models import Webhook, Word
from services.notifications.webhooks.queries import OWNERS

TOPICS = {Word.FAILING: Topic.WEBHOOK_FAILING, Word.STOPPED: Topic.WEBHOOK_STOPPED}


async def tell_owners(session: AsyncSession, webhook: Webhook, word: Word, *, now: datetime) -> None:
    """A notice for the organisation, and a letter of their account, which cannot be switched off, for each owner."""
    topic = TOPICS[word]
    said = {
        "host": urlsplit(webhook.url).netloc,
        "since": (webhook.failing_since or now).isoformat(),
        "because": webhook.because or "",
    }
    notice = {"about_id": str(webhook.id), "about_kind": "webhook", **said}
    await tell(
        session,
        topic,
        organisation_id=webhook.organisation_id,
        told_for=uuid5(webhook.id, now.isoformat()),
        params=notice,
        now=now,
    )
    payload = {**notice, "topic": topic.value, "say": topic.value}
    await announce(session, [News(webhook.organisation_id, Kind.NOTICE, payload)], now=now)
    letter = {**said, "path": f"/notifications/webhooks/{webhook.id}"}
    for member_id in await OWNERS.scalars(session, organisation_id=webhook.organisation_id):
        await write_to(session, topic, letter, member_id=member_id, organisation_id=webhook.organisation_id)
