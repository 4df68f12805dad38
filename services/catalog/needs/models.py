"""A need, its states, and the rules it can decide by itself."""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import TypeVar
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from services.catalog.db import Placed, coded, texts
from services.catalog.needs.errors import (
    AmountMissing,
    DeadlineInThePast,
    EndsBeforeItStarts,
    HoursWithoutGround,
    MeansUnfit,
    NeedAlreadyEnded,
    NeedAlreadyPublished,
    NeedNotPublished,
    NeedNotSubmitted,
    NeedWithoutCategory,
    NeedWithoutPlace,
    NeedWithoutTitle,
    ReservedWithoutGround,
    StartsBeforeDeadline,
    TenderWithHiddenAuthor,
    TenderWithoutAddress,
)
from services.catalog.posting.models import Checked
from shared.clock import day_of
from shared.events.behalf import NeedAbandoned
from shared.events.catalog import (
    Ending,
    NeedClosed,
    NeedPublished,
    NeedReturned,
    NeedSubmitted,
    NeedUpdated,
    NeedWithdrawn,
)
from shared.events.facts import NeedKind, Origin, SocialClause
from shared.phrases.names import RESERVING


class NeedState(StrEnum):
    """Where a need stands; `published` is the only state that is matched."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    PUBLISHED = "published"
    CLOSED = "closed"
    WITHDRAWN = "withdrawn"


class AmountShown(StrEnum):
    """How much of its budget a need tells."""

    BAND = "band"
    EXACT = "exact"
    HIDDEN = "hidden"


Told = TypeVar("Told", NeedPublished, NeedUpdated)

ENDED = (NeedState.CLOSED, NeedState.WITHDRAWN)

# In what form it is sought; a kind without a line needs no such question.
MEANS_BY_KIND: Mapping[str, tuple[str, ...]] = {
    "patronage": ("money", "goods", "skills"),
    "support": ("coaching", "finance", "premises"),
    "csr": ("volunteering", "event", "training", "project"),
}


class Need(Placed, Checked):
    """One need; `match_count` and `match_revision` are what matching told last, `amount_cents` its budget in euros."""

    __tablename__ = "needs"
    __table_args__ = (
        UniqueConstraint("organisation_id", "external_id"),
        Index("ix_needs_state_published_at", "state", "published_at"),
    )

    state: Mapped[NeedState] = coded(NeedState, default=NeedState.DRAFT)
    kind: Mapped[NeedKind] = coded(NeedKind, default=NeedKind.PROCUREMENT)
    cpv: Mapped[list[str]] = texts()
    radius_km: Mapped[int | None]
    deadline_on: Mapped[date | None]
    service_type: Mapped[str | None] = mapped_column(String(20))
    procurement_mode: Mapped[str | None] = mapped_column(String(20))
    means: Mapped[str | None] = mapped_column(String(20))
    amount_shown: Mapped[AmountShown] = coded(AmountShown, default=AmountShown.BAND, server_default="band")
    amount_band: Mapped[str | None] = mapped_column(String(20))
    amount_cents: Mapped[int | None] = mapped_column(BigInteger)
    supplier_kinds: Mapped[list[str]] = texts()
    permits: Mapped[list[str]] = texts()
    receipt_wanted: Mapped[bool] = mapped_column(default=False)
    public_tender: Mapped[bool] = mapped_column(default=False)
    tender_url: Mapped[str | None] = mapped_column(Text)
    tender_reference: Mapped[str | None] = mapped_column(String(100))
    clause_ground: Mapped[str | None] = mapped_column(String(20))
    clause_hours: Mapped[int | None]
    clause_publics: Mapped[list[str]] = texts()
    clause_facilitator: Mapped[str | None] = mapped_column(String(200))
    environmental_condition: Mapped[str] = mapped_column(Text, default="", server_default="")
    contact_id: Mapped[UUID | None] = mapped_column(ForeignKey("members.id"))
    copied_from: Mapped[UUID | None]
    author_hidden: Mapped[bool] = mapped_column(default=False)
    outcome: Mapped[Ending | None] = coded(Ending)
    would_have_consulted: Mapped[bool | None]
    match_count: Mapped[int | None]
    match_revision: Mapped[int] = mapped_column(default=0)
    closed_at: Mapped[datetime | None]

    @property
    def is_open(self) -> bool:
        """True while suppliers are looked for."""
        return self.state is NeedState.PUBLISHED

    def takes_answers(self, today: date) -> bool:
        """True while it is open, the day of its deadline included."""
        return self.is_open and (self.deadline_on is None or today <= self.deadline_on)

    @property
    def amount_euros(self) -> Decimal | None:
        """Its budget as people write it."""
        return Decimal(self.amount_cents) / 100 if self.amount_cents is not None else None

    @property
    def social_clause(self) -> SocialClause | None:
        """What is asked for people far from employment."""
        if self.clause_ground is None:
            return None
        return SocialClause(
            ground=self.clause_ground,
            hours=self.clause_hours,
            publics=tuple(self.clause_publics),
            facilitator=self.clause_facilitator,
        )

    def submit(self, now: datetime) -> None:
        """Wait for a coordinator's look; it is as complete as one that is published."""
        self._refuse_heard_of()
        self.check_complete(day_of(now))
        self.state, self.submitted_at, self.changes_wanted = NeedState.SUBMITTED, now, None
        self.updated_at = now

    def waiting(self, now: datetime) -> NeedSubmitted:
        """The event that tells coordinators of it."""
        return NeedSubmitted(
            version=self.next_version(now),
            need_id=self.id,
            organisation_id=self.organisation_id,
            organisation_name=self.organisation.name,
            title=self.title,
        )

    def returned(self, now: datetime) -> NeedReturned:
        """The event that tells its author what has to change."""
        return NeedReturned(
            version=self.next_version(now),
            need_id=self.id,
            organisation_id=self.organisation_id,
            title=self.title,
            words=self.changes_wanted or "",
        )

    def send_back(self, words: str, now: datetime) -> None:
        """Ask the author for changes; without an answer in `TO_CHANGE` it is abandoned."""
        if self.state is not NeedState.SUBMITTED:
            raise NeedNotSubmitted
        self.state = NeedState.DRAFT
        self.sent_back(words, now)

    def abandon(self, now: datetime) -> NeedAbandoned:
        """End what was sent back and never came again; nobody but its author had heard of it, and hears of it."""
        self.state, self.closed_at = NeedState.WITHDRAWN, now
        version, title = self.next_version(now), self.title
        return NeedAbandoned(version=version, need_id=self.id, organisation_id=self.organisation_id, title=title)

    def publish(self, now: datetime) -> NeedPublished:
        """Open the need; refuses what could not be matched or answered."""
        self._refuse_heard_of()
        self.check_complete(day_of(now))
        self.state, self.published_at, self.changes_wanted = NeedState.PUBLISHED, now, None
        return self._tell(NeedPublished, now)

    def updated(self, now: datetime) -> NeedUpdated | None:
        """After its fields changed: the event when it is open, None for a draft."""
        if self.state in ENDED:
            raise NeedAlreadyEnded
        if not self.is_open:
            self.next_version(now)
            return None
        self.check_complete(day_of(now))
        return self._tell(NeedUpdated, now)

    def withdraw(self, now: datetime) -> NeedWithdrawn | None:
        """Take it back, whatever its state; only a published one has been heard of."""
        if self.state in ENDED:
            raise NeedAlreadyEnded
        was_open = self.is_open
        self.state, self.closed_at = NeedState.WITHDRAWN, now
        version = self.next_version(now)
        if not was_open:
            return None
        return NeedWithdrawn(version=version, need_id=self.id, organisation_id=self.organisation_id)

    def close(self, outcome: Ending, now: datetime, *, would_have_consulted: bool | None = None) -> NeedClosed:
        """End it with a coded outcome."""
        if self.state in ENDED:
            raise NeedAlreadyEnded
        if not self.is_open:
            raise NeedNotPublished
        self.state, self.closed_at = NeedState.CLOSED, now
        self.outcome, self.would_have_consulted = outcome, would_have_consulted
        return NeedClosed(
            version=self.next_version(now),
            need_id=self.id,
            organisation_id=self.organisation_id,
            outcome=outcome,
            would_have_consulted=would_have_consulted,
        )

    def _refuse_heard_of(self) -> None:
        if self.state is NeedState.PUBLISHED:
            raise NeedAlreadyPublished
        if self.state in ENDED:
            raise NeedAlreadyEnded

    def check_complete(self, today: date) -> None:
        """Raise what is still missing to be matched or answered, and what the rules of public buyers refuse."""
        if not self.title:
            raise NeedWithoutTitle
        if self.place is None:
            raise NeedWithoutPlace
        if not self.categories and not self.cpv and not self.ewc:
            raise NeedWithoutCategory
        if self.means is not None and self.means not in MEANS_BY_KIND.get(self.kind, ()):
            raise MeansUnfit
        if self.amount_shown is AmountShown.EXACT and self.amount_cents is None:
            raise AmountMissing
        self._check_dates(today)
        self._check_clause()
        if self.public_tender:
            self._check_tender()

    def _check_dates(self, today: date) -> None:
        if self.deadline_on and self.deadline_on < today:
            raise DeadlineInThePast
        if self.deadline_on and self.starts_on and self.starts_on < self.deadline_on:
            raise StartsBeforeDeadline
        if self.starts_on and self.ends_on and self.ends_on < self.starts_on:
            raise EndsBeforeItStarts

    def _check_clause(self) -> None:
        if self.clause_ground is None and (self.clause_hours or self.clause_publics):
            raise HoursWithoutGround

    def _check_tender(self) -> None:
        # What was read from a public notice keeps what the notice says.
        if self.origin is not Origin.MEMBER:
            return
        if not self.tender_url:
            raise TenderWithoutAddress
        if self.author_hidden:
            raise TenderWithHiddenAuthor
        if self.supplier_kinds and self.clause_ground not in RESERVING:
            raise ReservedWithoutGround

    def _tell(self, event: type[Told], now: datetime) -> Told:
        place = self.place
        if place is None:
            raise NeedWithoutPlace
        return event(
            version=self.next_version(now),
            need_id=self.id,
            author=self.organisation.as_author(hidden=self.author_hidden and not self.public_tender),
            kind=self.kind,
            title=self.title,
            description=self.description,
            categories=tuple(self.categories),
            ewc=tuple(self.ewc),
            cpv=tuple(self.cpv),
            place=place,
            radius_km=None if self.public_tender else self.radius_km,
            quantity=self.quantity,
            window=self.window,
            deadline_on=self.deadline_on,
            service_type=self.service_type,
            procurement_mode=self.procurement_mode,
            amount_band=None if self.amount_shown is AmountShown.HIDDEN else self.amount_band,
            supplier_kinds=tuple(self.supplier_kinds),
            permits=tuple(self.permits),
            receipt_wanted=self.receipt_wanted,
            public_tender=self.public_tender,
            tender_url=self.tender_url if self.public_tender else None,
            means=self.means,
            social_clause=self.social_clause,
            origin=self.origin,
            published_at=self.published_at or now,
        )
