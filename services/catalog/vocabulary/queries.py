"""Categories for whoever browses: one, a page of them, those that words or a code lead to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from itertools import chain, islice
from typing import NamedTuple, get_args

from services.catalog.vocabulary.errors import NoSuchCategory
from shared.vocabulary import (
    Category,
    CodeScheme,
    categories,
    code_beginning,
    fold,
    held_codes,
    plain_code,
    printed_code,
    suggest,
)
from shared.web.cursors import CursorMalformed

MOST_FOUND = 40
SHORTEST_PART = 3
SHORTEST_BROADER = 3  # a code of two digits is a whole division: it says too little of what falls under it


class Found(NamedTuple):
    """A category with what led to it: one of its names, or one of its codes and the list that code is in."""

    category: Category
    phrase: str = ""
    scheme: CodeScheme | None = None


def category_shown(category_id: str) -> Category:
    """The category of an address; raises `NoSuchCategory`."""
    try:
        return categories()[category_id]
    except KeyError:
        raise NoSuchCategory from None


def categories_after(
    last_id: str | None, *, kind: str | None = None, parent: str | None = None, limit: int
) -> Sequence[Category]:
    """Categories in the vocabulary's order (parents before children) from after one of them on."""
    entries = list(categories().values())
    if last_id is not None:
        if last_id not in categories():
            raise CursorMalformed
        entries = entries[entries.index(categories()[last_id]) + 1 :]
    wanted = (each for each in entries if kind in (None, each.kind) and parent in (None, each.parent))
    return list(islice(wanted, limit))


def found_categories(text: str, language: str) -> list[Found]:
    """Categories that words or the beginning of a code lead to, the likeliest first, each once."""
    found = _by_code(text) if code_beginning(text) else chain(_meant(text, language), _named(text))
    first: dict[str, Found] = {}
    for each in found:
        first.setdefault(each.category.id, each)
    return list(first.values())[:MOST_FOUND]


def related_to(category_id: str) -> tuple[str, ...]:
    """Categories that a category names as related, then those that name it."""
    return _relations().get(category_id, ())


def _meant(text: str, language: str) -> Iterator[Found]:
    for each in suggest(text, language, MOST_FOUND):
        yield Found(each.category, each.phrase)


def _named(text: str) -> Iterator[Found]:
    """Categories one of whose names holds the text as it is typed."""
    part = fold(text.strip())
    if len(part) < SHORTEST_PART:
        return
    for entry in categories().values():
        phrase = next((each for each in entry.phrases() if part in fold(each)), None)
        if phrase is not None:
            yield Found(entry, phrase)


def _by_code(text: str) -> Iterator[Found]:
    """Categories whose codes go on from a beginning, then those whose broader code it falls under, nearest first."""
    beginning = code_beginning(text)
    going_on: list[tuple[int, Found]] = []
    broader: list[tuple[int, Found]] = []
    for entry, scheme, place, code in _held():
        found = Found(entry, printed_code(code, scheme), scheme)
        if code_beginning(found.phrase).startswith(beginning):
            going_on.append((place, found))
        elif len(code) >= SHORTEST_BROADER and plain_code(text, scheme).startswith(code):
            broader.append((-len(code), found))
    yield from (found for _, found in sorted(going_on, key=lambda each: each[0]))
    # The digits of a code of one list mean something else in the others.
    lists = {found.scheme for _, found in going_on} or set(get_args(CodeScheme))
    yield from (found for _, found in sorted(broader, key=lambda each: each[0]) if found.scheme in lists)


def _held() -> Iterator[tuple[Category, CodeScheme, int, str]]:
    """Every code of every category, with its list and its place among the category's own."""
    for entry in categories().values():
        for scheme in get_args(CodeScheme):
            for place, code in enumerate(held_codes(entry, scheme)):
                yield entry, scheme, place, code


@cache
def _relations() -> Mapping[str, tuple[str, ...]]:
    told: dict[str, dict[str, None]] = {}
    for entry in categories().values():
        told.setdefault(entry.id, {}).update(dict.fromkeys(entry.related))
    for entry in categories().values():
        for other in entry.related:
            told[other].setdefault(entry.id)
    return {each: tuple(others) for each, others in told.items()}
