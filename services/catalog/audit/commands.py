"""Writing the audit log, in the transaction of what it tells."""

from typing import Any
from uuid import UUID

from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncSession

from services.catalog.audit.models import AuditLine
from shared.database import new_id


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
    await session.execute(
        insert(AuditLine).values(
            id=new_id(),
            member_id=member_id,
            organisation_id=organisation_id,
            action=action,
            about=about,
            details=details,
        )
    )
