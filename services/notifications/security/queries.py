"""What was written to somebody of their own."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

# A person may act for several organisations by one address: the letters of all count.
WRITTEN = text("""
SELECT EXISTS (
  SELECT FROM security_letters l JOIN deliveries d ON d.letter_id = l.id LEFT JOIN contacts c USING (member_id)
  WHERE l.topic = :topic AND l.created_at > :since
    AND (d.member_id = :member OR lower(c.email) = (SELECT lower(email) FROM contacts WHERE member_id = :member)))
""")


async def was_written(session: AsyncSession, member_id: UUID, topic: str, *, since: datetime) -> bool:
    """Whether a letter on a topic was meant for a member's address after a moment."""
    return bool(await session.scalar(WRITTEN, {"member": member_id, "topic": topic, "since": since}))
