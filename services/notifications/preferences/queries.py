"""What a member chose, what waits for them, and whose letter it is that somebody wants no more of."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from services.notifications.messages.kinds import KINDS, TopicKind
from services.notifications.rhythm import Channel, Days, Hours, Rhythm
from shared.clock import Calendar

CHOSEN_BY = text("SELECT topic, channel, rhythm FROM preferences WHERE member_id = :member")
HOURS_OF = text("SELECT opens, closes, days FROM mail_hours WHERE member_id = :member")
WAITING = text("""
SELECT count(*), min(next_at) FROM deliveries
WHERE member_id = :member AND state = 'pending' AND rhythm IN ('hourly', 'daily', 'weekly')
""")
MUTED = text("""
SELECT topic FROM preferences WHERE member_id = :member AND channel = 'live' AND rhythm = 'never'
""")
BY_LINK = text("SELECT member_id, organisation_id, channel, topics, left_at FROM letter_by_link(:delivery)")


@dataclass(frozen=True)
class Choices:
    """How often a member is told of what; what they did not choose is as proposed."""

    chosen: Mapping[tuple[str, str], Rhythm]
    hours: Hours

    def rhythm(self, kind: TopicKind, channel: Channel) -> Rhythm | None:
        """None where the channel never carries the topic."""
        proposed = kind.proposed(channel)
        return proposed if proposed is None or kind.is_fixed else self.chosen.get((kind.name, channel), proposed)


class Waiting(NamedTuple):
    """How many notices wait for a letter, and when the first of them leaves."""

    notices: int
    leaves_at: datetime | None


class LetterLeft(NamedTuple):
    """A letter, as its link finds it: whose, by which channel, about what, and since when."""

    member_id: UUID
    organisation_id: UUID
    channel: str
    topics: list[str]
    left_at: datetime


async def choices_of(session: AsyncSession, member_id: UUID) -> Choices:
    """The whole of what a member chose."""
    of = {"member": member_id}
    chosen = {(row.topic, row.channel): Rhythm(row.rhythm) for row in await session.execute(CHOSEN_BY, of)}
    kept = (await session.execute(HOURS_OF, of)).first()
    calendar: Calendar = session.info["calendar"]
    return Choices(chosen, Hours(kept[0], kept[1], Days(kept[2])) if kept else Hours.unchosen(calendar))


async def waiting_for(session: AsyncSession, member_id: UUID) -> Waiting:
    """What the next letters of a member will gather."""
    return Waiting(*(await session.execute(WAITING, {"member": member_id})).one())


async def muted_by(session: AsyncSession, member_id: UUID) -> frozenset[str]:
    """What a member's open pages are not to say aloud, by the names of the sentences."""
    topics = await session.scalars(MUTED, {"member": member_id})
    return frozenset(said for topic in topics if topic in KINDS for said in KINDS[topic].says)


async def letter_by_link(session: AsyncSession, delivery_id: UUID) -> LetterLeft | None:
    """The letter whose link somebody shows, before anybody is known; what is about an account has none."""
    row = (await session.execute(BY_LINK, {"delivery": delivery_id})).first()
    return LetterLeft(*row) if row and row.topics else None
