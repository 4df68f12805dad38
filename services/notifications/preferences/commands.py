"""Keep what a member chooses; what already waits for them is planned anew by it."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from services.notifications.messages.kinds import KINDS, TopicKind
from services.notifications.preferences.errors import (
    CannotBeSwitchedOff,
    HoursTurned,
    LetterUnknown,
    RhythmNotOffered,
    TopicUnknown,
)
from services.notifications.preferences.queries import LetterLeft, letter_by_link
from services.notifications.rhythm import Channel, Hours, Rhythm
from shared.database.acting import act

# Longer than anybody leaves a letter unread that they then want no more of; RFC 8058 names no limit.
LINK_LIVES = timedelta(days=90)

Chosen = Mapping[tuple[str, Channel], Rhythm]

CHOOSE = text("""
INSERT INTO preferences (member_id, topic, channel, rhythm, chosen_at)
SELECT :member, topic, channel, rhythm, :now
FROM unnest(CAST(:topics AS text[]), CAST(:channels AS text[]), CAST(:rhythms AS text[]))
  AS chosen (topic, channel, rhythm)
ON CONFLICT (member_id, topic, channel) DO UPDATE SET rhythm = excluded.rhythm, chosen_at = excluded.chosen_at
""")
CHOOSE_HOURS = text("""
INSERT INTO mail_hours (member_id, opens, closes, days, chosen_at) VALUES (:member, :opens, :closes, :days, :now)
ON CONFLICT (member_id) DO UPDATE
SET opens = excluded.opens, closes = excluded.closes, days = excluded.days, chosen_at = excluded.chosen_at
""")
PLAN_ANEW = text("""
UPDATE deliveries SET rhythm = NULL, next_at = :now
WHERE member_id = :member AND state = 'pending' AND notice_id IS NOT NULL
""")


async def choose(session: AsyncSession, member_id: UUID, chosen: Chosen, hours: Hours | None, *, now: datetime) -> None:
    """Change some rhythms, and the hours if they are given; raises what is not to be chosen."""
    for (topic, channel), rhythm in chosen.items():
        _refuse_unoffered(KINDS.get(topic), topic, channel, rhythm)
    if hours is not None and hours.closes <= hours.opens:
        raise HoursTurned
    who = {"member": member_id, "now": now}
    if chosen:
        columns = {
            "topics": [topic for topic, _ in chosen],
            "channels": [channel.value for _, channel in chosen],
            "rhythms": [rhythm.value for rhythm in chosen.values()],
        }
        await session.execute(CHOOSE, who | columns)
    if hours is not None:
        await session.execute(
            CHOOSE_HOURS, who | {"opens": hours.opens, "closes": hours.closes, "days": hours.days.value}
        )
    await session.execute(PLAN_ANEW, who)


def _refuse_unoffered(kind: TopicKind | None, topic: str, channel: Channel, rhythm: Rhythm) -> None:
    if kind is None:
        raise TopicUnknown(topic=topic)
    if kind.is_fixed:
        raise CannotBeSwitchedOff
    if rhythm not in kind.offered(channel):
        raise RhythmNotOffered


async def letter_shown(session: AsyncSession, delivery_id: UUID, *, is_ours: bool, now: datetime) -> LetterLeft:
    """The letter whose link is shown; raises `LetterUnknown`, also for one whose key is not ours."""
    letter = await letter_by_link(session, delivery_id) if is_ours else None
    if letter is None or letter.left_at + LINK_LIVES <= now or not stoppable(letter):
        raise LetterUnknown
    return letter


async def stop_letters(session: AsyncSession, letter: LetterLeft, *, now: datetime) -> None:
    """No more letters about what this one was about; whoever holds it acts for its reader. Twice is as once."""
    await act(session, org=letter.organisation_id, member=letter.member_id)
    channel = Channel(letter.channel)
    chosen = {(topic, channel): Rhythm.NEVER for topic in stoppable(letter)}
    await choose(session, letter.member_id, chosen, None, now=now)


def stoppable(letter: LetterLeft) -> list[str]:
    """The topics of a letter that may be switched off, as they are called today."""
    return [name for name in KINDS if name in letter.topics and not KINDS[name].is_fixed]
