"""Everything this service keeps about one member, as far as it is theirs alone."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from shared.identity import Identity

READ = text("""
    SELECT r.notice_id, n.topic, n.created_at AS told_at, r.read_at
    FROM readings r JOIN notices n ON n.id = r.notice_id
    WHERE r.member_id = :member ORDER BY r.read_at
""")
LETTERS = text("""
    SELECT d.id, d.channel, d.state, d.settled_at, d.notice_id, d.gathered_in,
      coalesce(n.topic, l.topic, 'digest') AS topic
    FROM deliveries d LEFT JOIN notices n ON n.id = d.notice_id LEFT JOIN security_letters l ON l.id = d.letter_id
    WHERE d.member_id = :member ORDER BY d.id
""")
PREFERENCES = text("SELECT topic, channel, rhythm, chosen_at FROM preferences WHERE member_id = :member")
MAIL_HOURS = text("SELECT opens, closes, days, chosen_at FROM mail_hours WHERE member_id = :member")


async def kept_about(session: AsyncSession, member: Identity) -> dict[str, list[Mapping[str, Any]]]:
    """Notices that the member has read, letters that left or are to leave for them, and what they chose."""
    values = {"member": member.member_id}
    return {
        "notices_read": [dict(row) for row in (await session.execute(READ, values)).mappings()],
        "letters": [dict(row) for row in (await session.execute(LETTERS, values)).mappings()],
        "preferences": [dict(row) for row in (await session.execute(PREFERENCES, values)).mappings()],
        "mail_hours": [dict(row) for row in (await session.execute(MAIL_HOURS, values)).mappings()],
    }
