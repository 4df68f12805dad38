"""The two sides that ranking compares: a demand (a need or a flow) and a supply (an offer), as matching keeps them."""

from datetime import date, datetime
from typing import Literal
from uuid import UUID

from shared.events import matching
from shared.events.event import Facts
from shared.events.facts import Level, Period, Permit, Quantity, Window
from shared.territory.place import Place, Zone
from shared.vocabulary import UnitUnknown, normalise, per_month

FLOW = "flow"
"""What a flow asks of an offer, beside the five kinds of need."""

Codes = tuple[str, ...]


class Amount(Facts):
    """A quantity in the base unit of its dimension, and as it was written."""

    said: Quantity
    value: float
    unit: str

    @classmethod
    def of(cls, quantity: Quantity | None) -> "Amount | None":
        """None stays None, and a unit of a newer vocabulary than ours cannot be measured."""
        if quantity is None:
            return None
        try:
            amount, unit = normalise(quantity.value, quantity.unit)
        except UnitUnknown:
            return None
        return cls(said=quantity, value=float(amount), unit=unit)

    def beside(self, other: "Amount") -> tuple[float, float] | None:
        """Both values on one scale: per month when both recur, one occurrence when either happens once.

        None when they do not measure the same thing.
        """
        if self.unit != other.unit:
            return None
        if Period.ONCE in (self.said.period, other.said.period):
            return self.value, other.value
        return self._per_month(), other._per_month()

    def _per_month(self) -> float:
        rate = per_month(1, self.said.period.value)
        return self.value * float(rate or 1)


class Side(Facts):
    """What a demand and a supply have in common.

    `inferred` are categories that only their codes point to. `words` weighs each telling stem, 0 to 1; `found` is what
    the search box weighs (`ranking.finding`), empty for what was kept before there was one.
    """

    id: UUID
    version: int
    organisation_id: UUID
    legal_entity_id: UUID
    title: str
    categories: tuple[str, ...] = ()
    inferred: tuple[str, ...] = ()
    ewc: Codes = ()
    cpv: Codes = ()
    naf: Codes = ()
    words: dict[str, float]
    found: dict[str, float] = {}
    place: Place
    window: Window = Window()
    published_at: datetime


class Demand(Side):
    """A need or a flow.

    `asks` is the kind of need, or `flow`; `author_name` is None for an author who hides; `spelled` gives each stem the
    word it was written with; `lot_kg` is the mass of one lot when it is known; `never_fed`
    is kitchen waste, which animals do not get, `never_eaten` food that is legally waste, which people do not.
    """

    kind: Literal["need", "flow"]
    asks: str
    author_name: str | None
    spelled: dict[str, str]
    radius_km: int | None = None
    amount: Amount | None = None
    minimum: Amount | None = None
    deadline_on: date | None = None
    service_type: str | None = None
    supplier_kinds: tuple[str, ...] = ()
    permits: tuple[str, ...] = ()
    receipt_wanted: bool = False
    public_tender: bool = False
    is_waste: bool = False
    hazardous: Codes = ()
    levels: tuple[Level, ...] = ()
    never_fed: bool = False
    never_eaten: bool = False
    lot_kg: float | None = None

    @property
    def all_levels(self) -> tuple[Level, ...]:
        """The levels it may go to: those its holder wants, none for any; without those that the law keeps it from."""
        never = {
            level for level, is_kept in ((Level.ANIMALS, self.never_fed), (Level.REUSE, self.never_eaten)) if is_kept
        }
        if not never:
            return self.levels
        wanted = tuple(each for each in self.levels or Level if each not in never)
        # Its holder wanted only what is refused, before it was: none at all would mean any.
        return wanted or tuple(each for each in Level if each not in never)

    def takes_level(self, level: Level) -> bool:
        """True when its holder wants it, and the law does not keep it from that."""
        return not self.all_levels or level in self.all_levels

    def told(self) -> matching.Demand:
        """What messages tell of it; the name of an author who hides was never kept."""
        return matching.Demand(
            kind=self.kind,
            demand_id=self.id,
            version=self.version,
            organisation_id=self.organisation_id,
            title=self.title,
            place_name=self.place.short_name,
            author_name=self.author_name,
            deadline_on=self.deadline_on,
        )


class Supply(Side):
    """An offer, with who stands behind it; `serves` are the kinds of need, and `flow` when it takes material.

    `weekly_asks` and `asks_resume_on` pace solicitations (see waves) and decide nothing here.
    """

    supplier_name: str
    supplier_kinds: tuple[str, ...] = ()
    may_issue_receipts: bool = False
    serves: tuple[str, ...]
    zones: tuple[Zone, ...]
    capacity: Amount | None = None
    minimum: Amount | None = None
    service_types: tuple[str, ...] = ()
    permits: tuple[Permit, ...] = ()
    level: Level | None = None
    blocked: tuple[UUID, ...] = ()
    paused: bool = False
    registered_on: date | None = None
    weekly_asks: int | None = None
    asks_resume_on: date | None = None
