"""Everybody who fits a demand or almost does, as the passes leave them: to be counted without being read."""

from dataclasses import dataclass
from typing import Self
from uuid import UUID

import numpy as np

from services.matching.index.compiled.layout import Rows
from services.matching.index.compiled.passes import MATCH


@dataclass(frozen=True)
class Census:
    """One line an offer, those that fit before the others, of each the best first, equal scores by id.

    It says its record and tag, its points and score, the number of the constraint that fails (0 for a match), and its
    distance.
    """

    records: Rows
    tags: Rows
    points: Rows
    scores: Rows
    gaps: Rows
    km: Rows

    @property
    def size(self) -> int:
        """How many lines."""
        return len(self.tags)

    @property
    def organisations(self) -> Rows:
        """Whose offers these are, as `short` says it."""
        return self.records["organisation"]

    @property
    def ids(self) -> list[UUID]:
        """The ids of the offers."""
        halves = zip(self.records["id_high"].tolist(), self.records["id_low"].tolist(), strict=True)
        return [UUID(int=high << 64 | low) for high, low in halves]

    @property
    def tagged(self) -> dict[int, UUID]:
        """The ids by the tags of their lines."""
        return dict(zip(self.tags.tolist(), self.ids, strict=True))

    def only(self, which: Rows | slice) -> Self:
        """Some of the lines."""
        return type(self)(*(lines[which] for lines in vars(self).values()))

    def once_each(self) -> Self:
        """Each organisation by the best of its lines."""
        _, first = np.unique(self.organisations, return_index=True)
        return self.only(np.sort(first))

    def without(self, organisations: Rows) -> Self:
        """The lines of others."""
        return self.only(~np.isin(self.organisations, organisations))

    def matching(self) -> Self:
        """The lines that fit."""
        return self.only(self.gaps == MATCH)
