"""Both ways through the compiled index: the supplies for a demand, and the demands for a supply."""

from datetime import date
from typing import Final, NamedTuple

import numpy as np

from services.matching.index.compiled.asking import Asked, asked_by_demand, asked_by_supply
from services.matching.index.compiled.census import Census
from services.matching.index.compiled.encoding import row_of_demand, row_of_supply
from services.matching.index.compiled.kernel import find
from services.matching.index.compiled.layout import DEMAND, SUPPLY, Rows
from services.matching.index.compiled.numbering import Numbering
from services.matching.index.compiled.passes import Rules
from services.matching.index.compiled.rack import Rack
from services.matching.index.compiled.rules import vocabulary_of_today
from services.matching.ranking.sides import Demand, Supply
from shared.events.reasons import Constraint

GAPS: Final = (
    None,
    Constraint.AREA,
    Constraint.RADIUS,
    Constraint.WINDOW,
    Constraint.PERMIT,
    Constraint.LEGAL_STATUS,
    Constraint.ELIGIBILITY,
    Constraint.SUPPLIER_KIND,
    Constraint.MINIMUM,
    Constraint.PAUSED,
    Constraint.MINIMUM,
)
"""The constraints as the passes number them."""


class Hits(NamedTuple):
    """The best matches and near misses, best first: their slots, scores and gaps as `FOUND` has them."""

    matches: Rows
    misses: Rows

    @property
    def slots(self) -> Rows:
        """The slots of all of them."""
        return np.concatenate([self.matches["slot"], self.misses["slot"]])


class Engine:
    """Supplies and demands side by side; whoever searches does so from one thread."""

    def __init__(self, rules: Rules) -> None:
        self.rules, self.vocabulary = rules, tuple(vocabulary_of_today())
        self.numbering = Numbering()
        self.supplies = Rack(SUPPLY, self.numbering)
        self.demands = Rack(DEMAND, self.numbering)

    def supplies_for(self, demand: Demand, *, today: date, most: int, misses: int) -> Hits:
        """The supplies that fit a demand, and those that almost do."""
        return self.search(self._asked(demand, today=today), most=most, misses=misses)

    def demands_for(self, supply: Supply, *, today: date, most: int, misses: int) -> Hits:
        """The demands that a supply fits, and those that it almost does."""
        row = row_of_supply(supply, self.numbering, asks=True)
        return self.search(asked_by_supply(supply, row, self.numbering, today=today), most=most, misses=misses)

    def search(self, asked: Asked, *, most: int, misses: int, rules: Rules | None = None) -> Hits:
        """The best `most` matches and `misses` near misses, of which there are none unless they were asked for."""
        rules = rules or self.rules
        found, matches = self._find(asked, rules, (rules.match_from, most, rules.near_miss_from, misses))
        return Hits(found[: min(matches, most)], found[matches : matches + misses])

    def census(self, demand: Demand, *, today: date, near: bool) -> Census:
        """Every supply that fits a demand; with `near` those that almost do as well, far more than are ever shown."""
        rules, rack, everybody = self.rules, self.supplies, self.supplies.used
        # Who would have points enough for a match is told where one can widen, though as a near miss it is not.
        wanted = (rules.match_from, everybody, min(rules.match_from, rules.near_miss_from), everybody * near)
        found, _ = self._find(self._asked(demand, today=today), rules, wanted)
        slots, told = found["slot"], [found[each] for each in ("points", "score", "gap", "km")]
        return Census(rack.records[slots], rack.tags[slots], *told)

    def _asked(self, demand: Demand, *, today: date) -> Asked:
        row = row_of_demand(demand, self.numbering, asks=True)
        return asked_by_demand(demand, row, self.numbering, today=today)

    def _find(self, asked: Asked, rules: Rules, wanted: tuple[float, int, float, int]) -> tuple[Rows, int]:
        """What the passes find, and how many match; handed over without names, for which Python takes longer."""
        rack = self.supplies if asked.sought.forward else self.demands
        one, other = tuple(asked.asker), tuple(rack.side())
        sides = (one, other) if asked.sought.forward else (other, one)
        searched = (tuple(map(tuple, rack.segments.tiers)), self.numbering.rims.lines)
        marks, slots, work = rack.room
        room = (marks, slots, tuple(work))
        found: tuple[Rows, int] = find(
            tuple(asked.sought), *sides, searched, self.vocabulary, room, tuple(rules), wanted
        )
        return found
