"""How what becomes of a material travels: by a code that was promised first, and by the exact one beside it.

A choice of codes in an event never grows: a reader of yesterday would refuse the whole event. What has no word among
the first four codes is told by the nearest of them, and exactly in a field of its own that such a reader does not know.
"""

from collections.abc import Iterable
from enum import StrEnum
from typing import Annotated, Any

from pydantic import Field, PlainSerializer, model_validator

from shared.events.event import Facts
from shared.events.facts import Level


class ToldLevel(StrEnum):
    """The codes of the first contract."""

    REUSE = "reuse"
    PREPARATION = "preparation"
    RECYCLING = "recycling"
    RECOVERY = "recovery"


# What animals eat has not become waste: directive 2008/98/EC, art. 2(2)(e), read on 2026-11-28, to be checked.
NEAREST = {Level.ANIMALS: ToldLevel.REUSE}
KNOWN = frozenset(Level)


def _as_told(level: Level) -> ToldLevel:
    return NEAREST.get(level) or ToldLevel(level)


def _all_as_told(levels: Iterable[Level]) -> tuple[ToldLevel, ...]:
    return tuple(dict.fromkeys(_as_told(level) for level in levels))


OneLevel = Annotated[Level, PlainSerializer(_as_told, return_type=ToldLevel)]
ManyLevels = Annotated[tuple[Level, ...], PlainSerializer(_all_as_told, return_type=tuple[ToldLevel, ...])]
MOST_TOLD = len(ToldLevel)
FewLevels = Annotated[
    tuple[Level, ...],
    Field(max_length=MOST_TOLD),
    PlainSerializer(_all_as_told, return_type=Annotated[tuple[ToldLevel, ...], Field(max_length=MOST_TOLD)]),
]


class TellsLevel(Facts):
    """Has a `level`; `treatment` is the exact code where that says only what comes nearest."""

    treatment: str | None = None

    @model_validator(mode="before")
    @classmethod
    def _exactly(cls, data: Any) -> Any:
        if not isinstance(data, dict):
            return data
        if data.get("treatment") in KNOWN:
            return {**data, "level": data["treatment"]}
        return {**data, "treatment": str(data["level"])} if data.get("level") in NEAREST else data


class TellsLevels(Facts):
    """Has `levels`; `treatments` are the exact codes where those say only what comes nearest."""

    treatments: tuple[str, ...] = ()

    @model_validator(mode="before")
    @classmethod
    def _exactly(cls, data: Any) -> Any:
        if not isinstance(data, dict):
            return data
        if exact := [code for code in data.get("treatments") or () if code in KNOWN]:
            return {**data, "levels": exact}
        levels = [str(each) for each in data.get("levels") or ()]
        return data if NEAREST.keys().isdisjoint(levels) else {**data, "treatments": levels}
