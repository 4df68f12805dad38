"""What a need asks of its author, and how it reads as JSON."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from msgspec import Struct
from pydantic import Field, StringConstraints, ValidationInfo, field_validator

from services.catalog.needs.models import AmountShown, Need
from services.catalog.posting.schemas import Amount, CpvCodes, Posting, ShortText, Text, web_address
from shared.events.catalog import Ending
from shared.events.facts import NeedKind
from shared.phrases.names import (
    AMOUNT_BANDS,
    CLAUSE_GROUNDS,
    CLAUSE_PUBLICS,
    MEANS,
    PERMITS,
    PROCUREMENT_MODES,
    SERVICE_TYPES,
    SUPPLIER_KINDS,
    Names,
)
from shared.web.asked import Asked

CHOICES: Mapping[str, Names] = {
    "service_type": SERVICE_TYPES,
    "procurement_mode": PROCUREMENT_MODES,
    "amount_band": AMOUNT_BANDS,
    "means": MEANS,
    "clause_ground": CLAUSE_GROUNDS,
    "supplier_kinds": SUPPLIER_KINDS,
    "permits": PERMITS,
    "clause_publics": CLAUSE_PUBLICS,
}


class NeedDraft(Posting):
    """A need being written; the same model reads the form and the JSON.

    A program gives `amount_cents`, the form `amount_euros`, which wins when it is given.
    """

    kind: NeedKind = NeedKind.PROCUREMENT
    means: str | None = None
    cpv: CpvCodes = []
    place: Text = ""
    radius_km: Annotated[int, Field(ge=1, le=1000)] | None = None
    deadline_on: date | None = None
    service_type: str | None = None
    procurement_mode: str | None = None
    amount_shown: AmountShown = AmountShown.BAND
    amount_band: str | None = None
    amount_cents: Annotated[int, Field(ge=0, le=10**13)] | None = None
    amount_euros: Annotated[Amount, Field(le=10**10)] | None = None
    supplier_kinds: list[str] = []
    permits: list[str] = []
    receipt_wanted: bool = False
    public_tender: bool = False
    tender_url: Annotated[str, StringConstraints(strip_whitespace=True, max_length=500)] | None = None
    tender_reference: Annotated[str, StringConstraints(strip_whitespace=True, max_length=100)] | None = None
    clause_ground: str | None = None
    clause_hours: Annotated[int, Field(ge=1, le=10_000_000)] | None = None
    clause_publics: list[str] = []
    clause_facilitator: Text | None = None
    environmental_condition: ShortText = ""
    contact_id: UUID | None = None
    author_hidden: bool = False

    @field_validator("service_type", "procurement_mode", "amount_band", "means", "clause_ground")
    @classmethod
    def _one_of_the_list(cls, value: str | None, info: ValidationInfo) -> str | None:
        if value is not None and value not in CHOICES[info.field_name or ""]:
            raise ValueError("Choisissez une des réponses proposées.")
        return value

    @field_validator("supplier_kinds", "permits", "clause_publics")
    @classmethod
    def _all_of_the_list(cls, value: list[str], info: ValidationInfo) -> list[str]:
        if any(each not in CHOICES[info.field_name or ""] for each in value):
            raise ValueError("Choisissez une des réponses proposées.")
        return value

    @field_validator("tender_url")
    @classmethod
    def _a_web_address(cls, value: str | None) -> str | None:
        return web_address(value) if value else None

    def columns(self) -> dict[str, Any]:
        """The values for the table, the budget in cents."""
        values = super().columns()
        euros = values.pop("amount_euros")
        if euros is not None:
            values["amount_cents"] = int((euros * 100).to_integral_value())
        return values


class Closing(Asked):
    """How a need ended."""

    outcome: Ending
    would_have_consulted: Literal["yes", "no"] | None = None


class NeedOut(Struct, frozen=True):
    """A need as JSON."""

    id: UUID
    version: int
    state: str
    kind: str
    title: str
    description: str
    categories: list[str]
    ewc: list[str]
    cpv: list[str]
    place: dict[str, Any] | None
    organisation: str | None
    deadline_on: date | None
    starts_on: date | None
    ends_on: date | None
    means: str | None
    amount_band: str | None
    amount_cents: int | None
    procurement_mode: str | None
    service_type: str | None
    supplier_kinds: list[str]
    permits: list[str]
    receipt_wanted: bool
    public_tender: bool
    tender_url: str | None
    tender_reference: str | None
    social_clause: dict[str, Any] | None
    environmental_condition: str
    quantity: dict[str, Any] | None
    match_count: int | None
    published_at: datetime | None

    @classmethod
    def of(cls, need: Need) -> "NeedOut":
        """The JSON of a need whose organisation is loaded."""
        quantity = need.quantity
        return cls(
            id=need.id,
            version=need.version,
            state=need.state,
            kind=need.kind,
            title=need.title,
            description=need.description,
            categories=need.categories,
            ewc=need.ewc,
            cpv=need.cpv,
            place=need.place_data,
            organisation=None if need.author_hidden else need.organisation.name,
            deadline_on=need.deadline_on,
            starts_on=need.starts_on,
            ends_on=need.ends_on,
            means=need.means,
            amount_band=None if need.amount_shown is AmountShown.HIDDEN else need.amount_band,
            amount_cents=need.amount_cents if need.amount_shown is AmountShown.EXACT else None,
            procurement_mode=need.procurement_mode,
            service_type=need.service_type,
            supplier_kinds=need.supplier_kinds,
            permits=need.permits,
            receipt_wanted=need.receipt_wanted,
            public_tender=need.public_tender,
            tender_url=need.tender_url if need.public_tender else None,
            tender_reference=need.tender_reference if need.public_tender else None,
            social_clause=need.social_clause.model_dump(mode="json") if need.social_clause else None,
            environmental_condition=need.environmental_condition,
            quantity=quantity.model_dump(mode="json") if quantity else None,
            match_count=need.match_count,
            published_at=need.published_at,
        )
