"""What became of a file: counts, and each refused row with its reasons."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from pydantic import ValidationError

from shared.refusal import Refusal
from shared.web.forms import field_errors

GIVEN = 120
"""How much of a refused text a report repeats."""

Outcome = Literal["created", "updated", "unchanged"]


@dataclass(frozen=True)
class RowRefused:
    """One row that was not taken: per field why, in French, and what was typed there; the empty field is the row."""

    line: int
    external_id: str | None
    reasons: Mapping[str, str]
    typed: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Remark:
    """Something of a taken row that was put aside."""

    line: int
    field: str
    why: str


@dataclass
class Report:
    """The outcome of one import; every row read is created, updated, unchanged or refused."""

    kind: str
    dry_run: bool = False
    read: int = 0
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    refused: list[RowRefused] = field(default_factory=list)
    remarks: list[Remark] = field(default_factory=list)
    ignored_columns: tuple[str, ...] = ()
    seconds: float = 0.0
    translate: Callable[[str], str] = field(default=str, repr=False)

    def count(self, outcome: Outcome) -> None:
        """One more row came out so."""
        setattr(self, outcome, getattr(self, outcome) + 1)

    def refuse(self, line: int, typed: Mapping[str, str], error: Refusal | ValidationError) -> None:
        """One more row was refused."""
        reasons = reasons_of(error, self.translate)
        given = {name: text[:GIVEN] for name, text in typed.items() if name in reasons or f"{name}_cents" in reasons}
        self.refused.append(RowRefused(line, typed.get("external_id"), reasons, given))

    def as_json(self) -> dict[str, Any]:
        """The report as plain values."""
        said = asdict(self)
        del said["translate"]
        return said


def reasons_of(error: Refusal | ValidationError, translate: Callable[[str], str] = str) -> dict[str, str]:
    """Field by field, the sentences a form would show."""
    if isinstance(error, ValidationError):
        return field_errors(error, translate)
    sentence = translate(error.sentence)
    return {error.field or "": sentence.format(**error.values) if error.values else sentence}
