"""The three facts as pages show them."""

from datetime import date
from typing import NamedTuple

from services.catalog.eligibility.articles import THREE, article_of, articles
from services.catalog.eligibility.schemas import Standing, standing_of
from services.catalog.organisations.models import LegalEntity
from services.catalog.organisations.status import StatusFact
from shared.phrases.names import ELIGIBILITIES, named
from shared.web.pages import Req, gettext
from shared.web.visit import visit_of

Badge = tuple[str, str, str]

BADGES: dict[Standing, Badge] = {
    Standing.NONE: ("Non déclaré", "neutral", "circle-x"),
    Standing.DECLARED: ("Déclaré, à vérifier", "warn", "hourglass"),
    Standing.CHECKED: ("Vérifié", "ok", "circle-check"),
    Standing.REFUSED: ("Refusé", "err", "circle-x"),
    Standing.EXPIRED: ("Expiré", "warn", "clock"),
}
# What each lets one do, and what one does without it.
SENTENCES = {
    "tax_receipts": (
        "Vérifié, il permet d'établir des reçus fiscaux. Sans lui, vous recevez des dons et en attestez la réception, "
        "sans mention fiscale."
    ),
    "unsold_vat": (
        "Vérifié, il permet d'attester des dons d'invendus neufs. Sans lui, vous recevez ces biens et en attestez la "
        "réception."
    ),
    "food_aid_body": "Vérifié, il dit à qui donne des denrées que vous êtes habilitée à les distribuer.",
}


class FactShown(NamedTuple):
    """One fact in words; `fact` is None where nothing was declared."""

    code: str
    name: str
    sentence: str
    badge: Badge
    fact: StatusFact | None
    basis: str
    article: str
    options: list[tuple[str, str]]
    source: str
    source_on: date


def facts_shown(request: Req, entity: LegalEntity, today: date) -> list[FactShown]:
    """The three of a legal entity, declared or not."""
    language = visit_of(request).language
    found = []
    for code in THREE:
        fact = entity.fact(code)
        article, known = article_of(code, fact.article if fact else None), list(articles()[code].values())
        words, kind, icon = BADGES[standing_of(fact, today)]
        found.append(
            FactShown(
                code=code,
                name=named(ELIGIBILITIES, code, language),
                sentence=gettext(request, SENTENCES[code]),
                badge=(gettext(request, words), kind, icon),
                fact=fact,
                basis=article.name(language) if article else "",
                article=article.article if article else "",
                options=[(each.code, f"{each.name(language)} ({each.article})") for each in known],
                source=known[0].source,
                source_on=known[0].source_on,
            )
        )
    return found
