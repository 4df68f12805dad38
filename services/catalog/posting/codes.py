"""Official codes proposed below the field where they are typed, each with the text that the field then holds."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from shared.vocabulary import CodeScheme, categories, codes_of, is_waste_code, name, plain_code, suggest_codes

PROPOSED = 4  # each is 0.1 kB of a page that has 60
MOST_BROADER = 4  # codes that a code goes on from, itself included: they are not proposed beside it
MOST_READ = 400  # characters of what somebody writes
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

    @classmethod
    def of(cls, typed: Mapping[str, Any]) -> About:
        """From a form's values, as far as they are right."""
        chosen = [each for each in typed.get("categories") or () if each in categories()]
        words = f"{typed.get('title') or ''} {typed.get('description') or ''}".strip()
        return cls(words[:MOST_READ], list(dict.fromkeys(chosen)))


def codes_for(scheme: CodeScheme, typed: Mapping[str, Any], language: str) -> list[Proposed]:
    """What is proposed below the field of a form that was not touched yet."""
    value = typed.get(scheme) or ""
    text = value if isinstance(value, str) else SEPARATOR.join(value)
    return proposed_codes(text, scheme, language, About.of(typed))


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
