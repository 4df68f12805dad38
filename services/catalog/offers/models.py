"""An offer, its states, and the rules it can decide by itself."""

from collections.abc import Sequence
from datetime import date, datetime
from enum import StrEnum
from typing import Any, TypeVar

from pydantic import TypeAdapter
from sqlalchemy import Index, Text, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from services.catalog.db import coded, texts
from services.catalog.offers.errors import (
    CapacityWithoutUnit,
    MinimumAboveCapacity,
    OfferAlreadyPublished,
    OfferEndsBeforeItStarts,
    OfferNotPaused,
    OfferNotPublished,
    OfferServesNothing,
    OfferWithdrawnAlready,
    OfferWithoutCategory,
    OfferWithoutTitle,
    PauseEndsInThePast,
)
from services.catalog.offers.zones import zones_around
from services.catalog.posting.models import Posted
from shared.clock import day_of
from shared.events.catalog import OfferPaused, OfferPublished, OfferUpdated, OfferWithdrawn
from shared.events.facts import Level, NeedKind, Permit
from shared.territory.place import Zone

ZONES: TypeAdapter[list[Zone]] = TypeAdapter(list[Zone])


class OfferState(StrEnum):
    """Where an offer stands; `published` is the only state that is matched."""

    DRAFT = "draft"
    PUBLISHED = "published"
    PAUSED = "paused"
    WITHDRAWN = "withdrawn"


Told = TypeVar("Told", OfferPublished, OfferUpdated)


