"""Gather what is due for one reader into one letter."""

from datetime import datetime

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

READERS_AT_ONCE = 200

# One process gathers at a time: two would write to one reader twice.
IN_TURN = text("SELECT pg_advisory_xact_lock(20261127)")
DUE = "state = 'pending' AND rhythm IN ('hourly', 'daily', 'weekly') AND next_at <= :now"
# Who has read a notice need not be written of it; what is due alone leaves as the letter it would have been. The last
# condition is asked again where a row was changed meanwhile: whoever just said "never" is not overruled.
GATHER = text(f"""
WITH readers AS (
  SELECT DISTINCT member_id, channel FROM deliveries WHERE {DUE} LIMIT {READERS_AT_ONCE}
), due AS (
  SELECT d.id, d.member_id, d.organisation_id, d.channel, EXISTS (
    SELECT FROM readings r WHERE (r.notice_id, r.member_id) = (d.notice_id, d.member_id)) AS is_read
  FROM deliveries d JOIN readers USING (member_id, channel) WHERE {DUE}
), letters AS MATERIALIZED (
  SELECT member_id, channel, organisation_id, count(*) AS notices, uuidv7() AS id
  FROM due WHERE NOT is_read GROUP BY 1, 2, 3
), digests_made AS (
  INSERT INTO digests (id, member_id, organisation_id, channel, made_at)
  SELECT id, member_id, organisation_id, channel, CAST(:now AS timestamptz) FROM letters WHERE notices > 1
), intended AS (
  INSERT INTO deliveries (digest_id, member_id, organisation_id, channel, next_at)
  SELECT id, member_id, organisation_id, channel, CAST(:now AS timestamptz) FROM letters WHERE notices > 1
)
UPDATE deliveries d
SET state = CASE WHEN due.is_read THEN 'read' WHEN letters.notices > 1 THEN 'gathered' ELSE 'pending' END,
  rhythm = CASE WHEN due.is_read OR letters.notices > 1 THEN d.rhythm ELSE 'at_once' END,
  gathered_in = CASE WHEN NOT due.is_read AND letters.notices > 1 THEN letters.id END,
  settled_at = CASE WHEN due.is_read OR letters.notices > 1 THEN CAST(:now AS timestamptz) END
FROM due LEFT JOIN letters USING (member_id, channel, organisation_id)
WHERE d.id = due.id AND d.state = 'pending' AND d.rhythm IS NOT NULL
""")


async def gather_due(session: AsyncSession, *, now: datetime) -> int:
    """Make one letter a reader of what is due by the hour, the day or the week; how many notices it took up.

    INVARIANT: digest, letter and gathered rows are written together, before anything leaves: a crash gathers all of it
    again or none.
    """
    await session.execute(IN_TURN)
    return (await session.execute(GATHER, {"now": now})).rowcount  # type: ignore[attr-defined, no-any-return]
