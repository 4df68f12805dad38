"""What is stuck: everything that moves no more, of every kind, the most pressing first."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, time, timedelta
from typing import NamedTuple
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.catalog.calls.models import Call
from services.catalog.calls.queries import undecided_calls
from services.catalog.campaigns.models import Campaign
from services.catalog.flows.models import Flow
from services.catalog.flows.recurrence import at
from services.catalog.needs.models import Need
from services.catalog.organisations.models import Organisation, OrganisationState
from services.catalog.organisations.places import place_words
from services.catalog.parameters.definitions import Code
from services.catalog.parameters.models import Figure, value_of
from services.catalog.parameters.queries import figures_of
from services.catalog.territory.kinds import GROUPS, Group, Kind
from services.catalog.territory.queries import (
    between_organisations,
    campaigns_waiting,
    ending_lots,
    flows_waiting,
    needs_waiting,
    organisations_standing,
    silent_organisations,
    unmatched_flows,
    unmatched_needs,
    untaken_flows,
)
from shared.clock import day_of
from shared.database import now_of

LEVELS = (Code.STUCK_FIRST, Code.STUCK_SECOND, Code.STUCK_THIRD)
LOOKS = (Code.LOOK_WITHIN, Code.LOOK_LATE)
MOST = 500
"""How many of each kind are looked at: nobody calls more people, and the oldest of them come first."""

A_DAY = timedelta(days=1)
ENDING = timedelta(hours=72)
"""How long before its end a lot that nobody takes is told of: a taker found today still comes in time."""


class Limits(NamedTuple):
    """The days after which something moves to the next basket, and those within which a coordinator looks."""

    baskets: tuple[int, int, int]
    look_within: int
    look_late: int

    @classmethod
    def of(cls, figures: Iterable[Figure], day: date) -> "Limits":
        """As the parameters say on a day."""
        figures = list(figures)
        first, second, third, within, late = (int(value_of(figures, code, on=day)) for code in (*LEVELS, *LOOKS))
        return cls((first, second, third), within, late)

    def basket(self, days: int) -> int:
        """0 before the first, then 1 to 3."""
        return sum(days >= each for each in self.baskets)


class Place(NamedTuple):
    """Where something stands in the list: what ends soon by its end, then the rest by its beginning."""

    rank: int
    at: datetime
    id: UUID


class Thing(NamedTuple):
    """Something that moves no more: who has to act, who waits for that, about what, since when.

    `about` is the id of its `subject`: a need, a flow, a call or an organisation; `owns` says that this is whose the
    awaited organisation is. `ends` is when there is nothing left to save.
    """

    kind: Kind
    id: UUID
    subject: str
    about: UUID
    title: str
    owns: bool
    awaited_id: UUID
    awaited_name: str
    waits_name: str
    since: datetime
    place_words: str = ""
    ends: datetime | None = None

    @property
    def place(self) -> Place:
        """Where it stands in the list."""
        return Place(0, self.ends, self.id) if self.ends else Place(1, self.since, self.id)

    @property
    def path(self) -> str:
        """A page about it that a coordinator may open."""
        if self.kind is Kind.LOOK or self.subject == "organisation":
            return f"/territory/organisations/{self.awaited_id}"
        return f"/{self.subject}s/{self.about}"

    @property
    def log(self) -> str:
        """Where a contact about it is noted; about a need or flow only with whose it is."""
        about = f"?about={self.about}" if self.owns and self.subject in ("need", "flow") else ""
        return f"/territory/organisations/{self.awaited_id}/contacts{about}"

    def days(self, now: datetime) -> int:
        """How long it has stood."""
        return (now - self.since).days

    def basket(self, limits: Limits, now: datetime) -> int:
        """In which basket; what waits for the territory itself, or is about to end, is in none."""
        return 0 if self.kind in (Kind.LOOK, Kind.LOT) else limits.basket(self.days(now))


async def limits_of(session: AsyncSession) -> Limits:
    """What the territory set for today."""
    return Limits.of(await figures_of(session, *LEVELS, *LOOKS), day_of(now_of(session)))


async def things_stuck(session: AsyncSession, limits: Limits) -> list[Thing]:
    """Everything that is stuck: lots about to end, then the oldest first."""
    now = now_of(session)
    late, silent = now - timedelta(days=limits.look_within), now - timedelta(days=limits.baskets[0])
    looks = await _looks(session, late)
    known = {each.awaited_id for each in looks}
    ending = await _ending(session, now)
    urgent = {each.about for each in ending}
    open_to_nobody = [
        *(_of_row(Kind.NEED, each, each.published_at) for each in await unmatched_needs(session, now, limit=MOST)),
        *(_of_row(Kind.FLOW, each, each.published_at) for each in await unmatched_flows(session, now, limit=MOST)),
        *(_of_row(Kind.UNTAKEN, each, each.published_at) for each in await untaken_flows(session, silent, limit=MOST)),
    ]
    waiting = [Thing(Kind(row.kind), *row[1:]) for row in await between_organisations(session, late, now)]
    quiet = await silent_organisations(session, silent, limit=MOST)
    found = [
        *looks,
        *ending,
        # Of a flow whose lot ends, that is said.
        *(each for each in open_to_nobody if each.about not in urgent),
        *(each for each in waiting if each.kind is not Kind.SUPPLIER or each.since <= silent),
        *await _calls(session, late),
        # Who waits for us is not the one who is silent.
        *(_of_row(Kind.SILENT, each, each.created_at) for each in quiet if each.id not in known),
    ]
    return sorted(found, key=lambda each: each.place)


async def _looks(session: AsyncSession, late: datetime) -> list[Thing]:
    registered = await organisations_standing(session, OrganisationState.REGISTERED, limit=MOST)
    needs, flows = await needs_waiting(session, limit=MOST), await flows_waiting(session, limit=MOST)
    campaigns = await campaigns_waiting(session, limit=MOST)
    rows: list[tuple[Need | Flow | Campaign | Organisation, datetime | None]] = [
        *((each, each.created_at) for each in registered),
        *((each, each.submitted_at) for each in needs),
        *((each, each.submitted_at) for each in flows),
        *((each, each.submitted_at) for each in campaigns),
    ]
    return [_of_row(Kind.LOOK, row, since) for row, since in rows if since is not None and since <= late]


async def _ending(session: AsyncSession, now: datetime) -> list[Thing]:
    lots = await ending_lots(session, now, now + ENDING, limit=MOST)
    return [_of_row(Kind.LOT, flow, lot.released_at, ends=lot.expires_at, key=lot.id) for lot, flow in lots]


async def _calls(session: AsyncSession, late: datetime) -> list[Thing]:
    found = await undecided_calls(session, day_of(late), limit=MOST)
    return [_of_row(Kind.CALL, each, at(each.closes_on + A_DAY, time())) for each in found if each.closes_on]


def _of_row(
    kind: Kind,
    row: Need | Flow | Campaign | Call | Organisation,
    since: datetime | None,
    *,
    ends: datetime | None = None,
    key: UUID | None = None,
) -> Thing:
    if since is None:
        raise ValueError("what is stuck has been so since some moment")
    is_organisation = isinstance(row, Organisation)
    awaited = row if isinstance(row, Organisation) else row.organisation
    return Thing(
        kind=kind,
        id=key or row.id,
        subject="organisation" if is_organisation else type(row).__name__.lower(),
        about=row.id,
        title=row.name if isinstance(row, Organisation) else row.title,
        owns=True,
        awaited_id=awaited.id,
        awaited_name=awaited.name,
        waits_name="",
        since=since,
        place_words="" if isinstance(row, Call | Campaign) else place_words(row.place),
        ends=ends,
    )


def filtered(
    things: Sequence[Thing], limits: Limits, now: datetime, *, group: Group | None = None, basket: int = 0
) -> list[Thing]:
    """Those of a group (all without one) that are that far or further."""
    kinds = GROUPS[group] if group else frozenset(Kind)
    return [each for each in things if each.kind in kinds and each.basket(limits, now) >= basket]
