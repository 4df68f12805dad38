"""A campaign, its states, and the rules it can decide by itself."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any, NamedTuple, TypeVar

from sqlalchemy import BigInteger, CheckConstraint, Index, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from services.catalog.campaigns.errors import (
    CampaignFrozen,
    CampaignIncomplete,
    CampaignNotOpenYet,
    CampaignNotSubmitted,
    CampaignOver,
    CampaignPublishedAlready,
    CampaignTooLong,
    CounterpartTooLarge,
    DatesInDisorder,
    StepAboveGoal,
    ThresholdAboveGoal,
)
from services.catalog.db import coded
from services.catalog.posting.models import Checked
from shared.clock import PARIS, day_of
from shared.events.campaigns import (
    CampaignClosed,
    CampaignOpened,
    CampaignPublished,
    CampaignReturned,
    CampaignSubmitted,
    CampaignUpdated,
    Outcome,
    Rule,
)
from shared.territory.place import radius_around

LONGEST = timedelta(days=366)
"""A promise that nobody remembers is none."""

AROUND_KM = 100
"""How far from it companies are told of a campaign: money travels further than goods, and neighbours give first."""

WORDS = frozenset({"description", "categories"})
"""What changes once it is published: all else is what somebody relied on."""


class State(StrEnum):
    """How far a campaign is; `announced` is published and opens later."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    ANNOUNCED = "announced"
    OPEN = "open"
    SUCCEEDED = "succeeded"
    LAPSED = "lapsed"
    CANCELLED = "cancelled"


LIVE = (State.ANNOUNCED, State.OPEN)
ENDED = (State.SUCCEEDED, State.LAPSED, State.CANCELLED)

CampaignTold = TypeVar("CampaignTold", CampaignPublished, CampaignUpdated, CampaignOpened)


class Step(NamedTuple):
    """What an amount allows."""

    cents: int
    words: str


class Counterpart(NamedTuple):
    """What is given back for a pledge from an amount on, and what that is worth."""

    from_cents: int
    words: str
    value_cents: int


