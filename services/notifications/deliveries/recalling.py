"""Recall what was written: for a database that went back to a backup, from the stream of what left since."""

from sqlalchemy.ext.asyncio import AsyncSession

from services.notifications.deliveries.models import State
from shared.database import now_of
from shared.database.statement import Statement
from shared.events.notifications import LetterSent

# The letter itself, and what of its notices is still to be written, alone or in a digest of its own.
SETTLE = Statement("""
UPDATE deliveries d SET state = :state, settled_at = CAST(:now AS timestamptz)
WHERE d.state IN ('pending', 'claimed') AND d.member_id = CAST(:member_id AS uuid) AND (
  d.id = CAST(:delivery_id AS uuid) OR d.notice_id IN (
    SELECT n.id FROM notices n
    JOIN unnest(CAST(:told_for AS uuid[]), CAST(:topics AS text[])) AS told (told_for, topic) USING (told_for, topic)
    WHERE d.channel = :channel))
""")
# A notice newer than the backup is told again, and its letter is then noted as sent.
REMEMBER = Statement("""
INSERT INTO written_before (told_for, topic, member_id, channel)
SELECT told_for, topic, CAST(:member_id AS uuid), :channel
FROM unnest(CAST(:told_for AS uuid[]), CAST(:topics AS text[])) AS told (told_for, topic)
ON CONFLICT DO NOTHING
""")


async def recall_sent(session: AsyncSession, event: LetterSent) -> None:
    """Whoever had this letter is not written of the same again."""
    told = {
        "member_id": event.member_id,
        "channel": event.channel,
        "told_for": [each.told_for for each in event.told],
        "topics": [each.topic for each in event.told],
    }
    sent = {"delivery_id": event.delivery_id, "state": State.SENT.value, "now": now_of(session)}
    await SETTLE.execute(session, **told, **sent)
    await REMEMBER.execute(session, **told)
