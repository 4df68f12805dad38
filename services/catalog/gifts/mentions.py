"""The mentions that a paper about a gift has to bear, from `mentions.toml`: which ones, where said, by whom given."""

import tomllib
from collections.abc import Mapping
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, Final, NamedTuple

from shared.events.gifts import GiftKind, PaperKind

FILE: Final = Path(__file__).parent / "mentions.toml"
PARTS: Final = ("paper", "recipient", "donor", "gift", "signature")


class Mention(NamedTuple):
    """One mention; `by` gives it on the page `place` ("gift" is the gift's own), both empty where we know it."""

    code: str
    part: str
    names: tuple[str, str]
    papers: frozenset[PaperKind]
    kinds: frozenset[GiftKind]
    by: str
    place: str
    may_lack: frozenset[PaperKind]

    def name(self, language: str) -> str:
        """What the form calls it."""
        return self.names[language == "en"]


class Source(NamedTuple):
    """Where the mentions of a paper are written, and when they were read there."""

    names: tuple[str, str]
    source_on: date
    to_check: bool

    def name(self, language: str) -> str:
        """In words."""
        return self.names[language == "en"]


@cache
def _file() -> Mapping[str, Any]:
    return tomllib.loads(FILE.read_text(encoding="utf-8"))


@cache
def mentions() -> tuple[Mention, ...]:
    """All of them, in the order in which they are said."""
    return tuple(
        Mention(
            code=each["code"],
            part=each["part"],
            names=(each["fr"], each["en"]),
            papers=frozenset(map(PaperKind, each["papers"])),
            kinds=frozenset(map(GiftKind, each.get("kinds", GiftKind))),
            by=each.get("by", ""),
            place=each.get("place", ""),
            may_lack=frozenset(map(PaperKind, each.get("may_lack", ()))),
        )
        for each in _file()["mention"]
    )


def mentions_of(paper: PaperKind, kind: GiftKind) -> list[Mention]:
    """Those of a paper about a kind of gift."""
    return [each for each in mentions() if paper in each.papers and kind in each.kinds]


@cache
def source_of(paper: PaperKind) -> Source:
    """Where they come from."""
    said = _file()["sources"][paper.value]
    return Source((said["fr"], said["en"]), said["source_on"], said["to_check"])
