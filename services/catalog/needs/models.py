"""A need, its states, and the rules it can decide by itself."""

from datetime import date, datetime
from enum import StrEnum
from typing import TypeVar

from sqlalchemy import Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from services.catalog.db import Placed, coded, texts
from services.catalog.needs.errors import (
    DeadlineInThePast,
    EndsBeforeItStarts,
    NeedAlreadyEnded,
    NeedAlreadyPublished,
    NeedNotPublished,
    NeedWithoutCategory,
    NeedWithoutPlace,
    NeedWithoutTitle,
    StartsBeforeDeadline,
)
from services.catalog.posting.models import Posted
from shared.events.catalog import Ending, NeedClosed, NeedPublished, NeedUpdated, NeedWithdrawn
from shared.events.facts import NeedKind


class NeedState(StrEnum):
    """Where a need stands; `published` is the only state that is matched."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    PUBLISHED = "published"
    CLOSED = "closed"
    WITHDRAWN = "withdrawn"


Told = TypeVar("Told", NeedPublished, NeedUpdated)

ENDED = (NeedState.CLOSED, NeedState.WITHDRAWN)


class Need(Placed, Posted):
    """One need; `match_count` and `unmatched` are what matching told last."""

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
    amount_band: Mapped[str | None] = mapped_column(String(20))
    supplier_kinds: Mapped[list[str]] = texts()
    permits: Mapped[list[str]] = texts()
    receipt_wanted: Mapped[bool] = mapped_column(default=False)
    public_tender: Mapped[bool] = mapped_column(default=False)
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

    def publish(self, now: datetime) -> NeedPublished:
        """Open the need; refuses what could not be matched or answered."""
        if self.state is NeedState.PUBLISHED:
            raise NeedAlreadyPublished
        if self.state in ENDED:
            raise NeedAlreadyEnded
        self._check_complete(now.date())
        self.state, self.published_at = NeedState.PUBLISHED, now
        return self._tell(NeedPublished, now)

    def updated(self, now: datetime) -> NeedUpdated | None:
        """After its fields changed: the event when it is open, None for a draft."""
        if self.state in ENDED:
            raise NeedAlreadyEnded
        if not self.is_open:
            self.next_version(now)
            return None
        self._check_complete(now.date())
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

    def _check_complete(self, today: date) -> None:
        if not self.title:
            raise NeedWithoutTitle
        if self.place is None:
            raise NeedWithoutPlace
        if not self.categories and not self.cpv and not self.ewc:
            raise NeedWithoutCategory
        if self.deadline_on and self.deadline_on < today:
            raise DeadlineInThePast
        if self.deadline_on and self.starts_on and self.starts_on < self.deadline_on:
            raise StartsBeforeDeadline
        if self.starts_on and self.ends_on and self.ends_on < self.starts_on:
            raise EndsBeforeItStarts

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
            amount_band=self.amount_band,
            supplier_kinds=tuple(self.supplier_kinds),
            permits=tuple(self.permits),
            receipt_wanted=self.receipt_wanted,
            public_tender=self.public_tender,
            origin=self.origin,
            published_at=self.published_at or now,
        )
