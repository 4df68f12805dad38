"""Counts for a draft, all in memory: who fits, who almost does, and what each widening brings."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

import numpy as np

from services.matching.index.compiled.census import Census
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
    """Count who is in the index; each widening is a count of its own, of whom the wider demand would find."""
    everybody = engine.census(demand, today=today, near=True)
    fitting = everybody.matching().once_each()
    near = _kept_out(everybody.without(fitting.organisations), engine.rules.near_miss_from)
    wider = {
        constraint: [
            _counted(engine, each, fitting, today=today)
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


def _counted(engine: Engine, wider: Wider, fitting: Census, *, today: date) -> Widening:
    """The widening with how many organisations more would fit."""
    found = engine.census(wider.demand, today=today, near=False)
    return wider.widening.model_copy(update={"more": found.without(fitting.organisations).once_each().size})


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
