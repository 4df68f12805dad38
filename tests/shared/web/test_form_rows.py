"""Inputs of the same names make the rows of a list; what is wrong with one says which."""

from typing import Any

import pytest
from litestar.datastructures import FormMultiDict
from pydantic import ValidationError

from shared.web.asked import Asked, Row
from shared.web.forms import field_errors, read_form


class Item(Row):
    what: str
    count: int


class Basket(Asked):
    items: list[Item]
    words: list[str] = []


class Sent:
    """As much of a request as a form is read from."""

    def __init__(self, *inputs: tuple[str, str]) -> None:
        self._inputs = inputs

    async def form(self) -> FormMultiDict:
        return FormMultiDict(list(self._inputs))


async def read(*inputs: tuple[str, str]) -> Any:
    return await read_form(Sent(*inputs), Basket)  # type: ignore[arg-type] # see above


async def test_the_nth_inputs_make_the_nth_row_and_empty_rows_are_none() -> None:
    form = await read(("what", "Pain"), ("count", "2"), ("what", " "), ("count", ""), ("what", "Sel"), ("count", "1"))
    assert form.data == Basket(items=[Item(what="Pain", count=2), Item(what="Sel", count=1)])
    assert form.typed["items"] == [{"what": "Pain", "count": "2"}, {"what": "Sel", "count": "1"}]


@pytest.mark.parametrize(
    ("basket", "field"),
    [
        ({"items": [{"what": "Pain", "count": 1}, {"what": "Sel", "count": "x"}]}, "count_2"),
        ({"items": [{"count": 1}]}, "what_1"),
        ({}, "items"),
        ({"items": [], "words": [3]}, "words"),
    ],
)
def test_an_error_in_a_row_says_which(basket: dict[str, Any], field: str) -> None:
    with pytest.raises(ValidationError) as refused:
        Basket.model_validate(basket)
    assert list(field_errors(refused.value, str)) == [field]
