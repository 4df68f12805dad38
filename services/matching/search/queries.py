"""Search by stems: what holds every word of the query first, and only where nothing does, what holds some."""

from datetime import datetime
from typing import Any
from uuid import UUID

from msgspec import Struct
from sqlalchemy import Row, TextClause, text
from sqlalchemy.ext.asyncio import AsyncSession

from services.matching.index.evidence import searched
from shared.territory.place import Place, distance_km
from shared.vocabulary import stems

MOST = 50
MOST_WORDS = 8
FOLDERS = {"offer": "offers", "flow": "flows"}

# A word of the query is found in any of its forms; `hits` counts the words found, so `all` is hits = number of words.
FIND = text("""
    WITH asked AS (
        SELECT number, string_to_array(forms, ' ') AS forms
        FROM unnest(CAST(:words AS text[])) WITH ORDINALITY AS a (forms, number)
    ), found AS (
        SELECT 'demand' AS side, d.id, d.asks, d.organisation_id, d.state, d.published_at,
               (SELECT count(*) FROM asked a WHERE d.search && a.forms) AS hits
        FROM demands d WHERE d.status = 'open' AND d.search && CAST(:all_forms AS text[])
        UNION ALL
        SELECT 'supply', s.id, 'offer', s.organisation_id, s.state, s.published_at,
               (SELECT count(*) FROM asked a WHERE s.search && a.forms)
        FROM supplies s WHERE s.status = 'open' AND s.search && CAST(:all_forms AS text[])
    )
    SELECT side, id, asks, hits, organisation_id, published_at, state ->> 'title' AS title, state -> 'place' AS place,
           coalesce(state ->> 'supplier_name', state ->> 'author_name') AS who, state ->> 'deadline_on' AS deadline_on
    FROM found ORDER BY hits DESC, published_at DESC, id LIMIT :most
""")
HOME: TextClause = text("""
    SELECT state -> 'place' FROM (
        SELECT state, published_at FROM supplies WHERE organisation_id = :organisation
        UNION ALL SELECT state, published_at FROM demands WHERE organisation_id = :organisation
    ) mine ORDER BY published_at DESC LIMIT 1
""")


class Found(Struct, frozen=True):
    """One result: `asks` is the kind of need, `flow` or `offer`; `km` is None for a visitor without a known place."""

    id: UUID
    asks: str
    path: str
    title: str
    who: str | None
    place_name: str
    km: int | None
    published_at: datetime
    deadline_on: str | None


class Results(Struct, frozen=True):
    """What a query found; `partly` when no result holds every word."""

    query: str
    found: list[Found]
    partly: bool = False


async def search(session: AsyncSession, query: str, *, organisation_id: UUID | None = None) -> Results:
    """Open needs, flows and offers for a query, the best and newest first."""
    rows, partly = await found_rows(session, query)
    home = await home_of(session, organisation_id)
    return Results(query, [_found(row, home) for row in rows], partly=partly)


async def found_rows(session: AsyncSession, query: str) -> tuple[list[Row[Any]], bool]:
    """The rows of a query, and whether none holds every word."""
    words = searched(query)[:MOST_WORDS]
    if not words:
        return [], False
    forms = {form for word in words for form in word}
    asked = {"words": [" ".join(word) for word in words], "all_forms": list(forms), "most": MOST}
    found = (await session.execute(FIND, asked)).all()
    best = found[0].hits if found else 0
    fullest = sorted((row for row in found if row.hits == best), key=lambda row: _missing_in_title(row.title, forms))
    return fullest, 0 < best < len(words)


def _missing_in_title(title: str, forms: set[str]) -> bool:
    """False sorts first: a title that says it goes before a description or a synonym."""
    return forms.isdisjoint(stems(title))


async def home_of(session: AsyncSession, organisation_id: UUID | None) -> Place | None:
    """Where an organisation posted last."""
    if organisation_id is None:
        return None
    place = await session.scalar(HOME, {"organisation": organisation_id})
    return Place.model_validate(place) if place else None


def path_of(asks: str, row_id: UUID) -> str:
    """The page of a result."""
    return f"/{FOLDERS.get(asks, 'needs')}/{row_id}"


def _found(row: Row[Any], home: Place | None) -> Found:
    place = Place.model_validate(row.place)
    return Found(
        id=row.id,
        asks=row.asks,
        path=path_of(row.asks, row.id),
        title=row.title,
        who=row.who,
        place_name=place.short_name,
        km=round(distance_km(home, place)) if home else None,
        published_at=row.published_at,
        deadline_on=row.deadline_on,
    )
