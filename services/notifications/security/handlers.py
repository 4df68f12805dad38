"""What happens when somebody asks for a link, how they sign in has changed, or what they answered was refused."""

from datetime import timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from services.notifications.messages.replies import REPLY_REFUSED
from services.notifications.messages.security import CHANGED, LINK, PATHS, TOPICS
from services.notifications.security.commands import write_to
from services.notifications.security.queries import was_written
from shared.database import now_of
from shared.events.catalog import AccountChanged, LinkRequested
from shared.events.messages import ReplyRefused
from shared.messaging.handling import Handlers

# Later it would alarm about what is long past, after a restored database was told everything again.
NEWS = timedelta(days=2)
# Of refused answers one hears once in it, however many there were.
HUSH = timedelta(hours=1)


async def on_link_requested(session: AsyncSession, event: LinkRequested) -> None:
    """Write to whose address it is; nobody has it when there is no member."""
    topic = f"{LINK}{event.purpose}"
    if event.member_id is None or event.organisation_id is None or topic not in TOPICS:
        return
    await write_to(
        session,
        topic,
        {"link_id": str(event.link_id)},
        member_id=event.member_id,
        organisation_id=event.organisation_id,
        language=event.language,
        expires_at=event.expires_at,
    )


async def on_account_changed(session: AsyncSession, event: AccountChanged) -> None:
    """Tell the person, in case it was somebody else."""
    topic = f"{CHANGED}{event.change}"
    if topic in TOPICS:
        await write_to(
            session,
            topic,
            {"path": PATHS[event.change], "changed_at": event.changed_at.isoformat()},
            member_id=event.member_id,
            organisation_id=event.organisation_id,
            expires_at=event.changed_at + NEWS,
        )


async def on_reply_refused(session: AsyncSession, event: ReplyRefused) -> None:
    """Tell who answered by e-mail why it was not posted, at most once an hour."""
    if await was_written(session, event.member_id, REPLY_REFUSED, since=now_of(session) - HUSH):
        return
    await write_to(
        session,
        REPLY_REFUSED,
        {"path": f"/exchanges/{event.exchange_id}", "title": event.title, "reason": event.reason},
        member_id=event.member_id,
        organisation_id=event.organisation_id,
        expires_at=event.at + NEWS,
    )


HANDLERS: Handlers = {
    LinkRequested: on_link_requested,
    AccountChanged: on_account_changed,
    ReplyRefused: on_reply_refused,
}
