"""Consents as JSON."""

from datetime import date, datetime
from uuid import UUID

from msgspec import Struct

from services.catalog.consents.models import Consent


class ConsentOut(Struct, frozen=True):
    """With which consent a need, a flow or an offer (`about`) was posted in its organisation's place.

    `noted_for` is the name of the organisation whose coordinator noted it; `words` may name people.
    """

    id: UUID
    organisation_id: UUID
    about: UUID
    reached_by: str
    words: str
    given_on: date
    noted_for: str | None
    noted_at: datetime

    @classmethod
    def of(cls, consent: Consent) -> "ConsentOut":
        """The JSON of a consent."""
        return cls(
            id=consent.id,
            organisation_id=consent.organisation_id,
            about=consent.about,
            reached_by=consent.means,
            words=consent.words,
            given_on=consent.given_on,
            noted_for=consent.noting.name if consent.noting else None,
            noted_at=consent.noted_at,
        )


class Consents(Struct, frozen=True):
    """One page of consents, the latest first; `next` is the cursor of the following one."""

    items: list[ConsentOut]
    next: str | None
