"""Tells of calls that opened, one organisation a transaction, so that nobody waits for the whole territory."""

from sqlalchemy.ext.asyncio import AsyncSession

from services.notifications.calls.models import CallTelling
from services.notifications.calls.queries import next_to_tell, telling_to_go_on
from services.notifications.inbox.models import Topic
from services.notifications.inbox.telling import tell_editors
from shared.clock import day_of
from shared.database import Database, now_of
from shared.observability.pulse import every

LOOK_EVERY_S = 5.0


async def tell_calls_for_ever(database: Database) -> None:
    """Look after calls that opened; any number of processes may."""
    async for _ in every(LOOK_EVERY_S):
        goes_on = True
        while goes_on:
            async with database.sessions.begin() as session:
                goes_on = await tell_one(session)


async def tell_one(session: AsyncSession) -> bool:
    """Tell one more organisation of the call that waits longest; False when no call waits.

    INVARIANT: whatever stops, each is told once: how far one is stands in the same transaction as the notice.
    """
    telling = await telling_to_go_on(session)
    if telling is None:
        return False
    found = await next_to_tell(session, telling)
    if found is None or telling.closes_on < day_of(now_of(session)):
        await session.delete(telling)
        return True
    telling.told_to = found
    await session.flush()
    params = _params(telling)
    await tell_editors(session, Topic.CALLED, organisation_id=found, told_for=telling.call_id, params=params)
    return True


def _params(telling: CallTelling) -> dict[str, str]:
    last = telling.closes_on.isoformat()
    return {
        "about_kind": "call",
        "about_id": str(telling.call_id),
        "title": telling.title,
        "caller": telling.organisation_name,
        "closes_on": last,
        # A letter does not wait beyond it.
        "deadline_on": last,
    }
