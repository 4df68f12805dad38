"""Official codes proposed below the field where they are typed, each with the text that the field then holds."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from shared.vocabulary import CodeScheme, codes_of, is_waste_code, name, plain_code, suggest_codes

PROPOSED = 6
MOST_BROADER = 4  # codes that a code goes on from, itself included: they are not proposed beside it
SEPARATOR = "; "
_WHOLE = {"cpv": re.compile(r"\d{8}(-\d)?"), "naf": re.compile(r"\d{2}\.?\d{2}[A-Z]", re.IGNORECASE)}


class Proposed(NamedTuple):
    """A code, what it stands for (empty when no category holds it), and the whole text of its field with it."""

    code: str
    words: str
    is_hazardous: bool
    value: str


class About(NamedTuple):
    """What is known of the posting: words, and its categories."""

    words: str = ""
    categories: Sequence[str] = ()


def proposed_codes(typed: str, scheme: CodeScheme, language: str, about: About) -> list[Proposed]:
    """Codes for the last thing typed; when that is a code already, for what the posting is about."""
    kept, last = _split(typed, scheme)
    there = tuple(plain_code(each, scheme) for each in kept)
    limit = PROPOSED + MOST_BROADER * len(there)
    if last:
        found = suggest_codes(last, scheme, language, limit)
    else:
        found = codes_of(about.categories, scheme, limit) or suggest_codes(about.words, scheme, language, limit)
    return [
        Proposed(
            code=each.printed,
            words=name(each.category.id, language) if each.category else "",
            is_hazardous=each.printed.endswith("*"),
            value=SEPARATOR.join([*kept, each.printed]),
        )
        for each in found
        if not any(code.startswith(each.code) for code in there)
    ][:PROPOSED]


def last_typed(typed: str, scheme: CodeScheme) -> str:
    """What is being typed: the text after the last code."""
    return _split(typed, scheme)[1]


def _split(typed: str, scheme: CodeScheme) -> tuple[list[str], str]:
    *kept, last = (part.strip() for part in typed.replace(",", ";").split(";"))
    if _is_whole(last, scheme):
        kept, last = [*kept, last], ""
    return [part for part in kept if part], last


def _is_whole(text: str, scheme: CodeScheme) -> bool:
    return is_waste_code(text) if scheme == "ewc" else _WHOLE[scheme].fullmatch(text) is not None
