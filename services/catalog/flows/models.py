"""A flow, its states, and the rules it can decide by itself."""

from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import TypeVar
from uuid import UUID

from sqlalchemy import Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from services.catalog.db import Placed, coded, texts
from services.catalog.flows.errors import (
    FlowAlreadyPublished,
    FlowEnded,
    FlowEndsBeforeItStarts,
    FlowNotPaused,
    FlowNotPublished,
    FlowNotSubmitted,
    FlowOver,
    FlowWithoutCategory,
    FlowWithoutLegalStatus,
    FlowWithoutPlace,
    FlowWithoutQuantity,
    FlowWithoutTitle,
    GiftWithPrice,
    KitchenWasteForAnimals,
    MinimumAboveQuantity,
    NotEatenByAnimals,
    PickupUpsideDown,
    RangeUpsideDown,
    SchemeWithoutConvention,
    WasteForPeople,
    WasteWithoutCode,
)
from services.catalog.flows.recurrence import Recurrence, at
from services.catalog.posting.models import Checked
from shared.clock import day_of
from shared.events.behalf import FlowAbandoned
from shared.events.catalog import (
    FlowPaused,
    FlowPublished,
    FlowReturned,
    FlowSubmitted,
    FlowTaken,
    FlowUpdated,
    FlowWithdrawn,
)
from shared.events.facts import LegalStatus, Level
from shared.vocabulary import is_fed, is_hazardous, is_kitchen_waste, is_never_eaten_as_waste, is_waste_code

AHEAD = timedelta(weeks=4)
"""How long before its day a lot is made (domain.md, rule 2)."""

OPENS, CLOSES = time(8), time(18)
ONE_OFF_DAYS = 30
"""How long a one-off lot stays when its author gives no end."""


