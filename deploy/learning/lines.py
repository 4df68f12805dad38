"""The lines that weights are learnt from: one a supplier that fitted a demand, as JSON, asked or not."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from uuid import UUID

import msgspec
from msgspec import Struct

from services.matching.learning.answers import GAINS, Answer
from shared.events.reasons import Feature


class LinesUnreadable(Exception):
    """A file of lines is not what it should be; the message names the line."""


class Line(Struct, frozen=True, omit_defaults=True):
    """`measures` are 0 to 1, of the features that apply; `propensity` is how probable it was that this one was asked.

    One that fitted and was not asked has `asked` false and no answer. `score` and `weights` are those of its match.
    """

    demand: UUID
    organisation: UUID
    at: datetime
    measures: dict[Feature, float]
    asked: bool = True
    propensity: float = 1.0
    chosen: str | None = None
    rank: int | None = None
    score: int | None = None
    weights: str | None = None
    answer: Answer | None = None
    reason: str | None = None

    @property
    def gain(self) -> int:
        """0 for silence and for no, up to 3 for an acceptance."""
        return GAINS[self.answer] if self.answer else 0


@dataclass(frozen=True)
class Case:
    """One demand: `asked` are those whose answer is known (or their silence), `all` also those who were not asked."""

    demand: UUID
    week: str
    asked: Sequence[Line]
    all: Sequence[Line]

    @property
    def tells(self) -> bool:
        """Whether it prefers somebody to somebody."""
        return len({each.gain for each in self.asked}) > 1


def read(file: Path) -> list[Line]:
    """The lines of a file; LinesUnreadable names the first that is none."""
    decoder, lines = msgspec.json.Decoder(Line), list[Line]()
    for number, written in enumerate(file.read_bytes().splitlines(), start=1):
        if not written.strip():
            continue
        try:
            line = decoder.decode(written)
        except msgspec.MsgspecError as wrong:
            raise LinesUnreadable(f"{file}, line {number}: {wrong}") from wrong
        if not 0 < line.propensity <= 1:
            raise LinesUnreadable(f"{file}, line {number}: a propensity lies above 0 and goes up to 1")
        lines.append(line)
    return lines


def write(file: Path, lines: Iterable[Line]) -> None:
    """The same lines as a file."""
    file.write_bytes(b"".join(msgspec.json.encode(line) + b"\n" for line in lines))


def cases(lines: Iterable[Line]) -> list[Case]:
    """By demand, in the order of the weeks in which the first was asked; the order of the lines changes nothing."""
    of_demand: dict[UUID, list[Line]] = defaultdict(list)
    for line in lines:
        of_demand[line.demand].append(line)
    found = [_case(demand, sorted(each, key=lambda line: line.organisation)) for demand, each in of_demand.items()]
    return sorted(found, key=lambda case: (case.week, case.demand))


def _case(demand: UUID, lines: Sequence[Line]) -> Case:
    asked = [line for line in lines if line.asked]
    year, week, _ = min(line.at for line in asked or lines).isocalendar()
    return Case(demand, f"{year}-W{week:02}", asked, lines)


def split(every: Sequence[Case]) -> tuple[list[Case], list[Case]]:
    """The weeks that are learnt from, and the last quarter of them, which is held out."""
    weeks = sorted({case.week for case in every})
    held = set(weeks[len(weeks) - max(1, round(len(weeks) / 4)) :]) if weeks else set()
    return [case for case in every if case.week not in held], [case for case in every if case.week in held]


def since(every: Sequence[Case], week: str) -> list[Case]:
    """What came after a week."""
    return [case for case in every if case.week > week]