class Campaign(Checked):
    """Money asked for from `starts_on` to `ends_on`, both included.

    `pledged_cents` and `pledges` count the promises that stand: these are their companies' alone, the sum is for all.
    `threshold_cents` is how much is enough where the rule is all or nothing; None there means the goal. `look_at` is
    when the timer has something to do: open it, close it, or settle its pledges once it has ended.
    """

    __tablename__ = "campaigns"
    __table_args__ = (
        UniqueConstraint("organisation_id", "external_id"),
        Index("ix_campaigns_state_published_at", "state", "published_at"),
        Index("ix_campaigns_look_at", "look_at", postgresql_where=text("look_at IS NOT NULL")),
        CheckConstraint("pledged_cents >= 0 AND pledges >= 0", name="counted"),
    )

    state: Mapped[State] = coded(State, default=State.DRAFT)
    rule: Mapped[Rule] = coded(Rule, default=Rule.ALL_OR_NOTHING)
    goal_cents: Mapped[int | None] = mapped_column(BigInteger)
    threshold_cents: Mapped[int | None] = mapped_column(BigInteger)
    step_data: Mapped[list[dict[str, Any]]] = mapped_column("steps", JSONB, default=list, server_default="[]")
    counterpart_data: Mapped[list[dict[str, Any]]] = mapped_column(
        "counterparts", JSONB, default=list, server_default="[]"
    )
    pledged_cents: Mapped[int] = mapped_column(BigInteger, default=0, server_default="0")
    pledges: Mapped[int] = mapped_column(default=0, server_default="0")
    reason: Mapped[str] = mapped_column(Text, default="", server_default="")
    look_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]

    @property
    def steps(self) -> list[Step]:
        """What each amount allows, the smallest first."""
        return sorted(Step(**each) for each in self.step_data or ())

    @steps.setter
    def steps(self, steps: Sequence[Step]) -> None:
        self.step_data = [each._asdict() for each in steps]

    @property
    def counterparts(self) -> list[Counterpart]:
        """What is given back, for the smallest pledge first."""
        return sorted(Counterpart(**each) for each in self.counterpart_data or ())

    @counterparts.setter
    def counterparts(self, counterparts: Sequence[Counterpart]) -> None:
        self.counterpart_data = [each._asdict() for each in counterparts]

    @property
    def is_live(self) -> bool:
        """True while it is shown and not over."""
        return self.state in LIVE

    @property
    def enough_cents(self) -> int | None:
        """How much has to be pledged for pledges to hold; None where any sum does."""
        if self.rule is Rule.KEEP:
            return None
        return self.threshold_cents or self.goal_cents

    @property
    def is_enough(self) -> bool:
        """Whether its rule would confirm what is pledged now; of nothing there is nothing to confirm."""
        return self.pledges > 0 and self.pledged_cents >= (self.enough_cents or 0)

    def takes_pledges(self, today: date) -> bool:
        """True between its days, whether or not a timer has looked."""
        return self.is_live and bool(self.starts_on and self.ends_on and self.starts_on <= today <= self.ends_on)

    def is_over(self, today: date) -> bool:
        """True once nobody can pledge any more."""
        return self.state in ENDED or bool(self.is_live and self.ends_on and self.ends_on < today)

    def counterpart_of(self, cents: int) -> Counterpart | None:
        """What is given back for a pledge: the last that its amount reaches."""
        return max((each for each in self.counterparts if each.from_cents <= cents), default=None)

    def change(self, values: dict[str, Any], now: datetime) -> CampaignUpdated | None:
        """Write it anew, or once it is published only its words; the event when it is shown."""
        if self.state in ENDED:
            raise CampaignOver
        if self.state is not State.DRAFT and any(
            getattr(self, name) != value for name, value in values.items() if name not in WORDS
        ):
            raise CampaignFrozen
        for name, value in values.items():
            setattr(self, name, value)
        if self.is_live:
            return self.told(CampaignUpdated, now)
        self.next_version(now)
        return None

    def submit(self, now: datetime, *, percent: Decimal) -> CampaignSubmitted:
        """Wait for a coordinator's look; it is as complete as one that is published."""
        self._refuse_heard_of()
        self.check_complete(day_of(now), percent=percent)
        self.state, self.submitted_at, self.changes_wanted = State.SUBMITTED, now, None
        return CampaignSubmitted(
            version=self.next_version(now),
            campaign_id=self.id,
            organisation_id=self.organisation_id,
            organisation_name=self.organisation.name,
            title=self.title,
        )

    def send_back(self, words: str, now: datetime) -> CampaignReturned:
        """Ask its author for changes; without an answer in `TO_CHANGE` it is abandoned."""
        if self.state is not State.SUBMITTED:
            raise CampaignNotSubmitted
        self.state = State.DRAFT
        self.sent_back(words, now)
        return CampaignReturned(
            version=self.next_version(now),
            campaign_id=self.id,
            organisation_id=self.organisation_id,
            title=self.title,
            words=words,
        )

    def abandon(self, now: datetime) -> None:
        """End what was sent back and never came again; nobody but its author had heard of it."""
        self.state, self.ended_at = State.CANCELLED, now
        self.next_version(now)

    def publish(self, now: datetime, *, percent: Decimal) -> CampaignPublished:
        """Show it to everybody; it takes pledges at once when its day has come."""
        self._refuse_heard_of()
        today = day_of(now)
        self.check_complete(today, percent=percent)
        self.starts_on = max(self.starts_on or today, today)
        self.state = State.OPEN if self.starts_on == today else State.ANNOUNCED
        self.published_at, self.changes_wanted = now, None
        self._look_on_its_day()
        return self.told(CampaignPublished, now)

    def open(self, now: datetime) -> CampaignOpened | None:
        """Take pledges when its day has come; None before, or when it does already."""
        if self.state is not State.ANNOUNCED or self.starts_on is None or day_of(now) < self.starts_on:
            return None
        self.state = State.OPEN
        self._look_on_its_day()
        return self.told(CampaignOpened, now)

    def close(self, now: datetime) -> CampaignClosed | None:
        """End it by its rule once its last day is over; None before, or when it has ended."""
        if not self.is_live or self.ends_on is None or day_of(now) <= self.ends_on:
            return None
        return self._closed(State.SUCCEEDED if self.is_enough else State.LAPSED, now)

    def cancel(self, reason: str, now: datetime) -> CampaignClosed | None:
        """Call it off; of what was never shown nobody is told."""
        if self.state in ENDED:
            raise CampaignOver
        was_shown, self.reason = self.is_live, reason
        if was_shown:
            return self._closed(State.CANCELLED, now)
        self.abandon(now)
        return None

    def counts(self, before: int | None, after: int | None, now: datetime) -> CampaignUpdated:
        """One pledge is now `after` and was `before`; None is no pledge."""
        self.pledged_cents += (after or 0) - (before or 0)
        self.pledges += (after is not None) - (before is not None)
        return self.told(CampaignUpdated, now)

    def refuse_unless_open(self, today: date) -> None:
        """Raise why nothing is promised to it today, nor taken back; the clock decides, not the timer."""
        if self.state in ENDED or self.is_over(today):
            raise CampaignOver
        if not self.takes_pledges(today):
            raise CampaignNotOpenYet(opens=f"{self.starts_on:%d/%m/%Y}")

    def check_complete(self, today: date, *, percent: Decimal) -> None:
        """Raise what is still missing, in disorder, or no gift: a counterpart above `percent` of its pledge."""
        for name in ("title", "description", "categories", "goal_cents", "ends_on"):
            if not getattr(self, name):
                raise CampaignIncomplete(name.replace("_cents", "_euros"))
        self._check_days(today)
        self._check_money(percent)

    def _check_days(self, today: date) -> None:
        first = max(self.starts_on or today, today)
        if self.ends_on is None or self.ends_on < first:
            raise DatesInDisorder
        if self.ends_on - first > LONGEST:
            raise CampaignTooLong

    def _check_money(self, percent: Decimal) -> None:
        goal = self.goal_cents or 0
        if (self.threshold_cents or 0) > goal:
            raise ThresholdAboveGoal
        if any(each.cents > goal for each in self.steps):
            raise StepAboveGoal
        for each in self.counterparts:
            most = each.from_cents * percent / 100
            if each.value_cents > most:
                raise CounterpartTooLarge(
                    words=each.words,
                    percent=f"{percent:.0f}",
                    most=f"{most / 100:.2f}".removesuffix(".00").replace(".", ","),
                )

    def told(self, event: type[CampaignTold], now: datetime) -> CampaignTold:
        """The event of a kind that tells of it as it now is."""
        supplier = self.organisation.as_supplier()
        if self.goal_cents is None or self.starts_on is None or self.ends_on is None:
            raise ValueError("a campaign that is shown says how much, and from when until when")
        return event(
            version=self.next_version(now),
            campaign_id=self.id,
            supplier=supplier,
            title=self.title,
            description=self.description,
            categories=tuple(self.categories),
            zones=(radius_around(supplier.place, AROUND_KM),),
            goal_cents=self.goal_cents,
            threshold_cents=self.enough_cents,
            pledged_cents=self.pledged_cents,
            rule=self.rule,
            opens_on=self.starts_on,
            closes_on=self.ends_on,
            origin=self.origin,
            published_at=self.published_at or now,
        )

    def _closed(self, state: State, now: datetime) -> CampaignClosed:
        self.state, self.ended_at, self.look_at = state, now, now
        return CampaignClosed(
            version=self.next_version(now),
            campaign_id=self.id,
            organisation_id=self.organisation_id,
            title=self.title,
            outcome=Outcome(state),
            pledged_cents=self.pledged_cents,
            pledges=self.pledges,
        )

    def _look_on_its_day(self) -> None:
        day = self.starts_on if self.state is State.ANNOUNCED else self.ends_on and self.ends_on + timedelta(days=1)
        self.look_at = datetime.combine(day, time(), PARIS).astimezone(UTC) if day else None

    def _refuse_heard_of(self) -> None:
        if self.state in ENDED:
            raise CampaignOver
        if self.is_live:
            raise CampaignPublishedAlready
