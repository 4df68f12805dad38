"""Official codes for what somebody types: words, through the categories they speak of, or the beginning of a code."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from heapq import nlargest
from typing import Final, get_args

from shared.vocabulary import suggesting
from shared.vocabulary.crosswalk import CodeScheme, by_cpv, by_ewc, by_naf, plain_code
from shared.vocabulary.entry import Category
from shared.vocabulary.suggesting import suggest
from shared.vocabulary.tree import ancestors, categories, category
from shared.vocabulary.waste_codes import EWC, known_waste_codes

SPOKEN_OF: Final = 6  # categories of a text whose codes are looked at
NEXT: Final = 0.9  # each code of a category beside the one before it: the principal one stands first
ABOVE: Final = 0.8  # codes of the category above, for one that has none of its own: what `proximity` says of a parent
CPV_DIGITS: Final = 8
_BEGINNING: Final = re.compile(r"(\d[\d .]*[A-Z]?)(-\d?|\*)?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class CodeSuggestion:
    """A code with its confidence, 0 to 1, and the category that brings it.

    `code` is as the vocabulary has it (CPV and NAF are prefixes there), `printed` as people write it: 15 01 03,
    44143000, 16.24. A code of the European list of waste that no category holds has none.
    """

    code: str
    printed: str
    category: Category | None
    score: float


def suggest_codes(text: str, scheme: CodeScheme, language: str = "fr", limit: int = 8) -> list[CodeSuggestion]:
    """The codes a text speaks of, likeliest first; of the beginning of a code, those that go on from it."""
    if beginning := code_beginning(text):
        return _completed(beginning, scheme, limit)
    spoken_of = suggest(text, language, limit=SPOKEN_OF)
    return _likeliest(((each.category, each.score) for each in spoken_of), scheme, limit)


def codes_of(category_ids: Iterable[str], scheme: CodeScheme, limit: int = 8) -> list[CodeSuggestion]:
    """The codes of categories that are already chosen: their principal ones first."""
    return _likeliest(((category(each), 1.0) for each in category_ids), scheme, limit)


def code_beginning(text: str) -> str:
    """What a text that begins as codes do says of one, without spaces, dots, star and check digit; else nothing."""
    form = _BEGINNING.fullmatch(text.strip())
    return form[1].upper().replace(" ", "").replace(".", "") if form else ""


def printed_code(code: str, scheme: CodeScheme) -> str:
    """A code of the vocabulary as people write it, a CPV prefix with the zeros that make it a code."""
    match scheme:
        case "ewc":
            return str(EWC.parse(code))
        case "cpv":
            return code.ljust(CPV_DIGITS, "0")
        case "naf":
            return f"{code[:2]}.{code[2:]}" if code[2:] else code


def _likeliest(found: Iterable[tuple[Category, float]], scheme: CodeScheme, limit: int) -> list[CodeSuggestion]:
    best: dict[str, CodeSuggestion] = {}
    for entry, sureness in found:
        for code, holder, worth in _brought(entry, scheme):
            score = round(sureness * worth, 4)
            if code not in best or score > best[code].score:
                best[code] = CodeSuggestion(code, printed_code(code, scheme), holder, score)
    return nlargest(limit, best.values(), key=lambda each: each.score)


def _brought(entry: Category, scheme: CodeScheme) -> Iterator[tuple[str, Category, float]]:
    """Codes of a category, or of the nearest one above that has any, with who holds them and what each is worth."""
    worth = 1.0
    for holder in (entry, *map(category, ancestors(entry.id))):
        for place, code in enumerate(codes := held_codes(holder, scheme)):
            yield code, holder, worth * NEXT**place
        if codes:
            return
        worth *= ABOVE


def held_codes(entry: Category, scheme: CodeScheme) -> tuple[str, ...]:
    """A category's own codes of a list, as stored; the principal one first."""
    codes = {"ewc": entry.ewc, "cpv": entry.cpv, "naf": entry.naf}[scheme]
    return tuple(dict.fromkeys(plain_code(each, scheme) for each in codes))


def _completed(beginning: str, scheme: CodeScheme, limit: int) -> list[CodeSuggestion]:
    """Codes that go on from a beginning, those with a category first, each list in the order of its numbers."""
    digits = CPV_DIGITS if scheme == "cpv" else 0
    going_on = [
        (entry is None, whole, code, entry)
        for code, entry in _all_codes(scheme).items()
        if (whole := code.ljust(digits, "0")).startswith(beginning)
    ]
    return [
        CodeSuggestion(code, printed_code(code, scheme), entry, round(len(beginning) / len(whole), 4))
        for _, whole, code, entry in sorted(going_on, key=lambda each: each[:2])[:limit]
    ]


@cache
def _all_codes(scheme: CodeScheme) -> Mapping[str, Category | None]:
    """Every code in the order of its number, with the category it stands for first."""
    nearest: Mapping[CodeScheme, Callable[[str], list[Category]]] = {"ewc": by_ewc, "cpv": by_cpv, "naf": by_naf}
    held = {code for entry in categories().values() for code in held_codes(entry, scheme)}
    every = held | known_waste_codes().keys() if scheme == "ewc" else held
    return {code: nearest[scheme](printed_code(code, scheme))[0] if code in held else None for code in sorted(every)}


def warm_up() -> None:
    """Builds every index, so that the first person who types does not wait for them."""
    suggesting.warm_up()
    for scheme in get_args(CodeScheme):
        _all_codes(scheme)
