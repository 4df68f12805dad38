"""What conditions ask of a row apart from its place and its day: few combinations, each told by one number."""

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]

TRAITS: Final = np.dtype([("families", "u8"), ("kinds", "u8"), ("what", "u1")], align=True)


class Traits:
    """Combinations of families, types of organisation and what a row is: judged and counted once for all their rows."""

    def __init__(self) -> None:
        self._numbers: dict[tuple[int, int, int], int] = {}
        self._every: Array = np.zeros(0, dtype=TRAITS)

    def number(self, families: int, kinds: int, what: int) -> int:
        """The number of a combination, given when it is first seen."""
        return self._numbers.setdefault((families, kinds, what), len(self._numbers))

    @property
    def every(self) -> Array:
        """All of them, by their numbers."""
        if len(self._every) != len(self._numbers):
            self._every = np.array([*self._numbers], dtype=TRAITS)
        return self._every
