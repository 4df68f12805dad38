"""The names that lines of lists need, in the visitor's language."""

from functools import partial
from typing import Any

from services.catalog.posting.view import quantity_words
from shared.phrases.names import AMOUNT_BANDS, options


def list_names(language: str) -> dict[str, Any]:
    """What `posting/rows.html` reads from its context."""
    return {
        "band_names": dict(options(AMOUNT_BANDS, language)),
        "amount_of": partial(quantity_words, language=language),
    }
