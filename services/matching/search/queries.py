"""Search: what holds every word of the query; where nothing does, what holds some of them or means the same."""

from datetime import datetime
from typing import Any
from uuid import UUID

from msgspec import Struct
from sqlalchemy import Row, TextClause, text
from sqlalchemy.ext.asyncio import AsyncSession

from services.matching.ranking.finding import forms, meanings_sought, score, sought
from shared.territory.place import Place, distance_km
from shared.vocabulary import stems

MOST = 50
MOST_WORDS = 8
LOOKED_AT = 200
LIKE = 0.6  # from here a row that shares no word with the query is shown
FOLDERS = {"offer": "offers", "flow": "flows"}

# A word of the query is found in any of its forms; `hits` counts the words found, so `all` is hits = number of words.
# What shares no word may still mean the same; `ranking.finding` decides the order among the likeliest.
FIND = text("""
    WITH asked AS (
        SELECT number, string_to_array(forms, ' ') AS forms
        FROM unnest(CAST(:words AS text[])) WITH ORDINALITY AS a (forms, number)
    ), found AS (
        SELECT 'demand' AS side, d.id, d.asks, d.organisation_id, d.state, d.published_at,
               (SELECT count(*) FROM asked a WHERE d.search && a.forms) AS hits,
               d.search && CAST(:meanings AS text[]) AS is_meant
        FROM demands d WHERE d.status = 'open' AND d.search && CAST(:all_forms AS text[])
        UNION ALL
        SELECT 'supply', s.id, 'offer', s.organisation_id, s.state, s.published_at,
               (SELECT count(*) FROM asked a WHERE s.search && a.forms),
               s.search && CAST(:meanings AS text[])
        FROM supplies s WHERE s.status = 'open' AND s.search && CAST(:all_forms AS text[])
    )
    SELECT side, id, asks, hits, organisation_id, published_at, state ->> 'title' AS title, state -> 'place' AS place,
           coalesce(state ->> 'supplier_name', state ->> 'author_name') AS who, state ->> 'deadline_on' AS deadline_on,
           state -> 'found' AS found
    FROM found ORDER BY hits DESC, is_meant DESC, published_at DESC, id LIMIT :looked_at
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
    """The rows of a query, best first, and whether none holds every word."""
    words = forms(query)[:MOST_WORDS]
    if not words:
        return [], False
    wanted = sought(query)
    meanings = sorted(meanings_sought(wanted))
    asked = {
        "words": [" ".join(word) for word in words],
        "all_forms": [*{form for word in words for form in word}, *meanings],
        "meanings": meanings,
        "looked_at": LOOKED_AT,
    }
    found = (await session.execute(FIND, asked)).all()
    most = max((row.hits for row in found), default=0)
    whole = most == len(words)
    scored = [(score(wanted, row.found or {}), row) for row in found]
    scored.sort(key=lambda one: (-one[0], _missing_in_title(one[1].title, words)))
    # Rows with every word are shown alone; without any, those with most of them and those that mean the same.
    rows = [row for likeness, row in scored if (row.hits and row.hits == most) or (not whole and likeness >= LIKE)]
    return rows[:MOST], bool(rows) and not whole


def _missing_in_title(title: str, words: list[list[str]]) -> bool:
    """False sorts first: a title that says it goes before a description or a synonym."""
    said = set(stems(title))
    return all(said.isdisjoint(word) for word in words)


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
