"""A category as its page and its line in a list show it."""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple
from urllib.parse import quote

from services.catalog.vocabulary.queries import Found, related_to
from shared.phrases.categories import CATEGORY_FAMILIES, CATEGORY_KINDS, CATEGORY_LEVELS, CATEGORY_SCHEMES
from shared.phrases.names import NEED_KINDS, named
from shared.vocabulary import (
    Category,
    CodeScheme,
    ancestors,
    category,
    children,
    fold,
    held_codes,
    is_hazardous,
    name,
    printed_code,
    roots,
    unit,
)
from shared.web import i18n
from shared.web.pages import Req, gettext
from shared.web.visit import visit_of

# What there can be a flow of.
MATERIAL = ("material", "product")
FEW_FACTS, MOST_COLUMNS = 4, 6


class Line(NamedTuple):
    """A category in a list of results: where it stands, and what led to it."""

    id: str
    name: str
    path: str
    phrase: str
    scheme: CodeScheme | None
    codes: Sequence[str]


class Code(NamedTuple):
    """A code as people write it."""

    printed: str
    is_hazardous: bool = False


def families_of(language: str) -> list[tuple[str, list[tuple[str, Sequence[str]]]]]:
    """Per kind its heading and its roots, each with the categories right below it."""
    return [
        (named(CATEGORY_FAMILIES, kind, language), [(root, children(root)) for root in own])
        for kind in CATEGORY_FAMILIES
        if (own := [root for root in roots() if category(root).kind == kind])
    ]


def lines_of(found: Iterable[Found], language: str, *, asked: str) -> list[Line]:
    """What was found, each with the names above it; that it is called as was asked goes without saying."""
    lines = []
    for entry, phrase, scheme in found:
        own = name(entry.id, language)
        path = " › ".join(name(each, language) for each in reversed(ancestors(entry.id)))
        said = "" if scheme is None and fold(asked) in fold(own) else phrase
        lines.append(Line(entry.id, own, path, said, scheme, _principal(entry)))
    return lines


def _principal(entry: Category) -> list[str]:
    """The first code of each list, with the list's name where its form does not say it."""
    labels: dict[CodeScheme, str] = {"ewc": "", "cpv": "CPV ", "naf": "NAF "}
    return [
        label + printed_code(codes[0], scheme)
        for scheme, label in labels.items()
        if (codes := held_codes(entry, scheme))
    ]


def view_of(request: Req, entry: Category) -> dict[str, Any]:
    """Everything that a category's page shows."""
    language = visit_of(request).language
    other = "fr" if language == "en" else "en"
    mine = {"fr": entry.synonyms, "en": entry.synonyms_en}
    title = quote(name(entry.id, language))
    return {
        "category": entry,
        "kind_name": named(CATEGORY_KINDS, entry.kind, language),
        "above": list(reversed(ancestors(entry.id))),
        "other_language": other,
        "synonyms": mine[language],
        "other_synonyms": mine[other],
        "codes": {
            "ewc": [Code(printed_code(each, "ewc"), is_hazardous(each)) for each in entry.ewc],
            "cpv": [Code(printed_code(each, "cpv")) for each in held_codes(entry, "cpv")],
            "naf": [Code(printed_code(each, "naf")) for each in held_codes(entry, "naf")],
        },
        "facts": (told := _facts(request, entry, language)),
        "columns": MOST_COLUMNS if len(told) > FEW_FACTS else FEW_FACTS,
        "below": [(each, children(each)) for each in children(entry.id)],
        "related": related_to(entry.id),
        "search": f"/matching/search?q={title}",
        # What is no kind of need is bought.
        "describe": f"/needs/new?kind={entry.kind if entry.kind in NEED_KINDS else 'procurement'}&title={title}",
        "give": f"/flows/new?title={title}" if entry.kind in MATERIAL else None,
    }


def _facts(request: Req, entry: Category, language: str) -> list[tuple[str, str, str | None]]:
    """What is usual for it; only what is known."""
    measured = unit(entry.unit)
    weight = f"{i18n.number(entry.unit_kg, language)} kg" if entry.unit_kg else ""
    density = f"{i18n.number(entry.density, language)} kg/m³" if entry.density else ""
    told = [
        (gettext(request, "Unité usuelle"), measured.name(language, plural=True).capitalize()),
        (gettext(request, "Poids d'une pièce"), weight),
        (gettext(request, "Densité en vrac"), density),
        (gettext(request, "Meilleur devenir habituel"), named(CATEGORY_LEVELS, entry.waste_level, language)),
        (gettext(request, "Filière à responsabilité élargie"), named(CATEGORY_SCHEMES, entry.scheme, language)),
    ]
    return [(label, words, None) for label, words in told if words]
