"""Makes the proposal for each market: the split, how it would go first come first served, and what would help."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple
from uuid import UUID

from services.matching.allocation.figures import LEAST, Figures, figures_of
from services.matching.allocation.greedy import first_come
from services.matching.allocation.market import Arc, Market
from services.matching.allocation.problem import Floats
from services.matching.allocation.solver import solve
from services.matching.allocation.values import Values
from services.matching.allocation.worth import More, more_capacity


class Share(NamedTuple):
    """What one offer would take of one flow, a month."""

    arc: Arc
    amount: float


@dataclass(frozen=True)
class Proposal:
    """A split of one market, nowhere worth less than `today`; the best is worth `gap` more at most."""

    market: Market
    shares: list[Share]
    figures: Figures
    today: Figures
    gap: float
    more: list[More]

    def left_of(self, flow_id: UUID) -> float:
        """What of a flow stays without taker."""
        given = sum(share.amount for share in self.shares if share.arc.demand.id == flow_id)
        left = self.market.amounts[flow_id] - given
        return left if left >= LEAST else 0.0


def propose(market: Market, table: Values) -> Proposal:
    """The best split of a market; may compute for some seconds, and asks nobody."""
    problem = market.problem()
    today = first_come(problem, market.first_come())
    split = solve(problem, today=today)
    return Proposal(
        market,
        _shares(market, split.amounts),
        figures_of(market, split.amounts, table),
        figures_of(market, today, table),
        round(split.gap, 5),
        more_capacity(market, problem, split),
    )


def propose_all(markets: Iterable[Market], table: Values) -> list[Proposal]:
    """The same for each of several markets."""
    return [propose(each, table) for each in markets]


def is_possible(market: Market, shares: Mapping[tuple[UUID, UUID], float]) -> bool:
    """True when these shares, by flow and offer, keep every rule of a market."""
    known = {(arc.demand.id, arc.candidate.supply.id) for arc in market.arcs}
    # Each was rounded to a thousandth for people.
    return set(shares) <= known and market.problem().allows(market.amounts_of(shares), slack=LEAST * len(shares))


def _shares(market: Market, amounts: Floats) -> list[Share]:
    pairs = zip(market.arcs, amounts.tolist(), strict=True)
    return [Share(arc, round(amount, 3)) for arc, amount in pairs if amount >= LEAST]
