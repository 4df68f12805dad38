"""The split of flows among takers as a problem of numbers: amounts, capacities, minimums, and what a unit is worth."""

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Self

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int32]
Mask = NDArray[np.bool_]

# Of the largest amount: what is nearer than this is the same to a solver that computes in floating point.
TOLERANCE = 1e-7
# Of the bound: two sums of the same amounts, in another order, differ by less.
ROUNDING = 1e-12


@dataclass(frozen=True)
class Problem:
    """Flows with their supply, takers with their capacity (infinite when they told none), and arcs between them.

    An arc carries nothing, or at least `least` and at most `most`; each unit on it is worth `value`. A flow goes to at
    most `most_takers`. All amounts are in one unit, and one flow and one taker share at most one arc.
    """

    supply: Floats
    capacity: Floats
    flow: Ints
    taker: Ints
    value: Floats
    least: Floats
    most_takers: int | None = None

    @property
    def flows(self) -> int:
        """How many flows there are."""
        return len(self.supply)

    @property
    def takers(self) -> int:
        """How many takers there are."""
        return len(self.capacity)

    @property
    def arcs(self) -> int:
        """How many pairs may meet."""
        return len(self.flow)

    @cached_property
    def most(self) -> Floats:
        """What each arc can carry at most."""
        return np.minimum(self.supply[self.flow], self.capacity[self.taker])

    @cached_property
    def close(self) -> float:
        """How near two amounts are that are the same."""
        return TOLERANCE * max(1e-9, float(self.supply.max(initial=0.0)))

    @cached_property
    def switched(self) -> Mask:
        """The arcs of which it matters whether they carry anything at all."""
        many = np.bincount(self.flow, minlength=self.flows) > (self.most_takers or self.arcs)
        return (self.least > 0) | many[self.flow]

    def usable(self) -> Mask:
        """The arcs that could carry something worth while, were there room: a full taker still has its price."""
        mask: Mask = (self.value > 0) & (self.least <= self.most)
        return mask if self.most_takers is None else mask & (self.most > 0)

    def only(self, arcs: Mask) -> Self:
        """The same with some arcs alone."""
        return replace(
            self, flow=self.flow[arcs], taker=self.taker[arcs], value=self.value[arcs], least=self.least[arcs]
        )

    def beside(self, amounts: Floats) -> Self:
        """What is left of it when these amounts are promised already."""
        given = np.bincount(self.flow, amounts, minlength=self.flows)
        taken = np.bincount(self.taker, amounts, minlength=self.takers)
        supply, capacity = np.maximum(self.supply - given, 0.0), np.maximum(self.capacity - taken, 0.0)
        return replace(self, supply=supply, capacity=capacity)

    def worth(self, amounts: Floats) -> float:
        """The value of a split."""
        return float(self.value @ amounts)

    def too_small(self, amounts: Floats, *, slack: float = 0.0) -> Mask:
        """The arcs that carry something, but less than their minimum."""
        mask: Mask = (amounts > self.close) & (amounts < self.least - max(self.close, slack))
        return mask

    def crowded(self, amounts: Floats) -> Mask:
        """The flows that go to more takers than they may."""
        if self.most_takers is None:
            return np.zeros(self.flows, dtype=bool)
        mask: Mask = np.bincount(self.flow, amounts > self.close, minlength=self.flows) > self.most_takers
        return mask

    def allows(self, amounts: Floats, *, slack: float = 0.0) -> bool:
        """True for a split that keeps every rule; `slack` forgives what rounding for people added."""
        near = max(self.close, slack)
        given = np.bincount(self.flow, amounts, minlength=self.flows)
        taken = np.bincount(self.taker, amounts, minlength=self.takers)
        within = (given <= self.supply + near).all() and (taken <= self.capacity + near).all() and (amounts >= 0).all()
        return bool(within and not self.too_small(amounts, slack=slack).any() and not self.crowded(amounts).any())


@dataclass(frozen=True)
class Split:
    """An amount per arc; no split is worth more than `bound`, so this one misses the best by `gap` at most.

    A price is what one unit more would be worth, of a flow or of a taker's capacity, by the relaxed problem.
    """

    amounts: Floats
    value: float
    bound: float
    flow_prices: Floats
    taker_prices: Floats

    @property
    def gap(self) -> float:
        """The share of the bound that may be missing; 0 when it is proven to be the best, but for rounding."""
        missing = (self.bound - self.value) / self.bound if self.bound > 0 else 0.0
        return missing if missing > ROUNDING else 0.0
