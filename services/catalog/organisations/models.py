"""Legal entity (SIREN) and establishment (SIRET): two tables from the first day."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String, Text, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from services.catalog.db import Base, Placed, coded, texts
from services.catalog.organisations.errors import (
    AsksResumeInThePast,
    OrganisationRefused,
    OrganisationWaiting,
    OtherSuspended,
)
from services.catalog.organisations.status import StatusFact, codes_held
from shared.clock import day_of
from shared.database import new_id
from shared.events.catalog import (
    EntityChanged,
    OrganisationRegistered,
    OrganisationSuspended,
    OrganisationUpdated,
    OrganisationVerified,
)
from shared.events.facts import Author, Origin, Permit, Supplier
from shared.phrases.names import ELIGIBILITIES, SUPPLIER_KINDS, TAX_RECEIPTS
from shared.web.suspension import OrganisationSuspendedNow


class OrganisationRole(StrEnum):
    """What an organisation comes to do; several are normal."""

    BUYER = "buyer"
    ESS = "ess"
    PUBLISHER = "publisher"
    TERRITORY = "territory"
    PARTNER = "partner"


class OrganisationState(StrEnum):
    """How far an organisation has been checked."""

    REGISTERED = "registered"
    VERIFIED = "verified"
    REFUSED = "refused"
    SUSPENDED = "suspended"
    # Nobody's establishment: where somebody without one stands until their claim to another is answered.
    WAITING = "waiting"


AnyOrganisationEvent = (
    type[OrganisationRegistered] | type[OrganisationUpdated] | type[OrganisationVerified] | type[OrganisationSuspended]
)


class LegalEntity(Base):
    """The legal person; "the same organisation" means the same legal entity.

    `kinds` holds its legal form and its inclusion or adapted-work kinds, as `shared.phrases.names` lists them.
    """

    __tablename__ = "legal_entities"
    __table_args__ = (
        Index("ix_legal_entities_facts_end_on", "facts_end_on", postgresql_where=text("facts_end_on IS NOT NULL")),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    siren: Mapped[str | None] = mapped_column(String(9), unique=True)
    name: Mapped[str] = mapped_column(Text)
    kinds: Mapped[list[str]] = texts()
    may_issue_receipts: Mapped[bool] = mapped_column(default=False)
    fact_data: Mapped[list[dict[str, Any]]] = mapped_column("facts", JSONB, default=list, server_default="[]")
    # The first day on which one of its facts no longer holds.
    facts_end_on: Mapped[date | None]
    version: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime]

    @property
    def facts(self) -> list[StatusFact]:
        """What it said it is, with source and dates."""
        return [StatusFact.model_validate(each) for each in self.fact_data or ()]

    def state_facts(self, facts: Sequence[StatusFact], today: date) -> None:
        """Keep what it says, and derive from it what holds today."""
        self.fact_data = [fact.model_dump(mode="json", exclude_none=True) for fact in facts]
        self.kinds = codes_held(facts, SUPPLIER_KINDS, today)
        self.may_issue_receipts = TAX_RECEIPTS in codes_held(facts, ELIGIBILITIES, today)
        ends = [fact.expires_on for fact in facts if fact.expires_on is not None and fact.holds(today)]
        self.facts_end_on = min(ends) + timedelta(days=1) if ends else None

    def all_facts(self, today: date) -> list[StatusFact]:
        """What it said it is, with those of its kinds that nothing was said of yet: declared, as of its first day."""
        told = {fact.code for fact in self.facts}
        since = min(day_of(self.created_at), today)
        said = [*(self.kinds or ()), *([TAX_RECEIPTS] if self.may_issue_receipts else ())]
        undated = [StatusFact(code=code, stated_on=since) for code in said if code not in told]
        return [*self.facts, *undated]

    def check_facts(self, codes: Sequence[str], today: date) -> list[str]:
        """A coordinator saw the proof of these; returns those that it states at all."""
        facts = self.all_facts(today)
        seen = [fact.code for fact in facts if fact.code in codes]
        checked = [fact.model_copy(update={"checked_on": today}) if fact.code in seen else fact for fact in facts]
        self.state_facts(checked, today)
        return seen

    def changed(self) -> EntityChanged:
        """The event that tells this entity's facts."""
        self.version += 1
        return EntityChanged(
            version=self.version,
            legal_entity_id=self.id,
            siren=self.siren,
            name=self.name,
            kinds=tuple(self.kinds),
            may_issue_receipts=self.may_issue_receipts,
        )


