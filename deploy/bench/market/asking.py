"""The needs of the benchmark as every engine is asked them, and the exhaustive answer they must give."""

from typing import NamedTuple

import numpy as np

from deploy.bench.market.making import AREA_KINDS, Column, Postings, communes
from deploy.bench.market.ours import HEAVY, LIGHT, TOP, area_name, own_words
from services.matching.index.compiled.geometry import square_chord, unit_vector


class Question(NamedTuple):
    """One need: text, kind, days and place (case B); `areas` are the five that hold it."""

    row: int
    words: list[int]
    asks: int
    opens: int
    closes: int
    latitude: float
    longitude: float
    point: tuple[float, float, float]
    areas: list[str]


def question(needs: Postings, row: int) -> Question:
    """A need of the market."""
    codes = communes()[3][needs.commune[row]]
    at = (float(needs.latitude[row]), float(needs.longitude[row]))
    return Question(
        row=row,
        words=[int(each) for each in np.unique(needs.words[row])],
        asks=int(needs.asks[row]),
        opens=int(needs.opens[row]),
        closes=int(needs.closes[row]),
        latitude=at[0],
        longitude=at[1],
        point=unit_vector(*at),
        areas=[area_name(kind, codes) for kind in range(len(AREA_KINDS))],
    )


class Exhaustive:
    """Looks at every offer, without any index: the truth that the others are measured by."""

    def __init__(self, offers: Postings) -> None:
        self.offers = offers
        phi, theta = np.radians(offers.latitude), np.radians(offers.longitude)
        points = [np.cos(phi) * np.cos(theta), np.cos(phi) * np.sin(theta), np.sin(phi)]
        self.points = [each.astype(np.float32) for each in points]
        self.reach = np.array([square_chord(float(km)) for km in offers.radius_km], dtype=np.float32)
        codes = communes()[3]
        placed = zip(offers.area, offers.commune, strict=True)
        self.areas = [_area_of(int(kind), codes[where]) for kind, where in placed]

    def best(self, asked: Question) -> list[int]:
        """The numbers of the best fifty offers by text, from 1 on; equal ones by number."""
        rows = np.flatnonzero(self._meeting(asked))
        found = np.isin(self.offers.words[rows], asked.words)
        # A word that an offer says twice counts once.
        ordered = np.sort(np.where(found, self.offers.words[rows], 0), axis=1)
        first = np.concatenate([ordered[:, :1] > 0, (ordered[:, 1:] != ordered[:, :-1]) & (ordered[:, 1:] > 0)], axis=1)
        parts = (np.where(own_words(ordered), HEAVY, LIGHT) * first).sum(axis=1)
        text = parts / 200.0
        score = np.rint(100 * text / (text + 1.5))
        order = np.lexsort((rows, -score))
        return [int(rows[each]) + 1 for each in order[:TOP] if parts[each] > 0]

    def meeting(self, asked: Question) -> list[int]:
        """The numbers of all offers that meet kind, days and place."""
        return [int(row) + 1 for row in np.flatnonzero(self._meeting(asked))]

    def _meeting(self, asked: Question) -> Column:
        offers = self.offers
        open_then = (offers.opens <= asked.closes) & (offers.closes >= asked.opens)
        x, y, z = (each - np.float32(part) for each, part in zip(self.points, asked.point, strict=True))
        inside = (offers.area < 0) & (x * x + y * y + z * z <= self.reach)
        named = np.fromiter((area in asked.areas for area in self.areas), dtype=np.bool_, count=len(offers))
        meeting: Column = ((offers.asks & asked.asks) != 0) & open_then & (inside | named)
        return meeting


def _area_of(kind: int, codes: tuple[str, ...]) -> str:
    if kind < 0:
        return ""
    return area_name(kind, codes)
