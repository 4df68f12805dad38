"""Writing the audit log, in the transaction of what it tells."""

from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy.ext.asyncio import AsyncSession

from shared.database import new_id
from shared.database.statement import Statement

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
    """Add one line: who (None is the machine), for whom, did what, to which record."""
    await NOTE.execute(
        session,
        id=new_id(),
        member_id=member_id,
        organisation_id=organisation_id,
        action=action,
        about=about,
        details=msgspec.json.encode(details).decode(),
    )
