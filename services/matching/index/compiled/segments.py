"""Zone rows sorted by key, in three tiers: what came just now, what came lately, and the rest.

A row goes to the first tier, which stays sorted by insertion; a full tier is merged into the next one. So a new row is
found at once, and a search looks into three sorted arrays.
"""

from typing import NamedTuple

import numpy as np

from services.matching.index.compiled.layout import ZONE, Rows

# Inserting moves 32 kB at most; merging the second tier moves 2 MB.
ROOM = (1024, 65_536)


class Tier(NamedTuple):
    """Zone rows sorted by key; each key once, with where its rows begin."""

    keys: Rows = np.zeros(0, dtype=np.int64)
    starts: Rows = np.zeros(1, dtype=np.int32)
    zones: Rows = np.zeros(0, dtype=ZONE)

    @classmethod
    def of(cls, keys: Rows, zones: Rows) -> "Tier":
        """Of as many keys as rows, both sorted."""
        begins = np.flatnonzero(np.r_[True, keys[1:] != keys[:-1]]) if len(keys) else np.zeros(0, dtype=np.int64)
        return cls(keys[begins], np.append(begins, len(keys)).astype(np.int32), zones)

    def with_rows(self, keys: Rows, zones: Rows) -> "Tier":
        """These and more, which are sorted."""
        own = self.key_of_each()
        places = np.searchsorted(own, keys, side="right")
        return self.of(np.insert(own, places, keys), np.insert(self.zones, places, zones))

    def key_of_each(self) -> Rows:
        """The key of each row."""
        return np.repeat(self.keys, np.diff(self.starts))


class Segments:
    """The three tiers."""

    def __init__(self, *tiers: Tier) -> None:
        self.tiers = list(tiers) or [Tier(), Tier(), Tier()]

    @classmethod
    def of(cls, rows: Tier) -> "Segments":
        """All rows in the last tier."""
        return cls(Tier(), Tier(), rows)

    def add(self, key: int, zone: Rows) -> None:
        """Put one zone row in."""
        self.tiers[0] = self.tiers[0].with_rows(np.array([key], dtype=np.int64), zone)
        for number, room in enumerate(ROOM):
            tier = self.tiers[number]
            if len(tier.zones) < room:
                break
            self.tiers[number + 1] = self.tiers[number + 1].with_rows(tier.key_of_each(), tier.zones)
            self.tiers[number] = Tier()

    def __len__(self) -> int:
        return sum(len(tier.zones) for tier in self.tiers)

    def everything(self) -> tuple[Rows, Rows]:
        """All keys and zone rows, tier after tier."""
        keys, zones = [each.key_of_each() for each in self.tiers], [each.zones for each in self.tiers]
        return np.concatenate(keys), np.concatenate(zones)
