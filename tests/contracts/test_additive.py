"""A contract grows by addition only, and the comparison that says so sees every other change."""

from datetime import date
from enum import StrEnum
from types import GenericAlias
from typing import Annotated, Any, Literal

import pytest
from jsonschema import Draft202012Validator
from pydantic import BaseModel, Field, create_model

from tests.contracts.additive import breaks
from tests.contracts.saved import names, save, saved, saved_names, schema_of


@pytest.mark.parametrize("name", names())
def test_a_contract_grows_by_addition_only(name: str) -> None:
    """INVARIANT: a reader of yesterday reads tomorrow's events, and the other way round."""
    Draft202012Validator.check_schema(schema_of(name))
    assert name in saved_names(), "save it first: python -m tests.contracts.saved"
    assert breaks(saved(name), schema_of(name)) == []


def test_what_was_promised_is_still_told() -> None:
    assert set(saved_names()) <= set(names())


@pytest.mark.parametrize("name", names())
def test_an_addition_is_promised_from_its_first_day(name: str) -> None:
    """Otherwise the next change could take it away unseen."""
    assert saved(name) == schema_of(name), "save it: python -m tests.contracts.saved"


class Colour(StrEnum):
    RED = "red"
    BLUE = "blue"


class Fewer(StrEnum):
    RED = "red"


class More(StrEnum):
    RED = "red"
    BLUE = "blue"
    GREEN = "green"


class Spot(BaseModel):
    town: str
    colour: Colour = Colour.RED


class Disc(BaseModel):
    kind: Literal["disc"] = "disc"
    km: float


class Square(BaseModel):
    kind: Literal["square"] = "square"
    side: float


FIELDS: dict[str, Any] = {
    "count": (int, ...),
    "amount": (float, ...),
    "note": (str | None, None),
    "code": (Annotated[str, Field(pattern=r"^\d{5}$")], ...),
    "name": (str, "somebody"),
    "on": (date, ...),
    "colour": (Colour, Colour.RED),
    "kind": (Literal["need", "flow"], ...),
    "spot": (Spot, ...),
    "spots": (tuple[Spot, ...], ()),
    "area": (Annotated[Disc | Square, Field(discriminator="kind")], ...),
    "values": (dict[str, str | int], {}),
}


def event(**changed: Any) -> dict[str, Any]:
    """The schema of an event whose fields are these, but for what is changed; `None` takes a field away."""
    fields = {name: field for name, field in {**FIELDS, **changed}.items() if field is not None}
    schema: dict[str, Any] = create_model("Event", **fields).model_json_schema(mode="serialization")
    return schema


def a_spot(**changed: Any) -> Any:
    fields = {"town": (str, ...), "colour": (Colour, Colour.RED), **changed}
    return create_model("Spot", **{name: field for name, field in fields.items() if field is not None})


def many(shape: Any) -> Any:
    return GenericAlias(tuple, (shape, ...))


BROKEN: dict[str, dict[str, Any]] = {
    "a removed field": {"note": None},
    "a removed promised field": {"count": None},
    "a renamed field": {"name": None, "label": (str, "somebody")},
    "a new required field": {"weight": (int, ...)},
    "a field that must be there now": {"name": (str, ...)},
    "a field that is not promised any more": {"count": (int, 0)},
    "a type narrowed by null": {"note": (str, "")},
    "a type narrowed to whole numbers": {"amount": (int, ...)},
    "a type widened by null": {"count": (int | None, ...)},
    "a type widened to all numbers": {"count": (float, ...)},
    "another type": {"count": (str, ...)},
    "another format": {"on": (str, ...)},
    "a choice less": {"colour": (Fewer, Fewer.RED)},
    "a choice more": {"colour": (More, More.RED)},
    "a literal less": {"kind": (Literal["need"], ...)},
    "a literal more": {"kind": (Literal["need", "flow", "lot"], ...)},
    "another default": {"name": (str, "nobody")},
    "a tighter pattern": {"code": (Annotated[str, Field(pattern=r"^31\d{3}$")], ...)},
    "no pattern any more": {"code": (str, ...)},
    "a new limit": {"count": (Annotated[int, Field(ge=1)], ...)},
    "another shape in a list": {"spots": (tuple[str, ...], ())},
    "no list any more": {"spots": (Spot, ...)},
    "a member of a union less": {"area": (Disc, ...)},
    "other values in a table": {"values": (dict[str, str], {})},
    "a removed field inside": {"spot": (a_spot(town=None), ...)},
    "a new required field inside": {"spot": (a_spot(street=(str, ...)), ...)},
    "a choice more inside a list": {"spots": (many(a_spot(colour=(More, More.RED))), ())},
}
ADDED: dict[str, dict[str, Any]] = {
    "nothing": {},
    "a field with a default": {"weight": (int, 0)},
    "a field that may be null": {"weight": (int | None, None)},
    "a field inside": {"spot": (a_spot(street=(str | None, None)), ...)},
    "a field inside a list": {"spots": (many(a_spot(street=(str | None, None))), ())},
    "words": {"count": (Annotated[int, Field(description="How many.", title="Number")], ...)},
}


@pytest.mark.parametrize("changed", BROKEN.values(), ids=BROKEN)
def test_what_is_no_addition_is_seen(changed: dict[str, Any]) -> None:
    assert breaks(event(), event(**changed))


@pytest.mark.parametrize("changed", ADDED.values(), ids=ADDED)
def test_an_addition_breaks_nothing(changed: dict[str, Any]) -> None:
    assert breaks(event(), event(**changed)) == []


def test_a_break_says_where_and_what() -> None:
    assert breaks(event(), event(note=None)) == ["event.note: went away"]
    assert breaks(event(), event(weight=(int, ...))) == ["event.weight: yesterday's events lack it"]
    assert breaks(event(), event(count=(float, ...))) == ["event.count: type integer became number"]
    paler = a_spot(colour=(Fewer, Fewer.RED))
    assert breaks(event(), event(spot=(paler, ...))) == ['event.spot.colour: "blue" | "red" became "red"']


def test_a_breaking_change_is_not_saved(monkeypatch: pytest.MonkeyPatch) -> None:
    before = saved("catalog.need.closed.v1")
    smaller = {**before, "properties": {**before["properties"]}}
    del smaller["properties"]["outcome"]
    monkeypatch.setattr("tests.contracts.saved.schema_of", lambda _: smaller)
    assert save("catalog.need.closed.v1")
    assert saved("catalog.need.closed.v1") == before
