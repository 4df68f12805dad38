"""The 17 lines under which public buyers report reused and recycled goods (AGEC, article 58)."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

LIST: Final = Path(__file__).parent / "agec.toml"


@dataclass(frozen=True, slots=True)
class AgecShare:
    """Least shares of a line's yearly spending, in per cent: reused goods, and apart those with recycled content."""

    year: int
    reuse: int
    recycled: int


@dataclass(frozen=True, slots=True)
class AgecLine:
    """One line of the annex; `checked` says whether its wording was read in an account of the decree."""

    id: str
    number: int
    name_fr: str
    name_en: str
    checked: bool
    shares: tuple[AgecShare, ...]

    def name(self, language: str = "fr") -> str:
        return self.name_en if language.startswith("en") else self.name_fr


@dataclass(frozen=True, slots=True)
class AgecSource:
    """Where the lines come from; whoever shows them shows this beside them."""

    text: str
    in_force_on: date
    read_on: date


@cache
def agec_lines() -> Mapping[str, AgecLine]:
    """Every line by id, in the order of the annex."""
    return MappingProxyType({block["id"]: _line(block) for block in _content()["line"]})


@cache
def agec_source() -> AgecSource:
    return AgecSource(**_content()["source"])


def _content() -> dict[str, Any]:
    return tomllib.loads(LIST.read_text(encoding="utf-8"))


def _line(block: dict[str, Any]) -> AgecLine:
    return AgecLine(
        id=block["id"],
        number=block["number"],
        name_fr=block["fr"],
        name_en=block["en"],
        checked=block["wording"] == "checked",
        shares=tuple(AgecShare(**share) for share in block.get("shares", ())),
    )
