"""What a flow asks of its holder, and how it and its lots read as JSON."""

from collections.abc import Mapping
from datetime import date, datetime, time
from decimal import Decimal
from typing import Annotated, Any, Literal
from uuid import UUID

from msgspec import Struct
from pydantic import Field, ValidationInfo, field_validator

from services.catalog.flows.errors import PriceMissing, RuleNotUnderstood
from services.catalog.flows.lot import Lot
from services.catalog.flows.models import CLOSES, OPENS, Flow
from services.catalog.flows.recurrence import read_rule
from services.catalog.flows.rhythm import Choice, Rhythm
from services.catalog.posting.schemas import Amount, Posting, ShortText, Text
from shared.events.facts import LegalStatus, Level, plain
from shared.phrases.names import (
    CONDITIONS,
    CONSISTENCES,
    EPR_SCHEMES,
    MEASURES,
    PACKAGINGS,
    PERMITS,
    SUPPLIER_KINDS,
    TRANSPORTS,
    Names,
)
from shared.web.asked import Asked

PriceSide = Literal["free", "taker_pays", "holder_pays"]

CHOICES: Mapping[str, Names] = {
    "supplier_kinds": SUPPLIER_KINDS,
    "permits": PERMITS,
    "measured": MEASURES,
    "condition": CONDITIONS,
    "packaging": PACKAGINGS,
    "consistence": CONSISTENCES,
    "transport": TRANSPORTS,
    "epr_scheme": EPR_SCHEMES,
}

# The form's own words for `recurrence` and `price_cents`.
_FORM_ONLY = frozenset({"rhythm", "weekdays", "month_day", "price_side", "price_euros"})


def signed_price(side: PriceSide, euros: Decimal | None) -> int:
    """The price of one unit in cents, negative when the holder pays the taker; raises `PriceMissing`."""
    if side == "free":
        return 0
    if euros is None:
        raise PriceMissing
    cents = int((euros * 100).to_integral_value())
    return cents if side == "taker_pays" else -cents


class FlowDraft(Posting):
    """A flow being written; the same model reads the form and the JSON.

    A program gives `recurrence` (an RFC 5545 rule by days) and `price_cents` (per unit, negative when the holder pays
    the taker); the form gives a rhythm with its days, and an amount with who pays it, which win when they are given.
    """

    place: Text = ""
    radius_km: Annotated[int, Field(ge=1, le=1000)] | None = None
    legal_status: LegalStatus | None = None
    levels: list[Level] = []
    supplier_kinds: list[str] = []
    permits: list[str] = []
    receipt_wanted: bool = False
    price_cents: Annotated[int, Field(ge=-100_000_000, le=100_000_000)] | None = None
    price_side: PriceSide | None = None
    price_euros: Annotated[Amount, Field(le=1_000_000)] | None = None
    recurrence: Annotated[str, Field(max_length=200)] | None = None
    rhythm: Rhythm | None = None
    weekdays: list[Literal["MO", "TU", "WE", "TH", "FR", "SA", "SU"]] = []
    month_day: Annotated[int, Field(ge=-1, le=31)] | None = None
    pickup_from: time = OPENS
    pickup_until: time = CLOSES
    lot_days: Annotated[int, Field(ge=1, le=60)] | None = None
    quantity_most: Amount | None = None
    measured: str = "estimated"
    condition: str | None = None
    packaging: str | None = None
    consistence: str | None = None
    transport: str = "taker"
    access: ShortText = ""
    safety: ShortText = ""
    owner_name: Text | None = None
    operator_name: Text | None = None
    epr_scheme: str | None = None
    epr_convention: Text | None = None
    provenance: ShortText = ""
    use_by_on: date | None = None
    use_by_days: Annotated[int, Field(ge=0, le=3650)] | None = None
    priority_percent: Annotated[int, Field(ge=0, le=90)] = 50

    @field_validator("starts_on", "ends_on", "use_by_on")
    @classmethod
    def _a_day_of_our_time(cls, value: date | None) -> date | None:
        # Rules are counted from the first day on: thousands of years would be counted too.
        if value is not None and not 2000 <= value.year <= 2100:
            raise ValueError("Choisissez une date plus proche.")
        return value

    @field_validator("recurrence")
    @classmethod
    def _a_rule(cls, value: str | None) -> str | None:
        try:
            return read_rule(value) if value else None
        except RuleNotUnderstood as error:
            raise ValueError(error.sentence) from error

    @field_validator("supplier_kinds", "permits")
    @classmethod
    def _all_of_the_list(cls, value: list[str], info: ValidationInfo) -> list[str]:
        if any(each not in CHOICES[info.field_name or ""] for each in value):
            raise ValueError("Choisissez une des réponses proposées.")
        return value

    @field_validator("measured", "condition", "packaging", "consistence", "transport", "epr_scheme")
    @classmethod
    def _one_of_the_list(cls, value: str | None, info: ValidationInfo) -> str | None:
        if value is not None and value not in CHOICES[info.field_name or ""]:
            raise ValueError("Choisissez une des réponses proposées.")
        return value

    def rule(self) -> str | None:
        """The rule, from the rhythm when one was chosen; raises `RuleNotUnderstood` when a free one is empty."""
        if self.rhythm == "rule" and not self.recurrence:
            raise RuleNotUnderstood
        if self.rhythm in (None, "rule"):
            return self.recurrence
        return Choice(self.rhythm, self.weekdays, self.month_day or None).rule()

    def cents(self) -> int | None:
        """The signed price of one unit, from who pays when that was said; raises `PriceMissing`."""
        return self.price_cents if self.price_side is None else signed_price(self.price_side, self.price_euros)

    def columns(self) -> dict[str, Any]:
        """The values for the table; raises what the form's own words cannot mean."""
        values = {name: value for name, value in super().columns().items() if name not in _FORM_ONLY}
        return {**values, "recurrence": self.rule(), "price_cents": self.cents()}


