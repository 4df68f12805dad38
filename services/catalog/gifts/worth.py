"""What a gift is worth, from its donor's valuation and what arrived: a pure module that suggests nothing."""

from collections import defaultdict
from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import NamedTuple

from services.catalog.gifts.content import Basis, Delivery, Promised, Valuation
from shared.events.gifts import GiftKind


class WorthLine(NamedTuple):
    """One line as a receipt describes it: a thing or a person; `cents` is None where the donor has to say it.

    `cost_cents` is what a person's hours cost before the ceiling.
    """

    what: str
    quantity: Decimal
    unit: str
    cents: int | None
    basis: Basis | None = None
    cost_cents: int | None = None
    hourly_cents: int | None = None

    @property
    def is_capped(self) -> bool:
        """True where the ceiling is less than the cost."""
        return self.cost_cents is not None and self.cents is not None and self.cents < self.cost_cents


def worth_of(
    kind: GiftKind,
    promised: Sequence[Promised],
    valuation: Valuation | None,
    delivery: Delivery | None,
    *,
    ceiling_cents: int | None = None,
) -> list[WorthLine]:
    """What it comes to, line by line; `ceiling_cents` is the most that counts for one person's time."""
    match kind:
        case GiftKind.MONEY:
            return []
        case GiftKind.GOODS:
            return _goods(promised, valuation, delivery)
        case GiftKind.SKILLS:
            return _skills(valuation, delivery, ceiling_cents)


def total_of(lines: Sequence[WorthLine]) -> int | None:
    """Their sum; None where one of them has no value, or there is none."""
    values = [each.cents for each in lines]
    if not values or None in values:
        return None
    return sum(each or 0 for each in values)


def is_over(counterpart_cents: int, value_cents: int, percent: Decimal) -> bool:
    """True where what comes in return is more than its share of the gift."""
    return counterpart_cents * 100 > value_cents * percent


def _goods(promised: Sequence[Promised], valuation: Valuation | None, delivery: Delivery | None) -> list[WorthLine]:
    valued = valuation.lines if valuation else ()
    found = []
    for number, line in enumerate(promised):
        quantity = delivery.received[number] if delivery else line.quantity
        said = valued[number] if number < len(valued) else None
        # A value is that of a quantity: where another one arrived, its donor says it again.
        cents = said.value_cents if said is not None and said.quantity == quantity else None
        found.append(WorthLine(line.what, quantity, line.unit, cents if quantity else 0, said.basis if said else None))
    return found


def _skills(valuation: Valuation | None, delivery: Delivery | None, ceiling_cents: int | None) -> list[WorthLine]:
    hourly = {each.person: each.hourly_cents for each in (valuation.persons if valuation else ())}
    hours: dict[str, Decimal] = defaultdict(Decimal)
    for each in delivery.sheet if delivery else ():
        hours[each.person] += each.hours
    found = []
    for person, spent in hours.items():
        rate = hourly.get(person)
        cost = None if rate is None else int((spent * rate).quantize(Decimal(1), ROUND_HALF_UP))
        counted = cost if cost is None or ceiling_cents is None else min(cost, ceiling_cents)
        found.append(WorthLine(person, spent, "h", counted, Basis.COST, cost, rate))
    return found
