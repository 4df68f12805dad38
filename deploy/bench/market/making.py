"""Plausible offers and needs by the hundred thousand, always the same for a seed: columns of numbers, made at once.

People live where the communes' populations say. An offer belongs to a trade (its category); a third of its words come
from that trade, the rest from everybody's, rarer ones ever rarer (Zipf). A word is a number; engines that want text get
« w123 ».
"""

from dataclasses import dataclass
from functools import cache
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from shared.territory.tables import tables
from shared.vocabulary import categories

Column = NDArray[Any]

WORDS: Final = 30
NEED_WORDS: Final = 8
EVERYBODYS_WORDS: Final = 30_000
TRADE_WORDS: Final = 60
# kinds of zones: around a point with these radii, or an administrative area
RADII_KM: Final = np.array([5, 10, 15, 20, 30, 50, 80, 100, 150])
RADIUS_SHARES: Final = np.array([0.06, 0.14, 0.12, 0.2, 0.22, 0.15, 0.05, 0.04, 0.02])
AREA_KINDS: Final = ("commune", "epci", "department", "region", "country")
AREA_SHARES: Final = np.array([0.06, 0.1, 0.09, 0.03, 0.02])
AREA_SHARE: Final = 0.2
TODAY: Final = 9_827
"""Days from 2000-01-01 to 2026-11-27."""


@dataclass(frozen=True)
class Postings:
    """Offers or needs as columns; `radius_km` is 0 for an offer that works in an area (`area` numbers its kind)."""

    commune: Column
    latitude: Column
    longitude: Column
    radius_km: Column
    area: Column
    asks: Column
    opens: Column
    closes: Column
    trade: Column
    second: Column
    words: Column
    entity: Column
    capacity_kg: Column
    age_days: Column
    social: Column

    def __len__(self) -> int:
        return len(self.trade)


@cache
def communes() -> tuple[Column, Column, Column, list[tuple[str, str, str, str]]]:
    """Latitudes, longitudes, shares of the people, and codes (commune, EPCI, department, region) of mainland France."""
    known = tables()
    every = [known.commune(row) for row in range(len(known.built.codes))]
    rows = [each for each in every if each.code[:2] < "97" and each.population]
    places = np.array([(each.latitude, each.longitude) for each in rows])
    people = np.array([float(each.population) for each in rows])
    codes = [
        (each.code, each.epci.code if each.epci else "", each.department.code, each.department.region_code)
        for each in rows
    ]
    shares: Column = people / people.sum()
    return places[:, 0], places[:, 1], shares, codes


def made_offers(number: int, seed: int) -> Postings:
    """So many offers."""
    chance = np.random.default_rng(seed)
    where, latitude, longitude = _places(chance, number)
    area = np.where(chance.random(number) < AREA_SHARE, _drawn(chance, AREA_SHARES, number), -1)
    radius = RADII_KM[_drawn(chance, RADIUS_SHARES, number)]
    trade, second = _trades(chance, number)
    return Postings(
        commune=where,
        latitude=latitude,
        longitude=longitude,
        radius_km=np.where(area >= 0, 0, radius),
        area=area,
        asks=_kinds(chance, number),
        opens=np.where(chance.random(number) < 0.3, TODAY + chance.integers(-300, 120, number), 0),
        closes=np.where(chance.random(number) < 0.3, TODAY + chance.integers(0, 400, number), 65_535),
        trade=trade,
        second=second,
        words=_words(chance, trade, WORDS),
        entity=chance.integers(1, 1 << 62, number),
        capacity_kg=np.where(chance.random(number) < 0.5, 10.0 ** chance.uniform(1, 5, number), 0.0).round(),
        age_days=chance.exponential(120, number),
        social=chance.integers(0, 3, number),
    )


def made_needs(number: int, seed: int) -> Postings:
    """So many needs: one kind each, a span of days, a short text."""
    chance = np.random.default_rng(seed)
    where, latitude, longitude = _places(chance, number)
    trade, second = _trades(chance, number)
    opens = TODAY + chance.integers(0, 60, number)
    return Postings(
        commune=where,
        latitude=latitude,
        longitude=longitude,
        radius_km=np.zeros(number, dtype=np.int64),
        area=np.full(number, -1),
        asks=1 << chance.integers(0, 6, number),
        opens=opens,
        closes=opens + chance.integers(1, 120, number),
        trade=trade,
        second=second,
        words=_words(chance, trade, NEED_WORDS),
        entity=chance.integers(1, 1 << 62, number),
        capacity_kg=np.where(chance.random(number) < 0.5, 10.0 ** chance.uniform(1, 4, number), 0.0).round(),
        age_days=chance.exponential(5, number),
        social=np.zeros(number, dtype=np.int64),
    )


def _places(chance: np.random.Generator, number: int) -> tuple[Column, Column, Column]:
    latitudes, longitudes, people, _ = communes()
    where = chance.choice(len(people), number, p=people)
    spread = chance.normal(0, 0.02, (2, number))
    return where, latitudes[where] + spread[0], longitudes[where] + spread[1]


def _drawn(chance: np.random.Generator, shares: Column, number: int) -> Column:
    return chance.choice(len(shares), number, p=shares / shares.sum())


def _kinds(chance: np.random.Generator, number: int) -> Column:
    return (1 << chance.integers(0, 6, number)) | (1 << chance.integers(0, 6, number))


def _trades(chance: np.random.Generator, number: int) -> tuple[Column, Column]:
    every = len(categories())
    shares = 1 / np.arange(5, every + 5)
    order = np.random.default_rng(1).permutation(every)
    return order[_drawn(chance, shares, number)], order[_drawn(chance, shares, number)]


def _words(chance: np.random.Generator, trade: Column, length: int) -> Column:
    """Word numbers: of the trade from 1 on, of everybody after all trades' own."""
    number = len(trade)
    own = trade[:, None] * TRADE_WORDS + _zipf(chance, TRADE_WORDS, (number, length // 3)) + 1
    first = len(categories()) * TRADE_WORDS + 1
    common = first + _zipf(chance, EVERYBODYS_WORDS, (number, length - length // 3))
    return np.concatenate([own, common], axis=1).astype(np.uint32)


def _zipf(chance: np.random.Generator, most: int, shape: tuple[int, int]) -> Column:
    """Ranks from 0 on, with shares of 1 / (rank + 3)."""
    cumulated = np.cumsum(1 / np.arange(3, most + 3))
    return np.searchsorted(cumulated / cumulated[-1], chance.random(shape))
