"""What the lists of needs, offers and flows share: names in the visitor's language, tabs, the next page."""

from collections.abc import Iterable, Sequence
from functools import partial
from typing import Any
from urllib.parse import urlencode

from services.catalog.posting.models import Posted
from services.catalog.posting.view import quantity_words
from shared.phrases.names import AMOUNT_BANDS, options
from shared.web.pages import Req
from shared.web.visit import visit_of

PAGE = 30


def list_names(language: str) -> dict[str, Any]:
    """What `posting/rows.html` reads from its context."""
    return {
        "band_names": dict(options(AMOUNT_BANDS, language)),
        "amount_of": partial(quantity_words, language=language),
    }


def filter_tabs(
    request: Req, path: str, parameter: str, choices: Iterable[tuple[str, str]], chosen: str | None, *, everything: str
) -> list[tuple[str, str, None, bool]]:
    """A tab for all of a list and one for each choice: text, address, no count, whether it is shown now."""
    url = visit_of(request).url
    all_of_it = (everything, url(path), None, chosen is None)
    return [all_of_it, *((text, url(f"{path}?{parameter}={code}"), None, chosen == code) for code, text in choices)]


def next_page(request: Req, path: str, rows: Sequence[Posted], **chosen: str | None) -> str | None:
    """Where a list goes on; None at its end."""
    if len(rows) < PAGE:
        return None
    query = {"before": str(rows[-1].id), **{name: value for name, value in chosen.items() if value}}
    return visit_of(request).url(f"{path}?{urlencode(query)}")
