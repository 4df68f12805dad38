"""Write a letter about somebody's account and have it leave."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.notifications.deliveries.commands import intend_letter
from services.notifications.security.models import SecurityLetter
from shared.database import new_id, now_of


async def write_to(
    session: AsyncSession,
    topic: str,
    params: Mapping[str, Any],
    *,
    member_id: UUID,
    organisation_id: UUID,
    language: str | None = None,
    expires_at: datetime | None = None,
) -> None:
    """One letter to one member, whatever they chose to be told of."""
    now = now_of(session)
    letter = SecurityLetter(
        id=new_id(), topic=topic, params=dict(params), language=language, created_at=now, expires_at=expires_at
    )
    session.add(letter)
    await session.flush()
    await intend_letter(session, letter.id, member_id=member_id, organisation_id=organisation_id, now=now)
