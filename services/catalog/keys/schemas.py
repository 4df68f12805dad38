"""What making a key asks for, and what it gives a program."""

from typing import Annotated, Literal

from msgspec import Struct
from pydantic import Field, StringConstraints

from services.catalog.keys.models import Scope
from shared.web.asked import Asked

# Days; two years at most, so that no key outlives everybody who knows what it is for.
Lasts = Literal["30", "90", "365", "730"]
A_YEAR: Lasts = "365"


class NewKey(Asked):
    """A name to know it by, what it is for, and for how many days."""

    name: Annotated[str, StringConstraints(strip_whitespace=True, min_length=2, max_length=80)]
    scopes: list[Scope] = Field(min_length=1)
    lasts: Lasts = A_YEAR


class TokenOut(Struct, frozen=True):
    """A token for matching and notifications, as RFC 6749 names its parts; `expires_in` are seconds."""

    access_token: str
    token_type: str
    expires_in: int
