"""What a need asks of its author, and how it reads as JSON."""

from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from msgspec import Struct
from pydantic import Field, field_validator

from services.catalog.needs.models import Need
from services.catalog.posting.schemas import Codes, Posting, Text
from shared.events.catalog import Ending
from shared.events.facts import NeedKind
from shared.phrases.names import AMOUNT_BANDS, PERMITS, PROCUREMENT_MODES, SERVICE_TYPES, SUPPLIER_KINDS
from shared.web.asked import Asked


class NeedDraft(Posting):
    """A need being written; the same model reads the form and the JSON."""

    kind: NeedKind = NeedKind.PROCUREMENT
    cpv: Codes = []
    place: Text = ""
    radius_km: Annotated[int, Field(ge=1, le=1000)] | None = None
    deadline_on: date | None = None
    service_type: str | None = None
    procurement_mode: str | None = None
    amount_band: str | None = None
    supplier_kinds: list[str] = []
    permits: list[str] = []
    receipt_wanted: bool = False
    public_tender: bool = False
    author_hidden: bool = False

    @field_validator("service_type", "procurement_mode", "amount_band")
    @classmethod
    def _one_of_the_list(cls, value: str | None, info: Any) -> str | None:
        known = {"service_type": SERVICE_TYPES, "procurement_mode": PROCUREMENT_MODES, "amount_band": AMOUNT_BANDS}
        if value is not None and value not in known[info.field_name]:
            raise ValueError("Choisissez une des réponses proposées.")
        return value

    @field_validator("supplier_kinds", "permits")
    @classmethod
    def _all_of_the_list(cls, value: list[str], info: Any) -> list[str]:
        known = SUPPLIER_KINDS if info.field_name == "supplier_kinds" else PERMITS
        if any(each not in known for each in value):
            raise ValueError("Choisissez une des réponses proposées.")
        return value

    @field_validator("cpv")
    @classmethod
    def _cpv_codes(cls, value: list[str]) -> list[str]:
        codes = [each.partition("-")[0].strip() for each in value]
        if not all(code.isdigit() and len(code) == 8 for code in codes):
            raise ValueError("Un code CPV compte huit chiffres, par exemple 55520000.")
        return codes


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
    amount_band: str | None
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
            amount_band=need.amount_band,
            quantity=quantity.model_dump(mode="json") if quantity else None,
            match_count=need.match_count,
            published_at=need.published_at,
        )
