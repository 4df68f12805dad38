"""What an organisation is asked about itself."""

from datetime import date
from typing import Annotated

from pydantic import Field, StringConstraints, field_validator

from services.catalog.organisations.schemas import OPEN_ROLES, Name
from services.catalog.posting.schemas import ShortText, Text, web_address
from shared.phrases.names import ELIGIBILITIES, PERMITS, SUPPLIER_KINDS
from shared.web.asked import Asked

# More in a week than one a working hour is no limit any more.
MOST_ASKS = 50
Place = Annotated[str, StringConstraints(strip_whitespace=True, min_length=2, max_length=200)]


class Portrait(Asked):
    """Who it is and what it comes for; roles that only the territory gives are kept as they are."""

    organisation_name: Name
    description: Annotated[str, StringConstraints(strip_whitespace=True, max_length=5_000)] = ""
    contact: Annotated[str, StringConstraints(strip_whitespace=True, max_length=300)] = ""
    website: Annotated[str, StringConstraints(strip_whitespace=True, max_length=300)] | None = None
    place: Place
    roles: list[str] = []

    @field_validator("website")
    @classmethod
    def _a_web_address(cls, value: str | None) -> str | None:
        return web_address(value) if value else None

    @field_validator("roles")
    @classmethod
    def _open_roles(cls, value: list[str]) -> list[str]:
        if not OPEN_ROLES.issuperset(value):
            raise ValueError("Choisissez une des réponses proposées.")
        return value


class Statuses(Asked):
    """Which statuses and eligibilities it has; source and end of each stand beside it in the form."""

    kinds: list[str] = []
    eligibilities: list[str] = []

    @field_validator("kinds")
    @classmethod
    def _known_kinds(cls, value: list[str]) -> list[str]:
        if any(each not in SUPPLIER_KINDS for each in value):
            raise ValueError("Choisissez une des réponses proposées.")
        return value

    @field_validator("eligibilities")
    @classmethod
    def _known_eligibilities(cls, value: list[str]) -> list[str]:
        if any(each not in ELIGIBILITIES for each in value):
            raise ValueError("Choisissez une des réponses proposées.")
        return value


class Asks(Asked):
    """How many solicitations a week, and the day before which there are to be none."""

    weekly_asks: Annotated[int, Field(ge=1, le=MOST_ASKS)]
    asks_resume_on: date | None = None


class SiteFacts(Asked):
    """A site; the day each permit ends stands beside it in the form."""

    name: Name
    place: Place
    hours: Text = ""
    access: ShortText = ""
    is_public: bool = False
    permits: list[str] = []

    @field_validator("permits")
    @classmethod
    def _known_permits(cls, value: list[str]) -> list[str]:
        if any(each not in PERMITS for each in value):
            raise ValueError("Choisissez une des réponses proposées.")
        return value