class FlowState(StrEnum):
    """Where a flow stands; `published` is the only state that is matched and releases lots."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    PUBLISHED = "published"
    PAUSED = "paused"
    ENDED = "ended"


Told = TypeVar("Told", FlowPublished, FlowUpdated)

UNHEARD = (FlowState.DRAFT, FlowState.SUBMITTED)


class Flow(Placed, Checked):
    """One flow; `price_cents` is per unit, negative when the holder pays the taker, None when it is to be agreed.

    Its window is its season; `plan_at` is when the timer looks after its lots next; `lot_days` is how many days a lot
    may be taken, from its day on; `quantity_most` is the upper end when the quantity is a range. Owner and operator
    are named when they are others; `priority_percent` is the share of a lot's life kept for those who go first.
    `use_by_on` is the date of all of it, `use_by_days` how many days after its own each lot has its date.
    `taken_at` is since when nothing of it is left to take or to come; readers have then been told so. `serves_first` is
    true once somebody was accepted as a subscriber, or named to take over: its lots then go to them first.
    """

    __tablename__ = "flows"
    __table_args__ = (
        UniqueConstraint("organisation_id", "external_id"),
        Index("ix_flows_state_published_at", "state", "published_at"),
        Index("ix_flows_plan_at", "plan_at", postgresql_where=text("plan_at IS NOT NULL")),
    )

    state: Mapped[FlowState] = coded(FlowState, default=FlowState.DRAFT)
    legal_status: Mapped[LegalStatus | None] = coded(LegalStatus)
    levels: Mapped[list[str]] = texts()
    radius_km: Mapped[int | None]
    supplier_kinds: Mapped[list[str]] = texts()
    permits: Mapped[list[str]] = texts()
    receipt_wanted: Mapped[bool] = mapped_column(default=False)
    price_cents: Mapped[int | None]
    currency: Mapped[str] = mapped_column(String(3), default="EUR")
    recurrence: Mapped[str | None] = mapped_column(String(200))
    pickup_from: Mapped[time] = mapped_column(default=OPENS)
    pickup_until: Mapped[time] = mapped_column(default=CLOSES)
    lot_days: Mapped[int | None]
    plan_at: Mapped[datetime | None]
    quantity_most: Mapped[Decimal | None]
    measured: Mapped[str] = mapped_column(String(20), default="estimated", server_default="estimated")
    condition: Mapped[str | None] = mapped_column(String(20))
    packaging: Mapped[str | None] = mapped_column(String(20))
    consistence: Mapped[str | None] = mapped_column(String(20))
    transport: Mapped[str] = mapped_column(String(20), default="taker", server_default="taker")
    access: Mapped[str] = mapped_column(Text, default="", server_default="")
    safety: Mapped[str] = mapped_column(Text, default="", server_default="")
    owner_name: Mapped[str | None] = mapped_column(String(200))
    operator_name: Mapped[str | None] = mapped_column(String(200))
    epr_scheme: Mapped[str | None] = mapped_column(String(20))
    epr_convention: Mapped[str | None] = mapped_column(String(200))
    provenance: Mapped[str] = mapped_column(Text, default="", server_default="")
    use_by_on: Mapped[date | None]
    use_by_days: Mapped[int | None]
    priority_percent: Mapped[int] = mapped_column(default=50, server_default="50")
    copied_from: Mapped[UUID | None]
    match_count: Mapped[int | None]
    match_revision: Mapped[int] = mapped_column(default=0)
    paused_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    taken_at: Mapped[datetime | None]
    serves_first: Mapped[bool] = mapped_column(default=False, server_default="false")

    @property
    def is_open(self) -> bool:
        """True while takers are looked for."""
        return self.state is FlowState.PUBLISHED

    @property
    def is_waste(self) -> bool:
        """True when the law of waste applies: code, permits, papers."""
        return self.legal_status is LegalStatus.WASTE

    @property
    def is_discarded_food(self) -> bool:
        """True for what people never get: food that is legally waste."""
        return self.is_waste and is_never_eaten_as_waste(self.categories or (), self.ewc or ())

    @property
    def is_dated(self) -> bool:
        """True when its lots have a use-by date by its own rule."""
        return self.use_by_on is not None or self.use_by_days is not None

    @property
    def hazardous_codes(self) -> list[str]:
        """The codes the European list stars: a tracking slip goes with them (R. 541-45)."""
        return [code for code in self.ewc if is_hazardous(code)]

    def calendar(self, now: datetime) -> Recurrence:
        """Its days; without a first day they begin when it was published."""
        begins = day_of(self.published_at or now)
        first = self.starts_on or begins
        if self.recurrence is None:
            return Recurrence(None, max(first, begins))
        return Recurrence(self.recurrence, first, self.ends_on)

    def expiry(self, day: date) -> datetime:
        """When the lot of a day is gone: at the end of its last slot."""
        if self.recurrence is None:
            last = self.ends_on or day + timedelta(days=(self.lot_days or ONE_OFF_DAYS) - 1)
        else:
            last = day + timedelta(days=(self.lot_days or 1) - 1)
        return at(last, self.pickup_until)

    def use_by(self, day: date) -> date | None:
        """The date after which the lot of a day is eaten by nobody; its holder may say another one of the lot."""
        if self.use_by_days is not None and (self.recurrence is not None or self.use_by_on is None):
            return day + timedelta(days=self.use_by_days)
        return self.use_by_on

    def coming(self, now: datetime, *, count: int = 6) -> list[date]:
        """Its next days whose lot can still be taken."""
        calendar = self.calendar(now)
        since = calendar.starts_on if self.recurrence is None else day_of(now)
        return [day for day in calendar.following(since, count=count + 1) if self.expiry(day) > now][:count]

    def submit(self, now: datetime) -> None:
        """Wait for a coordinator's look; it is as complete as one that is published."""
        self._refuse_heard_of()
        self.check_complete(now)
        self.state, self.submitted_at, self.changes_wanted = FlowState.SUBMITTED, now, None
        self.updated_at = now

    def waiting(self, now: datetime) -> FlowSubmitted:
        """The event that tells coordinators of it."""
        return FlowSubmitted(
            version=self.next_version(now),
            flow_id=self.id,
            organisation_id=self.organisation_id,
            organisation_name=self.organisation.name,
            title=self.title,
        )

    def returned(self, now: datetime) -> FlowReturned:
        """The event that tells its author what has to change."""
        return FlowReturned(
            version=self.next_version(now),
            flow_id=self.id,
            organisation_id=self.organisation_id,
            title=self.title,
            words=self.changes_wanted or "",
        )

    def send_back(self, words: str, now: datetime) -> None:
        """Ask the holder for changes; without an answer in `TO_CHANGE` it is abandoned."""
        if self.state is not FlowState.SUBMITTED:
            raise FlowNotSubmitted
        self.state = FlowState.DRAFT
        self.sent_back(words, now)

    def abandon(self, now: datetime) -> FlowAbandoned:
        """End what was sent back and never came again; nobody but its holder had heard of it, and hears of it."""
        self.state, self.ended_at = FlowState.ENDED, now
        version, title = self.next_version(now), self.title
        return FlowAbandoned(version=version, flow_id=self.id, organisation_id=self.organisation_id, title=title)

    def publish(self, now: datetime) -> FlowPublished:
        """Open it to takers; refuses what could not be matched, or what the law refuses."""
        self._refuse_heard_of()
        self.check_complete(now)
        self.state, self.published_at, self.changes_wanted = FlowState.PUBLISHED, now, None
        return self._tell(FlowPublished, now)

    def updated(self, now: datetime) -> FlowUpdated | None:
        """After its fields changed: the event when it is open, else None."""
        self._refuse_ended()
        if self.state not in UNHEARD:
            self.check_complete(now)
        if self.is_open and self.taken_at is None:
            return self._tell(FlowUpdated, now)
        self.next_version(now)
        return None

    def all_taken(self, now: datetime) -> FlowTaken:
        """Nothing of it is left to take, nor to come."""
        self.taken_at = now
        return FlowTaken(version=self.next_version(now), flow_id=self.id, organisation_id=self.organisation_id)

    def freed(self, now: datetime) -> FlowUpdated:
        """Something of it may be taken again."""
        self.taken_at = None
        return self._tell(FlowUpdated, now)

    def pause(self, now: datetime) -> FlowPaused:
        """Release no lot for now."""
        self._refuse_ended()
        if not self.is_open:
            raise FlowNotPublished
        self.state, self.paused_at, self.plan_at = FlowState.PAUSED, now, None
        return FlowPaused(version=self.next_version(now), flow_id=self.id, organisation_id=self.organisation_id)

    def resume(self, now: datetime) -> FlowUpdated:
        """Release lots again, with everything that changed meanwhile."""
        self._refuse_ended()
        if self.state is not FlowState.PAUSED:
            raise FlowNotPaused
        self.check_complete(now)
        self.state, self.paused_at, self.taken_at = FlowState.PUBLISHED, None, None
        return self._tell(FlowUpdated, now)

    def end(self, now: datetime) -> FlowWithdrawn | None:
        """End it, whatever its state; a draft has never been heard of."""
        self._refuse_ended()
        was_known = self.state not in UNHEARD
        self.state, self.ended_at, self.plan_at = FlowState.ENDED, now, None
        version = self.next_version(now)
        if not was_known:
            return None
        return FlowWithdrawn(version=version, flow_id=self.id, organisation_id=self.organisation_id)

    def check_complete(self, now: datetime) -> None:
        """Raise what is still missing to find takers, and what the law refuses."""
        if not self.title:
            raise FlowWithoutTitle
        if self.place is None:
            raise FlowWithoutPlace
        if not self.categories and not self.ewc:
            raise FlowWithoutCategory
        if self.quantity is None:
            raise FlowWithoutQuantity
        if self.minimum_value and self.minimum_value > self.quantity.value:
            raise MinimumAboveQuantity
        if self.quantity_most and self.quantity_most < self.quantity.value:
            raise RangeUpsideDown
        self._check_law()
        self._check_dates(now)

    def _check_law(self) -> None:
        if self.legal_status is None:
            raise FlowWithoutLegalStatus
        if self.is_waste and not any(is_waste_code(code) for code in self.ewc):
            raise WasteWithoutCode
        if Level.REUSE in self.levels and self.is_discarded_food:
            raise WasteForPeople
        if Level.ANIMALS in self.levels and is_kitchen_waste(self.categories, self.ewc):
            raise KitchenWasteForAnimals
        if Level.ANIMALS in self.levels and self.categories and not is_fed(self.categories):
            raise NotEatenByAnimals
        if self.receipt_wanted and self.price_cents:
            raise GiftWithPrice
        if self.epr_scheme and not self.epr_convention:
            raise SchemeWithoutConvention

    def _check_dates(self, now: datetime) -> None:
        if self.starts_on and self.ends_on and self.ends_on < self.starts_on:
            raise FlowEndsBeforeItStarts
        if self.pickup_until <= self.pickup_from:
            raise PickupUpsideDown
        if not self.coming(now, count=1):
            raise FlowOver

    def _refuse_heard_of(self) -> None:
        self._refuse_ended()
        if self.state not in UNHEARD:
            raise FlowAlreadyPublished

    def _refuse_ended(self) -> None:
        if self.state is FlowState.ENDED:
            raise FlowEnded

    def _tell(self, event: type[Told], now: datetime) -> Told:
        place, quantity, legal_status = self.place, self.quantity, self.legal_status
        if place is None:
            raise FlowWithoutPlace
        if quantity is None:
            raise FlowWithoutQuantity
        if legal_status is None:
            raise FlowWithoutLegalStatus
        return event(
            version=self.next_version(now),
            flow_id=self.id,
            author=self.organisation.as_author(),
            title=self.title,
            description=self.description,
            categories=tuple(self.categories),
            ewc=tuple(self.ewc),
            legal_status=legal_status,
            place=place,
            radius_km=self.radius_km,
            quantity=quantity,
            minimum=self.minimum,
            recurrence=self.recurrence,
            window=self.window,
            levels=tuple(Level(level) for level in self.levels),
            supplier_kinds=tuple(self.supplier_kinds),
            permits=tuple(self.permits),
            receipt_wanted=self.receipt_wanted,
            price_cents=self.price_cents,
            currency=self.currency,
            condition=self.condition,
            packaging=self.packaging,
            transport=self.transport,
            use_by_on=self.use_by_on,
            priority_percent=self.priority_percent,
            origin=self.origin,
            published_at=self.published_at or now,
        )
