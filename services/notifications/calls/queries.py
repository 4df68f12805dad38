"""Which call is to be told next, and to whom."""

from uuid import UUID

from sqlalchemy import exists, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.types import Text

from services.notifications.audience.models import Member, Organisation
from services.notifications.calls.models import CallTelling


async def telling_to_go_on(session: AsyncSession) -> CallTelling | None:
    """The call that waits longest, locked; one that another process tells is left to it."""
    query = select(CallTelling).order_by(CallTelling.opened_at, CallTelling.call_id).limit(1)
    return await session.scalar(query.with_for_update(skip_locked=True))


async def next_to_tell(session: AsyncSession, telling: CallTelling) -> UUID | None:
    """The next organisation that may answer the call, and has somebody to read of it; whose call it is knows."""
    query = select(Organisation.id).where(
        Organisation.roles.cast(ARRAY(Text)).overlap(telling.open_to),
        Organisation.id != telling.organisation_id,
        ~Organisation.is_suspended,
        exists().where(Member.organisation_id == Organisation.id, ~Member.has_left),
    )
    if telling.told_to is not None:
        query = query.where(Organisation.id > telling.told_to)
    return await session.scalar(query.order_by(Organisation.id).limit(1))
