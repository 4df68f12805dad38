"""What a search found as lines of a table."""

from collections.abc import Iterable
from typing import Final

from services.matching.search.schemas import Found
from services.matching.search.view import kind_words
from shared.clock import day_of
from shared.phrases.names import SUPPLIER_KINDS, named
from shared.vocabulary import categories
from shared.vocabulary import name as category_name
from shared.web.urls import in_language

_HEADINGS: Final = {
    "fr": (
        *("Nature", "Intitulé", "Structure", "Lieu", "Distance (km)", "Publié le", "Date limite", "Catégories"),
        *("Type de structure", "Adresse"),
    ),
    "en": (
        *("Kind", "Title", "Organisation", "Place", "Distance (km)", "Published on", "Deadline", "Categories"),
        *("Type of organisation", "Address"),
    ),
}
SEPARATOR: Final = " | "


def headings(language: str) -> tuple[str, ...]:
    """The columns."""
    return _HEADINGS[language]


def rows_to_write(found: Iterable[Found], language: str, site: str) -> list[list[str]]:
    """A line a result; its address leads to its page."""
    return [_row(each, language, site) for each in found]


def _row(each: Found, language: str, site: str) -> list[str]:
    is_organisation = each.asks == "organisation"
    return [
        kind_words(each.asks, language),
        each.title,
        each.who or (each.title if is_organisation else ""),
        each.place_name,
        "" if each.km is None else str(each.km),
        "" if is_organisation else day_of(each.published_at).isoformat(),
        each.deadline_on.isoformat() if each.deadline_on else "",
        SEPARATOR.join(category_name(code, language) for code in each.categories if code in categories()),
        SEPARATOR.join(named(SUPPLIER_KINDS, code, language) for code in each.kinds if code in SUPPLIER_KINDS),
        f"{site}{in_language(each.path, language)}",
    ]
