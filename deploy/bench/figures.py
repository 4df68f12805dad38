"""Percentiles, in milliseconds."""

from collections.abc import Sequence


def percentile(samples: Sequence[float], share: float) -> float:
    """The sample below which `share` (0 to 1) of them lie; samples in seconds, answer in ms with two decimals."""
    ordered = sorted(samples)
    if not ordered:
        return float("nan")
    return round(1000 * ordered[min(len(ordered) - 1, int(share * len(ordered)))], 2)
