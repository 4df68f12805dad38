"""Both ways through the compiled index: the supplies for a demand, and the demands for a supply."""

from datetime import date
from functools import partial
from typing import Any, Final, NamedTuple

from services.matching.index.compiled.asking import Asked, asked_by_demand, asked_by_supply
from services.matching.index.compiled.census import Census
from services.matching.index.compiled.encoding import row_of_demand, row_of_supply
from services.matching.index.compiled.kernel import find
from services.matching.index.compiled.layout import DEMAND, SUPPLY
from services.matching.index.compiled.numbering import Numbering
from services.matching.index.compiled.passes import Rules
from services.matching.index.compiled.rack import Rack
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


class Hit(NamedTuple):
    """A row that fits, or almost: its slot, its score, and the number of the constraint that fails (0 for a match)."""

    slot: int
    score: int
    gap: int


# As `Hit._make`, in three fifths of its time.
_hit = partial(tuple.__new__, Hit)


class Hits(NamedTuple):
    """The best matches and near misses, best first."""

    matches: list[Hit]
    misses: list[Hit]


class Engine:
    """Supplies and demands side by side; whoever searches does so from one thread."""

    def __init__(self, rules: Rules) -> None:
        self.rules = rules
        self.numbering = Numbering()
        self.supplies = Rack(SUPPLY, self.numbering)
        self.demands = Rack(DEMAND, self.numbering)

    def supplies_for(self, demand: Demand, *, today: date, most: int, misses: int) -> Hits:
        """The supplies that fit a demand, and those that almost do."""
        return self.search(self._asked(demand, today=today, near=misses > 0), most=most, misses=misses)

    def demands_for(self, supply: Supply, *, today: date, most: int, misses: int) -> Hits:
        """The demands that a supply fits, and those that it almost does."""
        row = row_of_supply(supply, self.numbering, asks=True)
        asked = asked_by_supply(supply, row, self.numbering, today=today, near=misses > 0)
        return self.search(asked, most=most, misses=misses)

    def search(self, asked: Asked, *, most: int, misses: int, rules: Rules | None = None) -> Hits:
        """The best `most` matches and `misses` near misses, of which there are none unless they were asked for."""
        _, looked_at = self._looked_at(asked)
        rules = rules or self.rules
        wanted = (rules.match_from, most, rules.near_miss_from, misses)
        slots, _, scores, gaps, _ = find(*looked_at, tuple(rules), wanted)
        hits = [*map(_hit, zip(slots.tolist(), scores.tolist(), gaps.tolist(), strict=True))]
        if not misses:
            return Hits(hits[:most], [])
        return Hits([hit for hit in hits if not hit.gap][:most], [hit for hit in hits if hit.gap][:misses])

    def census(self, demand: Demand, *, today: date, near: bool) -> Census:
        """Every supply that fits a demand; with `near` those that almost do as well, far more than are ever shown."""
        rack, looked_at = self._looked_at(self._asked(demand, today=today, near=near))
        rules, everybody = self.rules, rack.used
        # Who would have points enough for a match is told where one can widen, though as a near miss it is not.
        wanted = (rules.match_from, everybody, min(rules.match_from, rules.near_miss_from), everybody * near)
        slots, points, scores, gaps, km = find(*looked_at, tuple(rules), wanted)
        return Census(rack.records[slots], rack.tags[slots], points, scores, gaps, km)

    def _asked(self, demand: Demand, *, today: date, near: bool) -> Asked:
        row = row_of_demand(demand, self.numbering, asks=True)
        return asked_by_demand(demand, row, self.numbering, rules=self.rules, today=today, near=near)

    def _looked_at(self, asked: Asked) -> tuple[Rack, tuple[Any, ...]]:
        """The side that is searched, and what the passes take first: without names, which take longer to hand over."""
        rack = self.supplies if asked.query.forward else self.demands
        one, other = tuple(asked.asker), tuple(rack.side())
        sides = (one, other) if asked.query.forward else (other, one)
        where = (tuple(map(tuple, rack.segments.tiers)), self.numbering.rims.lines, asked.cells, asked.centres)
        marks, slots, work = rack.room
        return rack, (where, asked.near, *sides, tuple(asked.query), (marks, slots, tuple(work)))
