"""Decoded states kept in memory by the digest of what they say: what is stored under a digest can never be stale."""

from collections import OrderedDict
from collections.abc import Iterable, Mapping
from hashlib import blake2b
from typing import Generic, TypeVar

from services.matching.ranking.sides import Demand, Side, Supply

Kept = TypeVar("Kept", bound=Side)

# About 5 kB each: 100 MB at most.
ROOM = 20_000


def digest_of(state: str) -> int:
    """64 bits of the state's text, as PostgreSQL's bigint; ids are part of the text, so two rows never share it."""
    return int.from_bytes(blake2b(state.encode(), digest_size=8).digest(), "big", signed=True)


class Shelf(Generic[Kept]):
    """The least recently used leave first. Derived and disposable: PostgreSQL holds the truth."""

    def __init__(self, model: type[Kept], room: int = ROOM) -> None:
        self._model = model
        self._room = room
        self._kept: OrderedDict[int, Kept] = OrderedDict()

    def missing(self, digests: Iterable[int]) -> list[int]:
        """Those that are not here."""
        return [each for each in digests if each not in self._kept]

    def add(self, states: Mapping[int, str]) -> None:
        """Decode and keep."""
        for digest, state in states.items():
            self.put(digest, self._model.model_validate_json(state))

    def put(self, digest: int, side: Kept) -> None:
        """Keep what is decoded already."""
        self._kept[digest] = side

    def clear(self) -> None:
        """Forget all: what is asked next is read again."""
        self._kept.clear()

    def take(self, digests: Iterable[int]) -> dict[int, Kept]:
        """Those that are here, by digest."""
        taken = {digest: kept for digest in digests if (kept := self._kept.get(digest)) is not None}
        for digest in taken:
            self._kept.move_to_end(digest)
        while len(self._kept) > self._room:
            self._kept.popitem(last=False)
        return taken


supply_shelf: Shelf[Supply] = Shelf(Supply)
demand_shelf: Shelf[Demand] = Shelf(Demand)