class Organisation(Placed, Base):
    """One establishment, where people act and things are picked up."""

    __tablename__ = "organisations"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    legal_entity_id: Mapped[UUID] = mapped_column(ForeignKey("legal_entities.id"), index=True)
    siret: Mapped[str | None] = mapped_column(String(14), unique=True)
    name: Mapped[str] = mapped_column(Text)
    description: Mapped[str] = mapped_column(Text, default="")
    # A project that has no SIRET yet is held by the partner or the territory that accompanies it.
    held_by: Mapped[UUID | None] = mapped_column(ForeignKey("organisations.id"), index=True)
    # How a project is reached, in its own words; for members, not for passers-by.
    contact: Mapped[str] = mapped_column(Text, default="", server_default="")
    website: Mapped[str | None] = mapped_column(Text)
    naf: Mapped[str | None] = mapped_column(String(5))
    roles: Mapped[list[str]] = texts()
    permits: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, default=list, server_default="[]")
    state: Mapped[OrganisationState] = coded(OrganisationState, default=OrganisationState.REGISTERED)
    # How many solicitations a week it accepts, and the day before which it wants none; matching keeps to both.
    weekly_asks: Mapped[int | None]
    asks_resume_on: Mapped[date | None]
    # When a coordinator last found it to be what it says; None also where a list said so.
    verified_on: Mapped[date | None]
    origin: Mapped[Origin] = coded(Origin, default=Origin.MEMBER)
    external_id: Mapped[str | None] = mapped_column(String(200), unique=True)
    version: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]

    legal_entity: Mapped[LegalEntity] = relationship(lazy="raise")

    @property
    def all_permits(self) -> list[Permit]:
        """What any of its sites holds."""
        return [Permit.model_validate(each) for each in self.permits or ()]

    @property
    def is_project(self) -> bool:
        """True before its creation: held by somebody, without a number yet."""
        return self.held_by is not None and self.siret is None

    @property
    def is_suspended(self) -> bool:
        """True while the territory suspends it: it reads, ends and completes what it began."""
        return self.state is OrganisationState.SUSPENDED

    def may_act(self) -> None:
        """Raise when the organisation was refused or suspended, or is none yet."""
        if self.state is OrganisationState.WAITING:
            raise OrganisationWaiting
        if self.state is OrganisationState.SUSPENDED:
            raise OrganisationSuspendedNow
        if self.state is OrganisationState.REFUSED:
            raise OrganisationRefused

    def may_be_bound(self) -> None:
        """Raise when nobody else commits itself to it now; what exists already is ended or completed."""
        if self.state in (OrganisationState.SUSPENDED, OrganisationState.REFUSED):
            raise OtherSuspended

    def accept_asks(self, weekly: int, *, resume_on: date | None, today: date) -> None:
        """Say how many solicitations a week it wants, and from when again; raises `AsksResumeInThePast`."""
        if resume_on is not None and resume_on <= today:
            raise AsksResumeInThePast
        self.weekly_asks, self.asks_resume_on = weekly, resume_on

    def tell(self, event: AnyOrganisationEvent, now: datetime) -> Any:
        """The event of a kind that tells this organisation's facts."""
        self.version += 1
        self.updated_at = now
        place = self.place
        if place is None:
            raise ValueError("an organisation has a place")
        return event(
            version=self.version,
            organisation_id=self.id,
            legal_entity_id=self.legal_entity_id,
            siret=self.siret,
            name=self.name,
            roles=tuple(self.roles),
            place=place,
            verified=self.state is OrganisationState.VERIFIED,
            origin=self.origin,
        )

    def as_author(self, *, hidden: bool = False) -> Author:
        """Who stands behind a need or a flow, in an event."""
        return Author(organisation_id=self.id, legal_entity_id=self.legal_entity_id, name=self.name, hidden=hidden)

    def as_supplier(self) -> Supplier:
        """Who stands behind an offer, in an event."""
        place = self.place
        if place is None:
            raise ValueError("an organisation has a place")
        return Supplier(
            organisation_id=self.id,
            legal_entity_id=self.legal_entity_id,
            name=self.name,
            kinds=tuple(self.legal_entity.kinds),
            place=place,
            may_issue_receipts=self.legal_entity.may_issue_receipts,
            verified=self.state is OrganisationState.VERIFIED,
            registered_on=day_of(self.created_at),
            weekly_asks=self.weekly_asks,
            asks_resume_on=self.asks_resume_on,
        )
