"""How long nothing was written, and after which fault: a promise that is kept an hour later is no promise."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import NamedTuple


class Strike(NamedTuple):
    """When a fault struck, in seconds of the clock."""

    at: float
    fault: str


def longest_gap_s(moments: Sequence[float], began: float, ended: float) -> float:
    """The longest time between two moments, the ends of the run included; in seconds."""
    return round(max(later - earlier for earlier, later in _gaps(moments, began, ended)), 2)


def _gaps(moments: Sequence[float], began: float, ended: float) -> Iterable[tuple[float, float]]:
    return pairwise([began, *sorted(each for each in moments if began <= each <= ended), ended])


def gaps_by_fault(moments: Sequence[float], strikes: Sequence[Strike], began: float, ended: float) -> dict[str, float]:
    """The longest gap that ended after each fault and before the next one, or with the run; in seconds."""
    longest: dict[str, float] = {}
    struck_at = [strike.at for strike in strikes]
    for earlier, later in _gaps(moments, began, ended):
        position = bisect_right(struck_at, later)
        if position:
            fault = strikes[position - 1].fault
            longest[fault] = max(longest.get(fault, 0.0), round(later - earlier, 2))
    return longest


def counts_by_fault(moments: Sequence[float], strikes: Sequence[Strike]) -> dict[str, int]:
    """How many moments came after each fault and before the next one; every fault that struck is told."""
    struck_at, counts = [strike.at for strike in strikes], Counter({strike.fault: 0 for strike in strikes})
    for moment in moments:
        if position := bisect_right(struck_at, moment):
            counts[strikes[position - 1].fault] += 1
    return dict(counts)
