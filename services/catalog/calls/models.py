"""A call for projects, an application to it, and what its caller thinks of that; the rules between their states."""

from collections.abc import Sequence
from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from services.catalog.calls.errors import (
    AnswerMissing,
    ApplicationSent,
    CallIncomplete,
    CallNotOpen,
    CallPublished,
    DatesInDisorder,
)
from services.catalog.db import Base, coded, texts
from services.catalog.organisations.models import Organisation
from shared.database import new_id
from shared.events.calls import ApplicationDecided, ApplicationSubmitted, CallOpened

MOST_CRITERIA = 8


class CallState(StrEnum):
    """How far a call is; `announced` is published and opens later."""

    DRAFT = "draft"
    ANNOUNCED = "announced"
    OPEN = "open"
    CLOSED = "closed"
    DECIDED = "decided"


class ApplicationState(StrEnum):
    """How far an application is."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    WITHDRAWN = "withdrawn"
    RETAINED = "retained"
    NOT_RETAINED = "not_retained"


class Call(Base):
    """What is asked for, of whom, until when, by which criteria."""

    __tablename__ = "calls"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisations.id"), index=True)
    state: Mapped[CallState] = coded(CallState, default=CallState.DRAFT)
    version: Mapped[int] = mapped_column(default=0)
    title: Mapped[str] = mapped_column(String(200), default="")
    purpose: Mapped[str] = mapped_column(Text, default="")
    who: Mapped[str] = mapped_column(Text, default="")
    open_to: Mapped[list[str]] = texts()
    amount_cents: Mapped[int | None] = mapped_column(BigInteger)
    criteria: Mapped[list[str]] = texts()
    opens_on: Mapped[date | None]
    closes_on: Mapped[date | None]
    decides_on: Mapped[date | None]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    published_at: Mapped[datetime | None]

    organisation: Mapped[Organisation] = relationship(lazy="raise")

    def change(self, values: dict[str, Any], now: datetime) -> None:
        """Write a draft anew; raises `CallPublished` when it is none any more."""
        if self.state is not CallState.DRAFT:
            raise CallPublished
        for name, value in values.items():
            setattr(self, name, value)
        self.version += 1
        self.updated_at = now

    def publish(self, today: date, now: datetime) -> None:
        """Show it to everybody; raises what is missing or in disorder."""
        if self.state is not CallState.DRAFT:
            raise CallPublished
        for name in ("title", "purpose", "open_to", "criteria", "closes_on"):
            if not getattr(self, name):
                raise CallIncomplete(name)
        self.opens_on = self.opens_on or today
        days = [max(self.opens_on, today), self.closes_on, self.decides_on or self.closes_on]
        if days != sorted(days):  # type: ignore[type-var] # closes_on is there, see above
            raise DatesInDisorder
        self.state, self.published_at = CallState.ANNOUNCED, now
        self.version += 1
        self.updated_at = now

    def move_on(self, today: date, now: datetime) -> list[CallOpened]:
        """Open or close on its days; what readers are told of it."""
        told: list[CallOpened] = []
        if self.state is CallState.ANNOUNCED and self.opens_on is not None and self.opens_on <= today:
            self.state = CallState.OPEN
            self.version += 1
            told.append(self._opened())
        if self.state is CallState.OPEN and self.closes_on is not None and self.closes_on < today:
            self.state = CallState.CLOSED
            self.version += 1
        self.updated_at = now
        return told

    def _opened(self) -> CallOpened:
        if self.closes_on is None:
            raise ValueError("a call that opens says when it closes")
        return CallOpened(
            version=self.version,
            call_id=self.id,
            organisation_id=self.organisation_id,
            organisation_name=self.organisation.name,
            title=self.title,
            open_to=tuple(self.open_to),
            closes_on=self.closes_on,
        )

    def takes_applications(self, today: date) -> bool:
        """True between its days, whether or not a timer has looked."""
        has_begun = self.state in (CallState.OPEN, CallState.ANNOUNCED)
        return has_begun and bool(self.opens_on and self.closes_on and self.opens_on <= today <= self.closes_on)

    def is_over(self, today: date) -> bool:
        """True once nobody can apply any more."""
        ended = self.state in (CallState.CLOSED, CallState.DECIDED)
        return ended or bool(self.state is not CallState.DRAFT and self.closes_on and self.closes_on < today)


class Application(Base):
    """What an organisation answers to a call: one text for each of its criteria."""

    __tablename__ = "call_applications"
    __table_args__ = (UniqueConstraint("call_id", "organisation_id"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    call_id: Mapped[UUID] = mapped_column(ForeignKey("calls.id"))
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisations.id"), index=True)
    state: Mapped[ApplicationState] = coded(ApplicationState, default=ApplicationState.DRAFT)
    version: Mapped[int] = mapped_column(default=0)
    title: Mapped[str] = mapped_column(String(200), default="")
    answers: Mapped[list[str]] = mapped_column(JSONB, default=list)
    amount_cents: Mapped[int | None] = mapped_column(BigInteger)
    # What the caller writes to the applicant with the decision.
    words: Mapped[str] = mapped_column(Text, default="")
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    submitted_at: Mapped[datetime | None]

    organisation: Mapped[Organisation] = relationship(lazy="raise")
    call: Mapped[Call] = relationship(lazy="raise")

    @property
    def is_with_its_authors(self) -> bool:
        """True while nobody else reads it: not sent yet, or taken back."""
        return self.state in (ApplicationState.DRAFT, ApplicationState.WITHDRAWN)

    def write(self, values: dict[str, Any], now: datetime) -> None:
        """Write a draft anew, or what was taken back; raises `ApplicationSent` when it lies with the caller."""
        if not self.is_with_its_authors:
            raise ApplicationSent
        for name, value in values.items():
            setattr(self, name, value)
        self.version += 1
        self.updated_at = now

    def submit(self, call: Call, today: date, now: datetime) -> ApplicationSubmitted:
        """Send it, once until it is taken back; raises what is missing, or `CallNotOpen`."""
        if not self.is_with_its_authors:
            raise ApplicationSent
        if not call.takes_applications(today):
            raise CallNotOpen
        if not self.title:
            raise AnswerMissing("title")
        for number, _ in enumerate(call.criteria, start=1):
            if len(self.answers) < number or not self.answers[number - 1]:
                raise AnswerMissing(f"answer_{number}")
        again = self.state is ApplicationState.WITHDRAWN
        self.state, self.submitted_at, self.updated_at = ApplicationState.SUBMITTED, now, now
        self.version += 1
        return ApplicationSubmitted(
            version=self.version,
            application_id=self.id,
            call_id=call.id,
            organisation_id=call.organisation_id,
            applicant_id=self.organisation_id,
            applicant_name=self.organisation.name,
            title=call.title,
            again=again,
        )

    def withdraw(self, call: Call, today: date, now: datetime) -> None:
        """Take it back, while the call is open: it may be written and sent again until the call closes."""
        if self.state is not ApplicationState.SUBMITTED:
            raise ApplicationSent
        if not call.takes_applications(today):
            raise CallNotOpen
        self.state, self.updated_at = ApplicationState.WITHDRAWN, now
        self.version += 1

    def decide(self, call: Call, review: "Review", now: datetime) -> ApplicationDecided:
        """Tell its authors what became of it."""
        retained = bool(review.retained)
        self.state = ApplicationState.RETAINED if retained else ApplicationState.NOT_RETAINED
        self.words, self.updated_at = review.words, now
        self.version += 1
        return ApplicationDecided(
            version=self.version,
            application_id=self.id,
            call_id=call.id,
            organisation_id=self.organisation_id,
            title=call.title,
            retained=retained,
            words=review.words,
        )


class Review(Base):
    """What the caller thinks of an application, before anybody else knows: a mark a criterion, and the decision."""

    __tablename__ = "application_reviews"

    application_id: Mapped[UUID] = mapped_column(ForeignKey("call_applications.id"), primary_key=True)
    # The caller's.
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisations.id"), index=True)
    marks: Mapped[list[int | None]] = mapped_column(JSONB, default=list)
    retained: Mapped[bool | None]
    words: Mapped[str] = mapped_column(Text, default="")
    reviewed_by: Mapped[UUID] = mapped_column(ForeignKey("members.id"))
    reviewed_at: Mapped[datetime]

    def is_of(self, application: Application) -> bool:
        """False when the application was taken back since, and sent again: its caller looks again."""
        return application.submitted_at is None or self.reviewed_at >= application.submitted_at

    def decides(self, application: Application) -> bool:
        """True when it says what becomes of the application as it is now."""
        return self.retained is not None and self.is_of(application)

    @property
    def total(self) -> int:
        """The sum of its marks."""
        return sum(mark or 0 for mark in self.marks)


def aligned(said: Sequence[Any], criteria: Sequence[str]) -> list[Any]:
    """As many answers or marks as there are criteria."""
    return list(said[: len(criteria)])