class Offer(Posted):
    """One offer; its quantity is a capacity per period, its own permits add to its organisation's.

    `resume_on` ends a pause by itself; `visit_first` asks for a sample or a visit before a promise; `fetches` says that
    it comes with a vehicle.
    """

    __tablename__ = "offers"
    __table_args__ = (
        UniqueConstraint("organisation_id", "external_id"),
        Index("ix_offers_state_published_at", "state", "published_at"),
    )

    state: Mapped[OfferState] = coded(OfferState, default=OfferState.DRAFT)
    need_kinds: Mapped[list[str]] = texts()
    takes_material: Mapped[bool] = mapped_column(default=False)
    cpv: Mapped[list[str]] = texts()
    naf: Mapped[list[str]] = texts()
    zone_data: Mapped[list[dict[str, Any]]] = mapped_column("zones", JSONB, default=list, server_default="[]")
    service_types: Mapped[list[str]] = texts()
    permit_data: Mapped[list[dict[str, Any]]] = mapped_column("permits", JSONB, default=list, server_default="[]")
    level: Mapped[Level | None] = coded(Level)
    conditions: Mapped[str] = mapped_column(Text, default="", server_default="")
    references: Mapped[str] = mapped_column(Text, default="", server_default="")
    lead_days: Mapped[int | None]
    visit_first: Mapped[bool] = mapped_column(default=False, server_default="false")
    fetches: Mapped[bool] = mapped_column(default=False, server_default="false")
    resume_on: Mapped[date | None]
    paused_at: Mapped[datetime | None]
    withdrawn_at: Mapped[datetime | None]

    @property
    def is_open(self) -> bool:
        """True while it is matched."""
        return self.state is OfferState.PUBLISHED

    @property
    def own_zones(self) -> list[Zone]:
        """The areas its author named; none means around the organisation."""
        return ZONES.validate_python(self.zone_data or [])

    @own_zones.setter
    def own_zones(self, zones: Sequence[Zone]) -> None:
        self.zone_data = [zone.model_dump(mode="json") for zone in zones]

    @property
    def zones(self) -> list[Zone]:
        """Where it works: its own areas, else 30 km around wherever its organisation is now."""
        place = self.organisation.place
        return self.own_zones or (zones_around(place) if place else [])

    @property
    def own_permits(self) -> list[Permit]:
        """What its author declared for this offer."""
        return [Permit.model_validate(each) for each in self.permit_data or ()]

    @own_permits.setter
    def own_permits(self, permits: Sequence[Permit]) -> None:
        self.permit_data = [permit.model_dump(mode="json", exclude_none=True) for permit in permits]

    @property
    def permits(self) -> list[Permit]:
        """The organisation's permits and its own; declared here wins, since it is the later word."""
        held = {each["code"]: Permit.model_validate(each) for each in self.organisation.permits or ()}
        return list({**held, **{permit.code: permit for permit in self.own_permits}}.values())

    def publish(self, now: datetime) -> OfferPublished:
        """Open it to be matched; refuses what could match nothing."""
        self._refuse_withdrawn()
        if self.state is not OfferState.DRAFT:
            raise OfferAlreadyPublished
        self.check_complete()
        self.state, self.published_at = OfferState.PUBLISHED, now
        return self._tell(OfferPublished, now)

    def updated(self, now: datetime) -> OfferUpdated | None:
        """After its fields, or its organisation's, changed: the event when it is open, else None."""
        self._refuse_withdrawn()
        if self.state is not OfferState.DRAFT:
            self.check_complete()
        if self.is_open:
            return self._tell(OfferUpdated, now)
        self.next_version(now)
        return None

    def pause(self, now: datetime, *, resume_on: date | None = None) -> OfferPaused:
        """Stop being matched for now, or until a day."""
        self._refuse_withdrawn()
        if not self.is_open:
            raise OfferNotPublished
        if resume_on is not None and resume_on <= day_of(now):
            raise PauseEndsInThePast
        self.state, self.paused_at, self.resume_on = OfferState.PAUSED, now, resume_on
        return OfferPaused(version=self.next_version(now), offer_id=self.id, organisation_id=self.organisation_id)

    def resume(self, now: datetime) -> OfferUpdated:
        """Be matched again, with everything that changed meanwhile."""
        self._refuse_withdrawn()
        if self.state is not OfferState.PAUSED:
            raise OfferNotPaused
        self.check_complete()
        self.state, self.paused_at, self.resume_on = OfferState.PUBLISHED, None, None
        return self._tell(OfferUpdated, now)

    def withdraw(self, now: datetime) -> OfferWithdrawn | None:
        """End it, whatever its state; a draft has never been heard of."""
        self._refuse_withdrawn()
        was_known = self.state is not OfferState.DRAFT
        self.state, self.withdrawn_at = OfferState.WITHDRAWN, now
        version = self.next_version(now)
        if not was_known:
            return None
        return OfferWithdrawn(version=version, offer_id=self.id, organisation_id=self.organisation_id)

    def check_complete(self) -> None:
        """Raise what is still missing to be matched."""
        if not self.title:
            raise OfferWithoutTitle
        if not self.need_kinds and not self.takes_material:
            raise OfferServesNothing
        if not (self.categories or self.ewc or self.cpv or self.naf):
            raise OfferWithoutCategory
        if (self.quantity_value or self.minimum_value) and not self.quantity_unit:
            raise CapacityWithoutUnit
        if self.quantity_value and self.minimum_value and self.minimum_value > self.quantity_value:
            raise MinimumAboveCapacity
        if self.starts_on and self.ends_on and self.ends_on < self.starts_on:
            raise OfferEndsBeforeItStarts

    def _refuse_withdrawn(self) -> None:
        if self.state is OfferState.WITHDRAWN:
            raise OfferWithdrawnAlready

    def _tell(self, event: type[Told], now: datetime) -> Told:
        return event(
            version=self.next_version(now),
            offer_id=self.id,
            supplier=self.organisation.as_supplier(),
            title=self.title,
            description=self.description,
            need_kinds=tuple(NeedKind(kind) for kind in self.need_kinds),
            takes_material=self.takes_material,
            categories=tuple(self.categories),
            ewc=tuple(self.ewc),
            cpv=tuple(self.cpv),
            naf=tuple(self.naf),
            zones=tuple(self.zones),
            capacity=self.quantity,
            minimum=self.minimum,
            window=self.window,
            service_types=tuple(self.service_types),
            permits=tuple(self.permits),
            level=self.level,
            lead_days=self.lead_days,
            fetches=self.fetches,
            origin=self.origin,
            published_at=self.published_at or now,
        )
