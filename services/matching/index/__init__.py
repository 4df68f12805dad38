"""Retrieval: which supplies are worth judging for a demand, and which demands for a supply."""

from collections.abc import Sequence
from typing import Protocol

from services.matching.ranking.sides import Demand, Supply


class Index(Protocol):
    """Never misses a pair that `judge` would call a match or a near miss, up to the best thousand."""

    async def candidates(self, demand: Demand) -> Sequence[Supply]:
        """The supplies worth judging."""

    async def demands_for(self, supply: Supply) -> Sequence[Demand]:
        """The open demands worth judging."""
