"""What an offer asks of its author, and how it reads as JSON."""

from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from msgspec import Struct
from pydantic import Field, field_validator

from services.catalog.offers.models import Offer
from services.catalog.posting.schemas import CpvCodes, Lines, NafCodes, Posting, ShortText
from shared.events.facts import Level, NeedKind, Permit
from shared.phrases.names import PERMITS, SERVICE_TYPES
from shared.territory.place import describe
from shared.web.asked import Asked


class OfferDraft(Posting):
    """An offer being written; the same model reads the form and the JSON.

    `quantity_*` is the capacity; `zones` are lines such as « 30 km autour de Launaguet », none meaning 30 km around
    the organisation; a permit is its code, or its code with the day it expires.
    """

    need_kinds: list[NeedKind] = []
    takes_material: bool = False
    cpv: CpvCodes = []
    naf: NafCodes = []
    zones: Lines = []
    service_types: list[str] = []
    permits: list[Permit] = Field(default=[], max_length=20)
    level: Level | None = None
    conditions: ShortText = ""
    references: ShortText = ""
    lead_days: Annotated[int, Field(ge=0, le=365)] | None = None
    visit_first: bool = False
    fetches: bool = False

    @field_validator("service_types")
    @classmethod
    def _known_service_types(cls, value: list[str]) -> list[str]:
        if any(each not in SERVICE_TYPES for each in value):
            raise ValueError("Choisissez une des réponses proposées.")
        return value

    @field_validator("permits", mode="before")
    @classmethod
    def _codes_alone(cls, value: object) -> object:
        if not isinstance(value, list):
            return value
        return [{"code": each} if isinstance(each, str) else each for each in value]

    @field_validator("permits")
    @classmethod
    def _known_permits(cls, value: list[Permit]) -> list[Permit]:
        if any(each.code not in PERMITS for each in value):
            raise ValueError("Choisissez une des réponses proposées.")
        return value

    def columns(self) -> dict[str, Any]:
        """The values for the table; zones and permits apart, because they are resolved and typed there."""
        values = super().columns()
        return {name: value for name, value in values.items() if name not in ("zones", "permits")}


class Pause(Asked):
    """How long an offer rests; without a day, until it is resumed."""

    resume_on: date | None = None


class OfferOut(Struct, frozen=True):
    """An offer as JSON."""

    id: UUID
    version: int
    state: str
    organisation: str
    title: str
    description: str
    need_kinds: list[str]
    takes_material: bool
    categories: list[str]
    ewc: list[str]
    cpv: list[str]
    naf: list[str]
    zones: list[dict[str, Any]]
    capacity: dict[str, Any] | None
    minimum: dict[str, Any] | None
    starts_on: date | None
    ends_on: date | None
    service_types: list[str]
    permits: list[dict[str, Any]]
    level: str | None
    conditions: str
    references: str
    lead_days: int | None
    visit_first: bool
    fetches: bool
    published_at: datetime | None

    @classmethod
    def of(cls, offer: Offer) -> "OfferOut":
        """The JSON of an offer whose organisation is loaded."""
        capacity, minimum = offer.quantity, offer.minimum
        return cls(
            id=offer.id,
            version=offer.version,
            state=offer.state,
            organisation=offer.organisation.name,
            title=offer.title,
            description=offer.description,
            need_kinds=list(offer.need_kinds),
            takes_material=offer.takes_material,
            categories=offer.categories,
            ewc=offer.ewc,
            cpv=offer.cpv,
            naf=offer.naf,
            zones=[{**zone.model_dump(mode="json"), "text": describe(zone)} for zone in offer.zones],
            capacity=capacity.model_dump(mode="json") if capacity else None,
            minimum=minimum.model_dump(mode="json") if minimum else None,
            starts_on=offer.starts_on,
            ends_on=offer.ends_on,
            service_types=offer.service_types,
            permits=[permit.model_dump(mode="json") for permit in offer.permits],
            level=offer.level,
            conditions=offer.conditions,
            references=offer.references,
            lead_days=offer.lead_days,
            visit_first=offer.visit_first,
            fetches=offer.fetches,
            published_at=offer.published_at,
        )
