"""On what each fact may rest, from `articles.toml`: an article with its words, its source and the day it was read."""

import tomllib
from collections.abc import Mapping
from datetime import date
from functools import cache
from pathlib import Path
from typing import Final, NamedTuple

from shared.phrases.names import FOOD_AID_BODY, TAX_RECEIPTS

FILE: Final = Path(__file__).parent / "articles.toml"
UNSOLD_VAT: Final = "unsold_vat"
# The three facts of rule 7: each alone, and each changes which paper follows.
THREE: Final = (TAX_RECEIPTS, UNSOLD_VAT, FOOD_AID_BODY)


class Article(NamedTuple):
    """One basis of a fact; `keeps_rate` and `needs_decision` are as the file says them."""

    code: str
    names: tuple[str, str]
    article: str
    needs_decision: bool
    keeps_rate: bool
    source: str
    source_on: date

    def name(self, language: str) -> str:
        """What it is called."""
        return self.names[language == "en"]


@cache
def articles() -> Mapping[str, Mapping[str, Article]]:
    """Every basis by fact and code, in the order of the file."""
    said = tomllib.loads(FILE.read_text(encoding="utf-8"))
    return {
        fact: {
            code: Article(
                code=code,
                names=(each["fr"], each["en"]),
                article=each["article"],
                needs_decision=each.get("needs_decision", False),
                keeps_rate=each.get("keeps_rate", False),
                source=told["source"],
                source_on=told["source_on"],
            )
            for code, each in told["articles"].items()
        }
        for fact, told in said.items()
    }


def article_of(fact: str, code: str | None) -> Article | None:
    """The basis of a fact; None where none, or one that there is no more, was said."""
    return articles().get(fact, {}).get(code or "")
