"""Intend, claim and settle deliveries."""

from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from services.notifications.deliveries.models import State
from services.notifications.deliveries.queries import letter_sent
from services.notifications.messages.kinds import CHOSEN
from shared.database.statement import Statement
from shared.events.notifications import DeliveryFailed
from shared.messaging.outbox import record

# Longer than any channel's own time-outs: after it the sender is surely dead, and somebody else takes over.
CLAIM = timedelta(minutes=5)
# Together a good day: a mail server may be mended in the morning.
RETRIES = tuple(timedelta(minutes=minutes) for minutes in (0.5, 2, 10, 30, 60, 120, 240, 480, 720))
# Events of two streams may cross: a solicitation can be here before the member it is for.
CROSSING = timedelta(hours=1)
MAILED_TOPICS = tuple(kind.name for kind in CHOSEN if kind.email is not None)

# Whoever may answer for the organisation; viewers find it in the inbox. Without a rhythm it is still to be planned;
# what was written before this database went back to a backup is only noted.
INTEND = """
INSERT INTO deliveries (notice_id, member_id, organisation_id, channel, next_at, rhythm, state)
SELECT n.id, m.id, m.organisation_id, 'email', CAST(:now AS timestamptz), NULL, CASE WHEN EXISTS (
    SELECT FROM written_before w
    WHERE (w.told_for, w.topic, w.member_id, w.channel) = (n.told_for, n.topic, m.id, 'email'))
  THEN 'sent' ELSE 'pending' END
FROM members m JOIN notices n ON n.organisation_id = m.organisation_id
LEFT JOIN organisations o ON o.id = m.organisation_id
WHERE {which} AND m.role IN ('owner', 'editor') AND NOT m.has_left AND NOT coalesce(o.is_suspended, false)
  AND (n.member_id IS NULL OR n.member_id = m.id)
ON CONFLICT DO NOTHING
"""
INTEND_FOR_EDITORS = Statement(INTEND.format(which="n.id = :notice_id"))
INTEND_FOR_NEWCOMER = text(
    INTEND.format(which="m.id = :member_id AND n.topic = ANY(:topics) AND n.created_at >= :since")
)

INTEND_LETTER = text("""
INSERT INTO deliveries (letter_id, member_id, organisation_id, channel, next_at)
VALUES (:letter_id, :member_id, :organisation_id, 'email', :now)
""")

CLAIM_NEXT = text("""
UPDATE deliveries SET state = 'claimed', attempts = attempts + 1, next_at = :until
WHERE id = (
  SELECT id FROM deliveries
  WHERE state IN ('pending', 'claimed') AND next_at <= :now AND channel = ANY(:channels) AND rhythm = 'at_once'
  ORDER BY next_at LIMIT 1 FOR UPDATE SKIP LOCKED)
RETURNING id, organisation_id, channel, attempts
""")
SETTLE = text("""
UPDATE deliveries
SET state = :state, next_at = coalesce(:next_at, next_at), last_error = :error, settled_at = :settled_at
WHERE id = :id
""")
SET_ASIDE = text("""
UPDATE deliveries SET state = 'not_sent', settled_at = :now
WHERE state IN ('pending', 'claimed') AND next_at <= :now AND NOT channel = ANY(:channels) AND rhythm = 'at_once'
""")


class Claim(NamedTuple):
    """A delivery that is ours to send now."""

    id: UUID
    organisation_id: UUID
    channel: str
    attempts: int


async def intend_for_editors(session: AsyncSession, notice_id: UUID, *, now: datetime) -> None:
    """Write to everybody who may answer for the notice's organisation."""
    await INTEND_FOR_EDITORS.execute(session, notice_id=notice_id, now=now)


async def intend_for_newcomer(session: AsyncSession, member_id: UUID, *, now: datetime) -> None:
    """Write to a new member about what their organisation was told in the last hour; the rest lies in the inbox."""
    values = {"member_id": member_id, "topics": list(MAILED_TOPICS), "since": now - CROSSING, "now": now}
    await session.execute(INTEND_FOR_NEWCOMER, values)


async def intend_letter(
    session: AsyncSession, letter_id: UUID, *, member_id: UUID, organisation_id: UUID, now: datetime
) -> None:
    """Send a letter of their own to one member, at once."""
    values = {"letter_id": letter_id, "member_id": member_id, "organisation_id": organisation_id, "now": now}
    await session.execute(INTEND_LETTER, values)


async def claim_next(session: AsyncSession, channels: list[str], *, now: datetime) -> Claim | None:
    """Take the delivery that is due longest, skipping those that another sender is taking."""
    row = (await session.execute(CLAIM_NEXT, {"channels": channels, "now": now, "until": now + CLAIM})).first()
    return Claim(*row) if row else None


async def settle_sent(session: AsyncSession, claim: Claim, *, now: datetime) -> None:
    """The channel has taken it; what it said is told, in case this database goes back to before."""
    await _settle(session, claim, State.SENT, now=now)
    if (letter := await letter_sent(session, claim.id)) is not None:
        await record(session, letter)


async def settle_failed(session: AsyncSession, claim: Claim, *, reason: str, permanent: bool, now: datetime) -> None:
    """Try again later, or give up and tell of it."""
    if not permanent and claim.attempts <= len(RETRIES):
        await _settle(session, claim, State.PENDING, now=now, next_at=now + RETRIES[claim.attempts - 1], error=reason)
        return
    await _settle(session, claim, State.FAILED, now=now, error=reason)
    failed = DeliveryFailed(
        version=1,
        delivery_id=claim.id,
        organisation_id=claim.organisation_id,
        channel=claim.channel,
        reason="refused" if permanent else "gave up",
    )
    await record(session, failed)


async def set_aside(session: AsyncSession, channels: list[str], *, now: datetime) -> None:
    """Mark what is due by a channel that is not configured: it was not sent, and will not be."""
    await session.execute(SET_ASIDE, {"channels": channels, "now": now})


async def _settle(
    session: AsyncSession,
    claim: Claim,
    state: State,
    *,
    now: datetime,
    next_at: datetime | None = None,
    error: str | None = None,
) -> None:
    settled_at = None if state == State.PENDING else now
    values = {"id": claim.id, "state": state.value, "next_at": next_at, "error": error, "settled_at": settled_at}
    await session.execute(SETTLE, values)
