"""What is open, by commune: the same as the search finds, or the newest as long as nobody searched."""

from collections.abc import Iterable
from typing import Any, Final
from uuid import UUID

from msgspec import Struct
from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncSession

from services.matching.search.queries import found_rows, path_of
from shared.territory.outlines import Spot, centre_of
from shared.territory.place import Place

KINDS: Final = ("need", "flow", "offer", "organisation")
NEWEST = 50
MIXED: Final = "mixed"

OPEN = text("""
    SELECT side, id, asks, organisation_id, state ->> 'title' AS title, state -> 'place' AS place,
           coalesce(state ->> 'supplier_name', state ->> 'author_name') AS who
    FROM (
        (SELECT 'demand' AS side, id, asks, organisation_id, published_at, state FROM demands
         WHERE status = 'open'
           AND (CAST(:kind AS text) IS NULL OR CAST(:kind AS text) = CASE asks WHEN 'flow' THEN 'flow' ELSE 'need' END)
         ORDER BY published_at DESC, id LIMIT :most)
        UNION ALL
        (SELECT 'supply', id, 'offer', organisation_id, published_at, state FROM supplies
         WHERE status = 'open' AND coalesce(CAST(:kind AS text), 'offer') IN ('offer', 'organisation')
         ORDER BY published_at DESC, id LIMIT :most)
    ) newest ORDER BY published_at DESC, id LIMIT :most
""")


class Posted(Struct, frozen=True):
    """One line under a place; `who` is None for an author who hides."""

    path: str
    asks: str
    title: str
    who: str | None


class PlaceFound(Struct):
    """One commune with what is open there; `spot` is its middle, whatever address is known, None off our maps."""

    code: str
    name: str
    spot: Spot | None
    posted: list[Posted]

    @property
    def kind(self) -> str:
        """The colour of its pin: that of all it holds, when they are alike."""
        kinds = {kind_of(each.asks) for each in self.posted}
        return kinds.pop() if len(kinds) == 1 else MIXED


class Places(Struct, frozen=True):
    """All places of an answer; `whole` when no more than this is open."""

    found: list[PlaceFound]
    partly: bool
    whole: bool

    @property
    def total(self) -> int:
        """How many lines there are."""
        return sum(len(each.posted) for each in self.found)


def kind_of(asks: str) -> str:
    """`flow`, `offer` (an organisation that has one is drawn alike) or `need`."""
    return {"flow": "flow", "offer": "offer", "organisation": "offer"}.get(asks, "need")


async def places_found(session: AsyncSession, query: str, *, kind: str | None = None) -> Places:
    """The places of what a query finds, or of the newest, in the order of the first thing in each."""
    if query.strip():
        rows, partly = await found_rows(session, query)
        return Places(_by_commune(_wanted(rows, kind), kind), partly, whole=True)
    newest = (await session.execute(OPEN, {"kind": kind, "most": NEWEST + 1})).all()
    return Places(_by_commune(newest[:NEWEST], kind), partly=False, whole=len(newest) <= NEWEST)


def _wanted(rows: Iterable[Row[Any]], kind: str | None) -> list[Row[Any]]:
    asked = "offer" if kind == "organisation" else kind
    return [row for row in rows if asked in (None, kind_of(row.asks))]


def _by_commune(rows: Iterable[Row[Any]], kind: str | None) -> list[PlaceFound]:
    found: dict[str, PlaceFound] = {}
    told: set[UUID] = set()
    for row in rows:
        if kind == "organisation" and row.organisation_id in told:
            continue
        told.add(row.organisation_id)
        place = Place.model_validate(row.place)
        code, name = place.commune_code, f"{place.commune_name} ({place.department_code})"
        group = found.setdefault(code, PlaceFound(code, name, centre_of(code), []))
        group.posted.append(_organisation(row) if kind == "organisation" else _posted(row))
    return list(found.values())


def _posted(row: Row[Any]) -> Posted:
    return Posted(path_of(row.asks, row.id), row.asks, row.title, row.who)


def _organisation(row: Row[Any]) -> Posted:
    return Posted(f"/organisations/{row.organisation_id}", "organisation", row.who or "", None)
