"""What is open for these words and conditions? Asked by the page of the search, answered from memory."""

from typing import Annotated, Final, Literal
from uuid import UUID

from pydantic import Field, StringConstraints

from shared.events.event import Facts
from shared.questions.question import Question
from shared.territory.place import COMMUNE_CODE

What = Literal["need", "flow", "offer", "organisation"]
Sort = Literal["best", "newest", "nearest", "deadline"]
FacetName = Literal["what", "family", "kind", "within", "due"]

MOST: Final = 1000
"""Nobody reads further than this; a word more does it."""

Code = Annotated[str, StringConstraints(max_length=80)]
Codes = Annotated[tuple[Code, ...], Field(max_length=50)]
Commune = Annotated[str, StringConstraints(pattern=COMMUNE_CODE)]


class SearchHit(Facts):
    """One row found: what its page needs is read by its id. `km` between communes; None where one is not known."""

    id: UUID
    asks: str
    km: int | None = None


class FacetValue(Facts):
    """How many rows have this value, among those that the conditions of the other facets leave."""

    value: str
    rows: int


class Facet(Facts):
    """One condition with its values; `others` is how many rows there would be without it."""

    name: FacetName
    others: int
    values: tuple[FacetValue, ...] = ()


class SearchFound(Facts):
    """What was found, the first first.

    `partly`: no row has every word. With `complete` false there are more than were counted.
    """

    total: int
    hits: tuple[SearchHit, ...]
    facets: tuple[Facet, ...]
    partly: bool = False
    complete: bool = True


class SearchAsked(Question, subject="rpc.matching.search.v1", answer=SearchFound):
    """What is open for these words and conditions? What stands in no condition is not asked for.

    Several values of one condition are alternatives. `near` is the commune from which distances are told.
    """

    text: Annotated[str, StringConstraints(max_length=200)]
    what: tuple[What, ...] = ()
    families: Codes = ()
    kinds: Codes = ()
    near: Commune | None = None
    within_km: Annotated[int, Field(ge=1, le=1000)] | None = None
    due_days: Annotated[int, Field(ge=1, le=366)] | None = None
    sort: Sort = "best"
    start: Annotated[int, Field(ge=0, le=MOST)] = 0
    most: Annotated[int, Field(ge=0, le=MOST)] = 30
