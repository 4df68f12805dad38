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


def _by_code(text: str) -> list[Found]:
    """Categories whose codes go on from a beginning, then those whose broader code it falls under, nearest first."""
    beginning = code_beginning(text)
    ranked: list[tuple[int, int, Found]] = []
    for entry in categories().values():
        for scheme in get_args(CodeScheme):
            for place, code in enumerate(held_codes(entry, scheme)):
                printed = printed_code(code, scheme)
                if code_beginning(printed).startswith(beginning):
                    ranked.append((-len(beginning), place, Found(entry, printed, scheme)))
                elif scheme != "ewc" and plain_code(text, scheme).startswith(code):
                    ranked.append((-len(code), place, Found(entry, printed, scheme)))
    return [each for _, _, each in sorted(ranked, key=lambda each: each[:2])]


@cache
def _relations() -> Mapping[str, tuple[str, ...]]:
    told: dict[str, dict[str, None]] = {}
    for entry in categories().values():
        told.setdefault(entry.id, {}).update(dict.fromkeys(entry.related))
    for entry in categories().values():
        for other in entry.related:
            told[other].setdefault(entry.id)
    return {each: tuple(others) for each, others in told.items()}
