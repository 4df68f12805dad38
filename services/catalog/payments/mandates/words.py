"""The words of a mandate, and the article that they stand on, which is dated and to be checked."""

import tomllib
from datetime import date
from functools import cache
from pathlib import Path
from typing import Final

from pydantic import BaseModel

from shared.web.pages import Req, gettext

SOURCES: Final = Path(__file__).with_name("mandate.toml")


class Source(BaseModel, frozen=True):
    """Where the law says it, and when that was noted."""

    source: str
    source_on: date
    to_check: bool
    mention: str


@cache
def source() -> Source:
    """The article that lets one bill in another's name, and what such an invoice has to say."""
    return Source.model_validate(tomllib.loads(SOURCES.read_text(encoding="utf-8")))


def words_of(request: Req) -> str:
    """What the giver of a mandate agrees to, with `{payee}` and `{payer}` for the two."""
    return gettext(
        request,
        "{payee} donne mandat à {payer} d'établir ses factures et ses avoirs en son nom et pour son compte, pour ce "
        "qu'elles ont convenu sur Boucle. {payee} reste responsable de ses obligations de facturation et de TVA, peut "
        "contester chaque facture, et peut mettre fin au mandat à tout moment.",
    )
