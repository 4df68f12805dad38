"""Judges the supplies worth judging for a draft: who fits, who almost does, and what each widening brings."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from services.matching.matches.telling import best_of_organisations
from services.matching.preview.budget import Budget
from services.matching.preview.reading import relaxed
from services.matching.preview.widening import Wider, is_ours, widenings
from services.matching.ranking.score import Verdict
from services.matching.ranking.sides import Demand, Supply
from services.matching.ranking.weights import Weights
from shared.events.reasons import Constraint
from shared.questions.preview import Widening


@dataclass(frozen=True)
class Found:
    """Each organisation once, best first; `near` by the one condition that keeps it out, most in the way first."""

    fitting: Sequence[Verdict]
    near: Mapping[Constraint, Sequence[Verdict]]
    widenings: Mapping[Constraint, Sequence[Widening]]
    apart: int


async def find(demand: Demand, supplies: Sequence[Supply], table: Weights, *, today: date, budget: Budget) -> Found:
    """Judge them all; `supplies` are what an index brings for the relaxed demand."""
    # Who would have points enough for a match, though not for a near miss that is told, counts for a widening too.
    lenient = replace(table, near_miss_from=min(table.match_from, table.near_miss_from))
    verdicts = await budget.judged(demand, supplies, lenient, today=today)
    fitting = best_of_organisations(verdicts)
    near = _kept_out(verdicts, {each.supply.organisation_id for each in fitting}, table)
    wider = {
        constraint: [await _counted(each, kept_out, table, today=today, budget=budget) for each in options]
        for constraint, kept_out in near.items()
        if (options := widenings(constraint, demand, today))
    }
    return Found(
        fitting=fitting,
        near={constraint: near[constraint] for constraint in sorted(near, key=lambda each: -len(near[each]))},
        widenings={constraint: _telling(found, demand) for constraint, found in wider.items()},
        apart=0 if fitting or near else await _apart(demand, supplies, lenient, today=today, budget=budget),
    )


def _kept_out(
    verdicts: Iterable[Verdict], fitting: Collection[UUID], table: Weights
) -> dict[Constraint, list[Verdict]]:
    """Who does not fit by another offer, by the condition that keeps it out; each organisation once a condition."""
    found: dict[Constraint, dict[UUID, Verdict]] = defaultdict(dict)
    for verdict in sorted(verdicts, key=lambda each: (-each.score, each.supply.id)):
        organisation, gap = verdict.supply.organisation_id, verdict.gap
        if gap is not None and organisation not in fitting and (verdict.points >= table.near_miss_from or is_ours(gap)):
            found[gap.constraint].setdefault(organisation, verdict)
    return {constraint: list(verdicts.values()) for constraint, verdicts in found.items()}


async def _counted(
    wider: Wider, kept_out: Sequence[Verdict], table: Weights, *, today: date, budget: Budget
) -> Widening:
    """The widening with how many organisations more would fit: each is judged again."""
    again = await budget.judged(wider.demand, [each.supply for each in kept_out], table, today=today)
    more = {each.supply.organisation_id for each in again if each.gap is None}
    return wider.widening.model_copy(update={"more": len(more)})


async def _apart(demand: Demand, supplies: Sequence[Supply], table: Weights, *, today: date, budget: Budget) -> int:
    """How many two conditions or more keep out: judged again without those that are the author's."""
    again = await budget.judged(relaxed(demand), supplies, table, today=today)
    return len({each.supply.organisation_id for each in again})


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
