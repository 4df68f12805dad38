"""What is told of one long fault: its figures, what went wrong, and the verdict over everything stored."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from deploy.chaos.verdict import Verdict

Say = Callable[[str], None]
SHOWN = 10


class NotPossible(Exception):
    """This machine does not let the fault be made; says what is missing."""


@dataclass
class Tale:
    """One story as it happens.

    `outage_s` is how long what is taken away stays away, `cuts` how often the power fails, `load_s` how long there is
    load before and after a fault that takes no time of its own.
    """

    name: str
    promises: tuple[int, ...]
    seed: int
    outage_s: float
    cuts: int
    load_s: float
    say: Say
    seconds: float = 0.0
    writes: int = 0
    unknown: int = 0
    figures: dict[str, float | int | str] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)
    verdict: Verdict | None = None
    not_run: str = ""

    def expect(self, so: bool, otherwise: str) -> None:
        """Note what is not as promised, and go on: one run is to find everything."""
        if not so:
            self.wrong.append(otherwise)
            self.say(f"  red: {otherwise}")

    def found(self, **figures: float | str) -> None:
        """Keep measured figures, in the unit their name ends with."""
        for name, value in figures.items():
            self.figures[name] = round(value, 2) if isinstance(value, float) else value

    def judged(self, verdict: Verdict) -> None:
        """Whatever is lost, doubled, stuck or out of order is wrong."""
        self.verdict = verdict
        for kind, traces in verdict.by_kind.items():
            self.expect(not traces, f"{len(traces)} {kind}: {'; '.join(traces[:SHOWN])}")

    @property
    def is_clean(self) -> bool:
        """It ran, and nothing was wrong."""
        return not self.wrong and not self.not_run

    def as_dict(self) -> dict[str, Any]:
        """For `--json`."""
        kept = ("name", "promises", "seed", "seconds", "writes", "unknown", "figures", "wrong", "not_run", "is_clean")
        verdict = self.verdict
        counts = {"events": verdict.events, "duplicates_in_streams": verdict.duplicates_in_streams} if verdict else {}
        return {name: getattr(self, name) for name in kept} | {"verdict": counts}


class Story(NamedTuple):
    """A long fault, and what it shows."""

    name: str
    promises: tuple[int, ...]
    tell: Callable[[Tale], Awaitable[None]]
