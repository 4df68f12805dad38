"""Zone rows sorted by cell, in three tiers: what came just now, what came lately, and the rest.

A row goes to the first tier, which stays sorted by insertion; a full tier is merged into the next one. So a new row is
found at once, and a search looks into three sorted arrays.
"""

from dataclasses import dataclass, field

import numpy as np

from services.matching.index.compiled.layout import ZONE, Rows

# Inserting moves 32 kB at most; merging the second tier moves 2 MB.
ROOM = (1024, 65_536)


@dataclass
class Tier:
    """Zone rows with the keys of their cells, sorted by key; the cells alone, with where each begins."""

    keys: Rows = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    zones: Rows = field(default_factory=lambda: np.zeros(0, dtype=ZONE))
    cells: Rows = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    starts: Rows = field(default_factory=lambda: np.zeros(1, dtype=np.int64))

    @classmethod
    def of(cls, keys: Rows, zones: Rows) -> "Tier":
        """Sorted here."""
        order = np.argsort(keys, kind="stable")
        return cls._sorted(keys[order], zones[order])

    @classmethod
    def _sorted(cls, keys: Rows, zones: Rows) -> "Tier":
        begins = np.flatnonzero(np.r_[True, keys[1:] != keys[:-1]]) if len(keys) else np.zeros(0, dtype=np.int64)
        return cls(keys, zones, keys[begins], np.append(begins, len(keys)).astype(np.int64))

    def with_rows(self, keys: Rows, zones: Rows) -> "Tier":
        """These and more, which are sorted."""
        places = np.searchsorted(self.keys, keys, side="right")
        return self._sorted(np.insert(self.keys, places, keys), np.insert(self.zones, places, zones))


class Segments:
    """The three tiers."""

    def __init__(self, *tiers: Tier) -> None:
        self.tiers = list(tiers) or [Tier(), Tier(), Tier()]

    @classmethod
    def of(cls, keys: Rows, zones: Rows) -> "Segments":
        """All rows in the last tier."""
        return cls(Tier(), Tier(), Tier.of(keys, zones))

    def add(self, key: int, zone: Rows) -> None:
        """Put one zone row in."""
        self.tiers[0] = self.tiers[0].with_rows(np.array([key], dtype=np.int64), zone)
        for number, room in enumerate(ROOM):
            tier = self.tiers[number]
            if len(tier.keys) < room:
                break
            self.tiers[number + 1] = self.tiers[number + 1].with_rows(tier.keys, tier.zones)
            self.tiers[number] = Tier()

    def __len__(self) -> int:
        return sum(len(tier.keys) for tier in self.tiers)

    def everything(self) -> tuple[Rows, Rows]:
        """All keys and zone rows, tier after tier."""
        return np.concatenate([each.keys for each in self.tiers]), np.concatenate([each.zones for each in self.tiers])
