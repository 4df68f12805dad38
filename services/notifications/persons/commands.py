"""Forget a person who was erased: what they read and chose, what letters left for them, messages of their name."""

from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

OF_ONE = ("digests", "preferences", "mail_hours", "written_before")
# A letter of their own goes with its delivery; a notice is the organisation's, and stays.
FORGOTTEN = (
    "DELETE FROM readings WHERE member_id = :member",
    "DELETE FROM security_letters WHERE id IN (SELECT letter_id FROM deliveries WHERE member_id = :member)",
    "DELETE FROM deliveries WHERE member_id = :member",
    *(f"DELETE FROM {table} WHERE member_id = :member" for table in OF_ONE),
)
# Contacts that could not be applied once, whole as they came; the tombstone itself may be one of them.
QUARANTINED = text(
    "DELETE FROM dead_letter WHERE subject = :subject AND position(CAST(:tombstone AS bytea) IN payload) = 0"
)
TOMBSTONE = b'"email":null'


async def forget(session: AsyncSession, member_id: UUID) -> None:
    """Remove everything that is about one member alone; their contact is emptied by its tombstone."""
    for statement in FORGOTTEN:
        await session.execute(text(statement), {"member": member_id})
    await session.execute(QUARANTINED, {"subject": f"contacts.member.{member_id}", "tombstone": TOMBSTONE})
