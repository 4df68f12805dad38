"""What happens when a call for projects opens: it is noted down, to be told."""

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from services.notifications.calls.models import CallTelling
from shared.database import now_of
from shared.events.calls import CallOpened
from shared.messaging.handling import Handlers

# A call that says nobody is for those whom the territory wants to grow.
ESS = "ess"


async def on_call_opened(session: AsyncSession, event: CallOpened) -> None:
    """Note whom it may concern; telling them all is no work for one transaction."""
    row = {
        "call_id": event.call_id,
        "organisation_id": event.organisation_id,
        "organisation_name": event.organisation_name,
        "title": event.title,
        "open_to": list(event.open_to) or [ESS],
        "closes_on": event.closes_on,
        "opened_at": now_of(session),
    }
    await session.execute(insert(CallTelling).values(row).on_conflict_do_nothing())


HANDLERS: Handlers = {CallOpened: on_call_opened}
