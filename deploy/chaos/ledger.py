"""What the clients were told: the one witness that no fault can reach."""

from __future__ import annotations

import time
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from decimal import Decimal
from uuid import UUID


@dataclass
class Ledger:
    """Acknowledged writes by aggregate: the highest version whose answer arrived; attempts without an answer.

    `acknowledged` are needs, `things` what follows from them and from flows, by kind; `signed` which side's word of an
    agreement was taken, `said` which side's figure of a taking, `deeds` how many writes of each kind were answered.
    """

    acknowledged: dict[UUID, int] = field(default_factory=dict)
    things: dict[str, dict[UUID, int]] = field(default_factory=lambda: defaultdict(dict))
    signed: set[tuple[UUID, str]] = field(default_factory=set)
    said: dict[tuple[UUID, str], Decimal] = field(default_factory=dict)
    deeds: Counter[str] = field(default_factory=Counter)
    writes: int = 0
    unknown: int = 0
    surprises: list[str] = field(default_factory=list)
    # When each answer arrived, in seconds of the clock.
    answered_at: list[float] = field(default_factory=list)
    doubted_at: list[float] = field(default_factory=list)
    doubts: list[str] = field(default_factory=list)

    def acknowledge(self, aggregate: UUID, version: int) -> None:
        """The answer to a write of a need arrived."""
        self._answered("need")
        self.acknowledged[aggregate] = max(version, self.acknowledged.get(aggregate, 0))

    def keep(self, kind: str, thing: UUID, version: int, *, deed: str) -> None:
        """The answer to a write of something else arrived: a proposal, an agreement, a taking and so on."""
        self._answered(deed)
        self.things[kind][thing] = max(version, self.things[kind].get(thing, 0))

    def _answered(self, deed: str) -> None:
        self.writes += 1
        self.deeds[deed] += 1
        self.answered_at.append(time.time())

    def doubt(self, what: str) -> None:
        """No answer, or one that promises nothing: it may have happened or not."""
        self.unknown += 1
        self.doubted_at.append(time.time())
        self.doubts.append(what)

    def wonder(self, answer: str) -> None:
        """An answer that no fault explains."""
        self.surprises.append(answer)
