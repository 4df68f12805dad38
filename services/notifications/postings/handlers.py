"""What happens when catalog tells that a posting was published for its organisation, sent back to it, or let go."""

from typing import Any
from uuid import uuid5

from sqlalchemy.ext.asyncio import AsyncSession

from services.notifications.inbox.models import Topic
from services.notifications.inbox.telling import tell_editors
from shared.events.behalf import ConsentNoted, FlowAbandoned, NeedAbandoned
from shared.events.catalog import FlowReturned, NeedReturned
from shared.messaging.handling import Handlers


async def on_consent_noted(session: AsyncSession, event: ConsentNoted) -> None:
    """Whose posting it is hears who published it for them, and with which consent, once."""
    said = {"who": event.noted_by, "means": event.means, "given_on": event.given_on.isoformat(), "waits": event.waits}
    params = {"about_id": str(event.about_id), "about_kind": event.about_kind, "title": event.title, **said}
    told_for = event.consent_id
    await tell_editors(
        session, Topic.POSTED_FOR, organisation_id=event.organisation_id, told_for=told_for, params=params
    )


async def on_returned(session: AsyncSession, event: NeedReturned | FlowReturned) -> None:
    """The author reads what a coordinator wants changed, in the coordinator's words, each time one asks."""
    await _tell_author(session, event, "flow" if isinstance(event, FlowReturned) else "need", words=event.words)


async def on_abandoned(session: AsyncSession, event: NeedAbandoned | FlowAbandoned) -> None:
    """The author hears that nothing came of it in time, and that it has ended."""
    await _tell_author(session, event, "flow" if isinstance(event, FlowAbandoned) else "need", abandoned=True)


async def _tell_author(
    session: AsyncSession, event: NeedReturned | FlowReturned | NeedAbandoned | FlowAbandoned, kind: str, **said: Any
) -> None:
    params = {"about_id": str(event.aggregate_id), "about_kind": kind, "title": event.title, **said}
    told_for = uuid5(event.aggregate_id, str(event.version))
    await tell_editors(session, Topic.RETURNED, organisation_id=event.organisation_id, told_for=told_for, params=params)


HANDLERS: Handlers = {
    ConsentNoted: on_consent_noted,
    NeedReturned: on_returned,
    FlowReturned: on_returned,
    NeedAbandoned: on_abandoned,
    FlowAbandoned: on_abandoned,
}
