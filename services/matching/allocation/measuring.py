"""Amounts on one scale: a mean month, in kilograms where the vocabulary knows the weight, else as they were said."""

from collections.abc import Iterable
from typing import NamedTuple

from services.matching.ranking.sides import Amount
from shared.events.facts import Period
from shared.vocabulary import categories, per_month

KILOGRAM = "kg"


class Measured(NamedTuple):
    """An amount a month (what happens once counts as one month's); `rough` when its weight is only the usual one."""

    value: float
    unit: str
    rough: bool = False


def rate(amount: Amount) -> float:
    """How many times it comes in a mean month; what happens once comes once."""
    return float(per_month(1, amount.said.period.value) or 1)


def monthly(amount: Amount, known: Iterable[str]) -> Measured:
    """So much a month, by the usual weight of the first of `known` categories that has one."""
    return _in_kilograms(amount.value * rate(amount), amount.unit, known)


def least_a_month(minimum: Amount, whole: Amount, known: Iterable[str]) -> Measured:
    """The smallest share of `whole` that reaches a minimum; one that is said for once holds for each lot."""
    is_of_each_lot = minimum.said.period is Period.ONCE and whole.said.period is not Period.ONCE
    times = rate(whole) if is_of_each_lot else 1.0 if whole.said.period is Period.ONCE else rate(minimum)
    return _in_kilograms(minimum.value * times, minimum.unit, known)


def _in_kilograms(value: float, unit: str, known: Iterable[str]) -> Measured:
    each = 1.0 if unit == KILOGRAM else _weight(unit, known)
    if each is None:
        return Measured(value, unit)
    return Measured(value * each, KILOGRAM, rough=unit != KILOGRAM)


def _weight(unit: str, known: Iterable[str]) -> float | None:
    for each in known:
        category = categories().get(each)
        weight = category and {"unit": category.unit_kg, "m3": category.density}.get(unit)
        if weight:
            return weight
    return None
