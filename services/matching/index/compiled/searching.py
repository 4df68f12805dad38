"""Both ways through the compiled index: the supplies for a demand, and the demands for a supply."""

from datetime import date
from typing import Final, NamedTuple

import numpy as np

from services.matching.index.compiled.asking import MOST_RUNS, Asked, asked_by_demand, asked_by_supply
from services.matching.index.compiled.census import Census, census_of
from services.matching.index.compiled.encoding import row_of_demand, row_of_supply
from services.matching.index.compiled.gathering import begin, gather
from services.matching.index.compiled.geometry import room_for_runs, rows_of_cells
from services.matching.index.compiled.kernel import judge_all
from services.matching.index.compiled.layout import DEMAND, FOR_EVER, SUPPLY
from services.matching.index.compiled.numbering import Numbering
from services.matching.index.compiled.passes import Found, Rules, Working
from services.matching.index.compiled.rack import Rack
from services.matching.index.compiled.suiting import keep_best
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


class Hits(NamedTuple):
    """The best matches and near misses, best first, and how many match in all."""

    matches: list[Hit]
    misses: list[Hit]
    total: int


class Engine:
    """Supplies and demands side by side; whoever searches does so from one thread."""

    def __init__(self, rules: Rules) -> None:
        self.rules = rules
        self.numbering = Numbering()
        self.supplies = Rack(SUPPLY, self.numbering)
        self.demands = Rack(DEMAND, self.numbering)
        self._runs = room_for_runs(MOST_RUNS)

    def supplies_for(self, demand: Demand, *, today: date, most: int, misses: int) -> Hits:
        """The supplies that fit a demand, and those that almost do."""
        row = row_of_demand(demand, self.numbering)
        return self.search(
            asked_by_demand(demand, row, self.numbering, rules=self.rules, today=today), most=most, misses=misses
        )

    def demands_for(self, supply: Supply, *, today: date, most: int, misses: int) -> Hits:
        """The demands that a supply fits, and those that it almost does."""
        row = row_of_supply(supply, self.numbering)
        return self.search(asked_by_supply(supply, row, self.numbering, today=today), most=most, misses=misses)

    def search(self, asked: Asked, *, most: int, misses: int, rules: Rules | None = None) -> Hits:
        """The best `most` matches and `misses` near misses; without near misses nothing is spent on them."""
        query, rules = asked.query, rules or self.rules
        rack = self.supplies if query.forward else self.demands
        work, count = self._gathered(rack, asked, near=misses > 0)
        sides = (asked.asker, rack.side()) if query.forward else (rack.side(), asked.asker)
        count = judge_all(*sides, query, rules, work, count)
        best, almost = heap(most), heap(misses)
        total = keep_best(rack.records, rules, work, count, best, almost)
        return Hits(ordered(best, rack), ordered(almost, rack), int(total))

    def census(self, demand: Demand, *, today: date, near: bool) -> Census:
        """Every supply that fits a demand; with `near` those that almost do as well, far more than are ever shown."""
        row = row_of_demand(demand, self.numbering)
        asked = asked_by_demand(demand, row, self.numbering, rules=self.rules, today=today)
        work, count = self._gathered(self.supplies, asked, near=near)
        count = judge_all(asked.asker, self.supplies.side(), asked.query, self.rules, work, count)
        return census_of(self.supplies, self.rules, work, count, near=near)

    def _gathered(self, rack: Rack, asked: Asked, *, near: bool) -> tuple[Working, int]:
        record, stamp, work, count = asked.asker.records[0], rack.next_stamp(), rack.work, 0
        span = (record["bits"], max(int(record["opens"]), 0), min(int(record["closes"]), FOR_EVER))
        for tier in rack.segments.tiers:
            if len(tier.keys):
                found = rows_of_cells(tier.cells, tier.starts, asked.cells, self._runs)
                runs = self._runs[:found]
                count = gather(tier.zones, runs, asked.centres, span, near, rack.marks, stamp, work.slots, count)
        return work, begin(rack.marks, stamp, rack.alive, work, count)


def heap(most: int) -> Found:
    """Room for so many."""
    scores, slots, gaps = np.zeros(most), np.zeros(most, dtype=np.int64), np.zeros(most, dtype=np.int64)
    return Found(scores, slots, gaps, np.zeros(1, dtype=np.int64))


def ordered(found: Found, rack: Rack) -> list[Hit]:
    """What a heap holds, best first; equal scores by id."""
    size = int(found.size[0])
    records = rack.records[found.slots[:size]]
    order = np.lexsort((records["id_low"], records["id_high"], -found.scores[:size]))
    scores, slots, gaps = found.scores[:size][order], found.slots[:size][order], found.gaps[:size][order]
    return [Hit(*hit) for hit in zip(slots.tolist(), scores.astype(int).tolist(), gaps.tolist(), strict=True)]
