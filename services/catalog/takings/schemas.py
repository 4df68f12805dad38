"""What taking a part of a lot asks, and takings as JSON."""

from datetime import date, datetime, time
from typing import Annotated, Any
from uuid import UUID

from msgspec import Struct
from pydantic import AfterValidator, Field, StringConstraints

from services.catalog.posting.schemas import Amount
from services.catalog.takings.models import LONGEST_REFERENCE, Taking
from shared.events.facts import Level
from shared.events.takings import Cancelled, Transport
from shared.web.asked import Asked

Reference = Annotated[
    str,
    StringConstraints(strip_whitespace=True, max_length=LONGEST_REFERENCE),
    Field(description="As the paper writes it."),
]


def _on_paris_clocks(value: time) -> time:
    if value.tzinfo is not None:
        raise ValueError("Écrivez une heure, par exemple 14:30 : elle est celle de Paris.")
    return value


Hour = Annotated[time, AfterValidator(_on_paris_clocks)]


class HoldAsked(Asked):
    """How much, in the lot's unit, and what one will do with it."""

    quantity_value: Amount
    level: Level


class PickUpAsked(Asked):
    """How it leaves, and when: a day and hours on Paris's clocks, within those of the lot; the whole day by default."""

    transport: Transport
    slot_on: Annotated[date, Field(examples=["2026-12-01"])]
    slot_from: Hour | None = None
    slot_until: Hour | None = None
    carrier_receipt: Reference = ""
    tracking_slip: Reference = ""


class TakingAsked(HoldAsked, PickUpAsked):
    """All of it."""


class HoldForm(HoldAsked):
    """The same, from a page: `once` was made with the form, so that a button pressed twice keeps one part."""

    once: UUID


class TakingForm(TakingAsked):
    """The same, from a page: `once` was made with the form, so that a button pressed twice takes one part."""

    once: UUID


class HoldOf(HoldAsked):
    """The same, by a program: of which lot."""

    lot_id: UUID


class TakingOf(TakingAsked):
    """The same, by a program: of which lot."""

    lot_id: UUID


class CancelAsked(Asked):
    """Why it is called off."""

    reason: Cancelled | None = None


class Pressed(Asked):
    """A button alone, with the version that was seen."""


class TakingOut(Struct, frozen=True):
    """A taking as its two organisations read it; `organisation` is whose lot it is.

    Figures of what left are in the unit of `quantity`; `counted` is the one that counts.
    """

    id: UUID
    version: int
    lot_id: UUID
    flow_id: UUID
    organisation_id: UUID
    organisation_name: str
    taker_id: UUID
    taker_name: str
    state: str
    quantity: dict[str, Any]
    level: str
    transport: str | None
    slot_from: datetime | None
    slot_until: datetime | None
    carrier_receipt: str
    tracking_slip: str
    held_until: datetime | None
    reason: str | None
    ended_by: str | None
    holder_says: dict[str, Any] | None
    taker_says: dict[str, Any] | None
    counted: dict[str, Any] | None

    @classmethod
    def of(cls, taking: Taking) -> "TakingOut":
        """The JSON of a taking whose organisations are loaded."""
        return cls(
            id=taking.id,
            version=taking.version,
            lot_id=taking.lot_id,
            flow_id=taking.flow_id,
            organisation_id=taking.organisation_id,
            organisation_name=taking.organisation.name,
            taker_id=taking.taker_id,
            taker_name=taking.taker.name,
            state=taking.state,
            quantity=taking.quantity.model_dump(mode="json"),
            level=taking.level,
            transport=taking.transport,
            slot_from=taking.slot_from,
            slot_until=taking.slot_until,
            carrier_receipt=taking.carrier_receipt,
            tracking_slip=taking.tracking_slip,
            held_until=taking.held_until,
            reason=taking.reason,
            ended_by=taking.ended_by,
            holder_says=taking.holder_said,
            taker_says=taking.taker_said,
            counted=taking.counted.model_dump(mode="json") if taking.counted else None,
        )


class Takings(Struct, frozen=True):
    """One page of takings, the newest first; `next` is the cursor of the following one."""

    items: list[TakingOut]
    next: str | None
