"""What catalog publishes about who takes which part of a lot."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from shared.events.event import Event
from shared.events.facts import Quantity
from shared.events.levels import OneLevel, TellsLevel


class Side(StrEnum):
    """Which of a taking's two organisations did something."""

    HOLDER = "holder"
    TAKER = "taker"

    @property
    def other(self) -> "Side":
        """The one of the two that it is not."""
        return Side.HOLDER if self is Side.TAKER else Side.TAKER


class Cancelled(StrEnum):
    """Why a taking was called off before its slot."""

    NO_VEHICLE = "no_vehicle"
    NO_ROOM = "no_room"
    NOT_AVAILABLE = "not_available"
    QUALITY = "quality"
    PAPERS = "papers"
    MISTAKE = "mistake"
    OTHER = "other"


class Transport(StrEnum):
    """Who carries a part away."""

    OWN = "own"
    CARRIER = "carrier"
    HOLDER = "holder"


class Basis(StrEnum):
    """What a figure of what left rests on: a balance or a count, or somebody's eye."""

    MEASURED = "measured"
    ESTIMATED = "estimated"


class TakingState(TellsLevel, Event):
    """A part of a lot and who takes it; `organisation_id` is whose lot it is.

    A slot is there once it is taken; `held_until` while it is only kept. References of papers are in no event.
    """

    taking_id: UUID
    lot_id: UUID
    flow_id: UUID
    organisation_id: UUID
    organisation_name: str
    title: str
    taker_id: UUID
    taker_name: str
    quantity: Quantity
    level: OneLevel
    slot_from: datetime | None = None
    slot_until: datetime | None = None
    held_until: datetime | None = None
    at: datetime


class TakingHeld(TakingState, type="catalog.taking.held.v1", aggregate="taking_id"):
    """A part is kept for a taker until `held_until`; told again when its holder keeps it longer.

    `offered` when its taker did not ask: another freed it, and this one is next.
    """

    extended: bool = False
    offered: bool = False


class TakingEnding(TakingState, type="catalog.taking.ending.v1", aggregate="taking_id"):
    """What is kept will soon be free again."""


class TakingReleased(TakingState, type="catalog.taking.released.v1", aggregate="taking_id", lasts=False):
    """What was kept is free again: its taker let it go, or its time was over."""

    expired: bool = False


class TakingMade(TakingState, type="catalog.taking.made.v1", aggregate="taking_id"):
    """A taker takes a part, and comes within the slot; by a subscription, if `subscription_id` is there.

    `wanted` is what the subscription asks for, when there was less.
    """

    subscription_id: UUID | None = None
    wanted: Quantity | None = None


class TakingCancelled(TakingState, type="catalog.taking.cancelled.v1", aggregate="taking_id", lasts=False):
    """One of the two called it off before the slot: the part is free again while the lot lives."""

    by: Side
    reason: Cancelled


class TakingMissed(TakingState, type="catalog.taking.missed.v1", aggregate="taking_id", lasts=False):
    """The slot passed and nothing was picked up, says one of the two: the part is free again while the lot lives."""

    by: Side


class TakingDone(TakingState, type="catalog.taking.done.v1", aggregate="taking_id"):
    """One of the two says that it left, and how much; told again when it corrects its figure.

    It counts for nothing while another side is `awaited`.
    """

    by: Side
    figure: Quantity
    basis: Basis
    awaited: tuple[Side, ...] = ()


class TakingConfirmed(TakingState, type="catalog.taking.confirmed.v1", aggregate="taking_id"):
    """Both say that it left, and agree on how much: `counted` is the figure that counts, `counted_by` whose it is."""

    by: Side
    counted: Quantity
    counted_by: Side
    basis: Basis


class TakingDisputed(TakingState, type="catalog.taking.disputed.v1", aggregate="taking_id"):
    """Both say that it left, and their figures are too far apart: either corrects its own, or takes the other's."""

    by: Side
    holder_says: Quantity
    taker_says: Quantity


class TakingUnconfirmed(TakingState, type="catalog.taking.unconfirmed.v1", aggregate="taking_id"):
    """Its slot is over for a while, and those in `awaited` have not said whether it left."""

    awaited: tuple[Side, ...]
