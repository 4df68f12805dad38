"""What a search gives: rows as pages and programs read them."""

from datetime import date, datetime
from uuid import UUID

from msgspec import Struct

FOLDERS = {"offer": "offers", "flow": "flows", "organisation": "organisations", "campaign": "campaigns"}


class Found(Struct, frozen=True):
    """One result: `asks` is the kind of need, `flow`, `offer`, `campaign` or `organisation`.

    `km` is between communes, 0 within one, None without a known place. `who` is None for an author who hides, and for
    an organisation, which is its title.
    """

    id: UUID
    asks: str
    path: str
    title: str
    who: str | None
    place_name: str
    km: int | None
    published_at: datetime
    deadline_on: date | None
    commune_code: str = ""
    commune_name: str = ""
    categories: list[str] = []
    kinds: list[str] = []


class FacetCount(Struct, frozen=True):
    """A value of a condition, and how many rows have it among those that the other conditions leave."""

    value: str
    rows: int


class FacetCounts(Struct, frozen=True):
    """A condition with its values; `others` is how many rows there would be without it."""

    name: str
    others: int
    values: list[FacetCount]


class Results(Struct, frozen=True):
    """What a query found; `partly` when no result holds every word.

    `total` counts all of them, of which `found` are those from `start` on; without `complete` there are more.
    """

    query: str
    found: list[Found]
    partly: bool = False
    total: int = 0
    start: int = 0
    sort: str = "best"
    complete: bool = True
    facets: list[FacetCounts] = []


def path_of(asks: str, row_id: UUID) -> str:
    """The page of a result."""
    return f"/{FOLDERS.get(asks, 'needs')}/{row_id}"
