"""Units and periods: their names, and conversion inside one dimension."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from typing import Final, Literal, NamedTuple

from shared.vocabulary.text import fold

Period = Literal["once", "day", "week", "month", "year"]


class UnitUnknown(ValueError):
    """No unit has this id or name."""


class UnitsIncompatible(ValueError):
    """Two units measure different things."""


class Quantity(NamedTuple):
    """An amount in the base unit of its dimension."""

    amount: Decimal
    unit: str


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit: `factor` is how many base units (the one with factor 1 of its dimension) it holds."""

    id: str
    dimension: str
    factor: Decimal
    symbol: str
    fr: tuple[str, str]
    en: tuple[str, str]
    aliases: tuple[str, ...] = ()

    def name(self, language: str = "fr", *, plural: bool = False) -> str:
        names = self.en if language.startswith("en") else self.fr
        return names[plural]


def _unit(unit_id: str, measure: tuple[str, str], symbol: str, fr: str, en: str, *aliases: str) -> Unit:
    singular_fr, _, plural_fr = fr.partition("/")
    singular_en, _, plural_en = en.partition("/")
    return Unit(
        unit_id,
        measure[0],
        Decimal(measure[1]),
        symbol,
        (singular_fr, plural_fr or f"{singular_fr}s"),
        (singular_en, plural_en or f"{singular_en}s"),
        aliases,
    )


UNITS: Final[tuple[Unit, ...]] = (
    _unit("kg", ("mass", "1"), "kg", "kilogramme", "kilogram", "kilo", "kilos", "kgs"),
    _unit("g", ("mass", "0.001"), "g", "gramme", "gram", "gr"),
    _unit("t", ("mass", "1000"), "t", "tonne", "tonne", "to", "ton"),
    _unit("unit", ("count", "1"), "u", "unité", "unit", "pièce", "pièces", "pcs", "exemplaire", "exemplaires"),
    _unit("dozen", ("count", "12"), "dz", "douzaine", "dozen/dozens"),
    _unit("m2", ("area", "1"), "m²", "mètre carré/mètres carrés", "square metre", "sqm"),
    _unit("ha", ("area", "10000"), "ha", "hectare", "hectare"),
    _unit("m3", ("volume", "1"), "m³", "mètre cube/mètres cubes", "cubic metre", "cbm"),
    _unit("l", ("volume", "0.001"), "l", "litre", "litre", "liter"),
    _unit("m", ("length", "1"), "m", "mètre", "metre", "ml", "mètre linéaire"),
    _unit("km", ("length", "1000"), "km", "kilomètre", "kilometre"),
    _unit("hour", ("work", "1"), "h", "heure", "hour"),
    # Seven hours: the French legal week of 35 hours over five days.
    _unit("day", ("work", "7"), "j", "jour", "day", "journée", "journées", "jours-homme"),
    _unit("half_day", ("work", "3.5"), "½ j", "demi-journée", "half day/half days"),
    _unit("meal", ("meals", "1"), "repas", "repas/repas", "meal", "couvert", "couverts"),
    _unit(
        "person",
        ("people", "1"),
        "pers.",
        "personne",
        "person/people",
        "participant",
        "participants",
        "place",
        "places",
    ),
    _unit("eur", ("money", "1"), "€", "euro", "euro", "euros"),
    _unit("keur", ("money", "1000"), "k€", "millier d'euros/milliers d'euros", "thousand euros/thousand euros", "ke"),
)

PERIODS: Final[Mapping[Period, tuple[str, str]]] = {
    "once": ("une fois", "once"),
    "day": ("par jour", "a day"),
    "week": ("par semaine", "a week"),
    "month": ("par mois", "a month"),
    "year": ("par an", "a year"),
}
# Calendar means: 365.25 days a year.
_A_MONTH: Final[Mapping[Period, Decimal]] = {
    "day": Decimal("30.4375"),
    "week": Decimal("30.4375") / 7,
    "month": Decimal(1),
    "year": Decimal(1) / 12,
}


@cache
def _by_name() -> Mapping[str, Unit]:
    named: dict[str, Unit] = {}
    for entry in UNITS:
        for written in (entry.id, entry.symbol, *entry.fr, *entry.en, *entry.aliases):
            named.setdefault(fold(written), entry)
    return named


def unit(written: str) -> Unit:
    """The unit with this id, symbol, name or everyday alias, in either language; refuses with UnitUnknown."""
    try:
        return _by_name()[fold(written).strip()]
    except KeyError:
        raise UnitUnknown(written) from None


def base_unit(dimension: str) -> Unit:
    return next(entry for entry in UNITS if entry.dimension == dimension and entry.factor == 1)


def normalise(quantity: Decimal | int, written: str) -> Quantity:
    """The quantity in the base unit of its dimension: 6 t becomes 6000 kg."""
    measured = unit(written)
    return Quantity(Decimal(quantity) * measured.factor, base_unit(measured.dimension).id)


def convert(quantity: Decimal | int, source: str, target: str) -> Decimal:
    """The quantity told in another unit of the same dimension; refuses with UnitsIncompatible."""
    given, wanted = unit(source), unit(target)
    if given.dimension != wanted.dimension:
        raise UnitsIncompatible(f"{given.id} measures {given.dimension}, {wanted.id} measures {wanted.dimension}")
    return Decimal(quantity) * given.factor / wanted.factor


def per_month(quantity: Decimal | int, period: Period) -> Decimal | None:
    """What a quantity per period makes in a mean month; None for what happens once, which is no rate."""
    return None if period == "once" else Decimal(quantity) * _A_MONTH[period]


def period_name(period: Period, language: str = "fr") -> str:
    return PERIODS[period][language.startswith("en")]
