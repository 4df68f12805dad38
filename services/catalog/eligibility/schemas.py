"""What declaring and checking ask, and the three facts as JSON."""

from datetime import date
from enum import StrEnum
from typing import Annotated

from msgspec import Struct
from pydantic import Field, StringConstraints

from services.catalog.eligibility.articles import article_of
from services.catalog.organisations.status import Source, StatusFact
from services.catalog.posting.schemas import ShortText, Text
from shared.web.asked import Asked

Code = Annotated[str, StringConstraints(max_length=40), Field(examples=["tax_receipts"])]


class Found(StrEnum):
    """What a coordinator found."""

    CHECKED = "checked"
    REFUSED = "refused"


class Standing(StrEnum):
    """How far a fact is."""

    NONE = "none"
    DECLARED = "declared"
    CHECKED = "checked"
    REFUSED = "refused"
    EXPIRED = "expired"


class Declaring(Asked):
    """One of the three facts: on which article it rests, the decision behind it and its date, and when it ends."""

    code: Code
    article: Annotated[str, StringConstraints(max_length=40), Field(examples=["general_interest"])]
    decision: Text = ""
    decided_on: date | None = None
    expires_on: date | None = None


class Looking(Asked):
    """A coordinator's finding about one fact, as it was declared on a day; `words` say why it is refused."""

    code: Code
    finding: Found
    stated_on: date
    words: ShortText = ""


def standing_of(fact: StatusFact | None, today: date) -> Standing:
    """How far a fact is on a day."""
    if fact is None:
        return Standing.NONE
    if fact.refused_on is not None:
        return Standing.REFUSED
    if not fact.holds(today):
        return Standing.EXPIRED
    return Standing.CHECKED if fact.checked_on else Standing.DECLARED


class FactOut(Struct, frozen=True):
    """One of the three facts; papers rest on it while `standing` is `checked`. `reason` is a refusal's."""

    code: str
    standing: Standing
    source: Source | None
    article: str | None
    article_text: str | None
    decision: str | None
    decided_on: date | None
    stated_on: date | None
    expires_on: date | None
    checked_on: date | None
    refused_on: date | None
    reason: str | None

    @classmethod
    def of(cls, code: str, fact: StatusFact | None, today: date) -> "FactOut":
        """The JSON of a fact, or of what was never declared."""
        article = article_of(code, fact.article) if fact else None
        names = ("source", "article", "decision", "decided_on", "stated_on", "expires_on", "checked_on", "refused_on")
        return cls(
            code=code,
            standing=standing_of(fact, today),
            article_text=article.article if article else None,
            reason=fact.refusal if fact else None,
            **{name: getattr(fact, name, None) for name in names},
        )


class Facts(Struct, frozen=True):
    """The three facts of one legal entity."""

    facts: list[FactOut]
