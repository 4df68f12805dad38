"""Counts for a draft, all in memory: who fits, who almost does, and what each widening brings."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

import numpy as np

from services.matching.index.compiled.census import Census
from services.matching.index.compiled.encoding import row_of_demand
from services.matching.index.compiled.layout import Rows
from services.matching.index.compiled.passes import OWN_MINIMUM
from services.matching.index.compiled.searching import GAPS, Engine
from services.matching.preview.budget import Budget
from services.matching.preview.reading import relaxed
from services.matching.preview.widening import WIDER, Wider, widenings
from services.matching.ranking.sides import Demand
from shared.events.reasons import Constraint
from shared.questions.preview import Widening

# What the author can lift; of the two minima, only the own one.
OURS: Final = [
    number
    for number, constraint in enumerate(GAPS)
    if constraint in WIDER and (constraint is not Constraint.MINIMUM or number == OWN_MINIMUM)
]


@dataclass(frozen=True)
class Found:
    """Each organisation once, best first; `near` by the one condition that keeps it out, most in the way first."""

    fitting: Census
    near: Mapping[Constraint, Census]
    widenings: Mapping[Constraint, Sequence[Widening]]
    apart: int


async def find(engine: Engine, demand: Demand, *, today: date, budget: Budget) -> Found:
    """Count who is in the index: those who fit, and those whom one condition keeps out, by each of its widenings."""
    everybody = engine.census(demand, today=today, near=True)
    fitting = everybody.matching().once_each()
    others = everybody.without(fitting.organisations)
    near = _kept_out(others, engine.rules.near_miss_from)
    wider = {
        constraint: [
            _counted(engine, each, others, today=today)
            for each in widenings(constraint, demand, today)
            if await budget.allows()
        ]
        for constraint in near
    }
    return Found(
        fitting=fitting,
        near=near,
        widenings={constraint: told for constraint, found in wider.items() if (told := _telling(found, demand))},
        apart=0 if fitting.size or near else _apart(engine, demand, today=today),
    )


def _kept_out(others: Census, near_miss_from: float) -> dict[Constraint, Census]:
    """Who does not fit by another offer, by the condition that keeps it out; each organisation once a condition.

    Who would have points enough for a match, though not for a near miss that is told, counts where one can widen.
    """
    told = others.only((others.points >= near_miss_from) | np.isin(others.gaps, OURS))
    found: dict[Constraint, Census] = {}
    for number in dict.fromkeys(told.gaps.tolist()):
        constraint = GAPS[number]
        if constraint is not None and constraint not in found:
            same = [each for each, of in enumerate(GAPS) if of is constraint]
            found[constraint] = told.only(np.isin(told.gaps, same)).once_each()
    return dict(sorted(found.items(), key=lambda each: -each[1].size))


def _counted(engine: Engine, wider: Wider, others: Census, *, today: date) -> Widening:
    """The widening with how many organisations more would fit: of `others`, those whom it alone lets in.

    One condition more or less changes no points, so whoever would fit is kept out by that one now.
    """
    let_in = LETS_IN.get(wider.widening.constraint)
    if let_in is None:
        found = engine.census(wider.demand, today=today, near=False)
        more = found.only(np.isin(found.organisations, others.organisations))
    else:
        kept_out = others.only(np.isin(others.gaps, _ours(wider.widening.constraint)))
        more = kept_out.only(let_in(kept_out, wider.demand, engine))
    return wider.widening.model_copy(update={"more": more.once_each().size})


def _within(kept_out: Census, demand: Demand, _engine: Engine) -> Rows:
    within: Rows = kept_out.km <= (np.inf if demand.radius_km is None else demand.radius_km)
    return within


def _in_time(kept_out: Census, demand: Demand, engine: Engine) -> Rows:
    record = row_of_demand(demand, engine.numbering, asks=True).record
    opens, closes = kept_out.records["opens"], kept_out.records["closes"]
    in_time: Rows = (opens <= record["closes"]) & (closes >= record["opens"])
    return in_time


def _enough(kept_out: Census, demand: Demand, engine: Engine) -> Rows:
    """As the pass `below` says it: whoever fell short told an amount in the unit of the minimum."""
    # Numbered first: a minimum that nobody has said yet makes the table of amounts grow.
    minimum = engine.numbering.amount(demand.minimum)
    amounts = engine.numbering.amounts.lines
    wanted, can = amounts[[minimum]], amounts[kept_out.records["capacity"]]
    once = (wanted["once"] != 0) | (can["once"] != 0)
    enough: Rows = np.where(once, can["value"] >= wanted["value"], can["monthly"] >= wanted["monthly"])
    return enough


def _anybody(kept_out: Census, _demand: Demand, _engine: Engine) -> Rows:
    return np.ones(kept_out.size, dtype=np.bool_)


def _ours(constraint: Constraint) -> list[int]:
    return [number for number in OURS if GAPS[number] is constraint]


# Permits are asked of the index again: one more of them may still be missing.
LETS_IN: Final[Mapping[Constraint, Callable[[Census, Demand, Engine], Rows]]] = {
    Constraint.RADIUS: _within,
    Constraint.WINDOW: _in_time,
    Constraint.MINIMUM: _enough,
    Constraint.SUPPLIER_KIND: _anybody,
    Constraint.ELIGIBILITY: _anybody,
}


def _apart(engine: Engine, demand: Demand, *, today: date) -> int:
    """How many two conditions or more keep out: counted without those that are the author's."""
    return engine.census(relaxed(demand), today=today, near=True).once_each().size


def _telling(found: Iterable[Widening], demand: Demand) -> list[Widening]:
    """Those that bring more than a narrower one; later at the end and earlier at the beginning are two ways."""
    best: dict[bool, int] = defaultdict(int)
    told: list[Widening] = []
    for each in found:
        is_later = each.window is not None and each.window.ends_on != demand.window.ends_on
        if each.more > best[is_later]:
            best[is_later] = each.more
            told.append(each)
    return told
