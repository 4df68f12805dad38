"""Which of several equal processes one is: replicas share the pages' socket, the databases and the durables."""

from __future__ import annotations

from typing import NamedTuple

# As many as PostgreSQL has connections for, when each of them uses all it may.
MOST_REPLICAS = 2


class Replica(NamedTuple):
    """The `number`th (from 1) `of` so many."""

    number: int
    of: int

    def named(self, name: str, between: str = "-") -> str:
        """The first is called as if it were alone."""
        return name if self.number == 1 else f"{name}{between}{self.number}"


ALONE = Replica(1, 1)


def replicas(count: int) -> list[Replica]:
    """All of them."""
    return [Replica(number, count) for number in range(1, count + 1)]