class LotChange(Asked):
    """What changes in an open lot; without `use_by_on` its date stays: people count on the one they were told."""

    quantity_value: Amount
    use_by_on: date | None = None


class CallOffAsked(Asked):
    """An extra lot, now: how much, in the flow's unit, and from which day on; today by default.

    `use_by_on` is its own use-by date; by default what its flow says of a lot of that day.
    """

    quantity_value: Amount
    day_on: date | None = None
    use_by_on: date | None = None


class CallOffForm(CallOffAsked):
    """The same, from a page: `once` was made with the form, so that a button pressed twice calls off once."""

    once: UUID


class CallOffOf(CallOffAsked):
    """The same, by a program: of which flow."""

    flow_id: UUID


class LotOut(Struct, frozen=True):
    """A lot as JSON."""

    id: UUID
    flow_id: UUID
    version: int
    state: str
    day: date
    quantity: dict[str, Any]
    left: Decimal
    available_at: datetime
    expires_at: datetime
    use_by_on: date | None

    @classmethod
    def of(cls, lot: Lot) -> "LotOut":
        """The JSON of a lot; `left` is what may be taken of its quantity now."""
        return cls(
            id=lot.id,
            flow_id=lot.flow_id,
            version=lot.version,
            state=lot.state,
            day=lot.day,
            quantity=lot.quantity.model_dump(mode="json"),
            left=plain(lot.left_value),
            available_at=lot.available_at,
            expires_at=lot.expires_at,
            use_by_on=lot.use_by_on,
        )


# Told as the row has them.
_AS_STORED = (
    *("quantity_most", "measured", "condition", "packaging", "consistence", "transport", "access", "safety"),
    *("owner_name", "operator_name", "epr_scheme", "epr_convention", "provenance", "use_by_on", "use_by_days"),
    "priority_percent",
)


class FlowOut(Struct, frozen=True):
    """A flow as JSON."""

    id: UUID
    version: int
    state: str
    organisation: str
    title: str
    description: str
    categories: list[str]
    ewc: list[str]
    hazardous: bool
    legal_status: str | None
    levels: list[str]
    place: dict[str, Any] | None
    radius_km: int | None
    quantity: dict[str, Any] | None
    minimum: dict[str, Any] | None
    price_cents: int | None
    currency: str
    recurrence: str | None
    starts_on: date | None
    ends_on: date | None
    pickup_from: time
    pickup_until: time
    supplier_kinds: list[str]
    permits: list[str]
    receipt_wanted: bool
    quantity_most: Decimal | None
    measured: str
    condition: str | None
    packaging: str | None
    consistence: str | None
    transport: str
    access: str
    safety: str
    owner_name: str | None
    operator_name: str | None
    epr_scheme: str | None
    epr_convention: str | None
    provenance: str
    use_by_on: date | None
    use_by_days: int | None
    priority_percent: int
    match_count: int | None
    published_at: datetime | None

    @classmethod
    def of(cls, flow: Flow) -> "FlowOut":
        """The JSON of a flow whose organisation is loaded."""
        quantity, minimum = flow.quantity, flow.minimum
        return cls(
            id=flow.id,
            version=flow.version,
            state=flow.state,
            organisation=flow.organisation.name,
            title=flow.title,
            description=flow.description,
            categories=flow.categories,
            ewc=flow.ewc,
            hazardous=bool(flow.hazardous_codes),
            legal_status=flow.legal_status,
            levels=list(flow.levels),
            place=flow.place_data,
            radius_km=flow.radius_km,
            quantity=quantity.model_dump(mode="json") if quantity else None,
            minimum=minimum.model_dump(mode="json") if minimum else None,
            price_cents=flow.price_cents,
            currency=flow.currency,
            recurrence=flow.recurrence,
            starts_on=flow.starts_on,
            ends_on=flow.ends_on,
            pickup_from=flow.pickup_from,
            pickup_until=flow.pickup_until,
            supplier_kinds=flow.supplier_kinds,
            permits=flow.permits,
            receipt_wanted=flow.receipt_wanted,
            **{name: getattr(flow, name) for name in _AS_STORED},
            match_count=flow.match_count,
            published_at=flow.published_at,
        )
