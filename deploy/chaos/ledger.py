"""What the clients were told: the one witness that no fault can reach."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from uuid import UUID


@dataclass
class Ledger:
    """Acknowledged writes by aggregate: the highest version whose answer arrived; attempts without an answer."""

    acknowledged: dict[UUID, int] = field(default_factory=dict)
    writes: int = 0
    unknown: int = 0
    surprises: list[str] = field(default_factory=list)
    # When each answer arrived, in seconds of the clock.
    answered_at: list[float] = field(default_factory=list)
    doubted_at: list[float] = field(default_factory=list)

    def acknowledge(self, aggregate: UUID, version: int) -> None:
        """The answer to a write arrived."""
        self.writes += 1
        self.answered_at.append(time.time())
        self.acknowledged[aggregate] = max(version, self.acknowledged.get(aggregate, 0))

    def doubt(self) -> None:
        """No answer, or one that promises nothing: it may have happened or not."""
        self.unknown += 1
        self.doubted_at.append(time.time())

    def wonder(self, answer: str) -> None:
        """An answer that no fault explains."""
        self.surprises.append(answer)
