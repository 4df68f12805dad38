"""Writing the audit log, in the transaction of what it tells."""

from contextvars import ContextVar
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy.ext.asyncio import AsyncSession

from shared.database import new_id
from shared.database.statement import Statement

# The key that a program acts with for a member, set at the door for the request's own time.
acting_key: ContextVar[UUID | None] = ContextVar("acting_key", default=None)

NOTE = Statement("""
    INSERT INTO audit (id, member_id, organisation_id, action, about, details)
    VALUES (:id, :member_id, :organisation_id, :action, :about, CAST(:details AS jsonb))
""")


async def note(
    session: AsyncSession,
    member_id: UUID | None,
    organisation_id: UUID | None,
    action: str,
    *,
    about: UUID | None = None,
    **details: Any,
) -> None:
    """Add one line: who (None is the machine), for whom, did what, to which record; by which key, if by one."""
    key = acting_key.get()
    if key is not None:
        details["key"] = str(key)
    await NOTE.execute(
        session,
        id=new_id(),
        member_id=member_id,
        organisation_id=organisation_id,
        action=action,
        about=about,
        details=msgspec.json.encode(details).decode(),
    )
