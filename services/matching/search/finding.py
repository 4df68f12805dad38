"""A search from question to rows: memory is asked, the database when memory does not answer in time."""

import asyncio
from collections.abc import Sequence
from typing import Any

import msgspec
from sqlalchemy.ext.asyncio import AsyncSession

from services.matching.search.queries import search_in_database, shown_rows
from services.matching.search.schemas import FacetCount, FacetCounts, Found, Results, path_of
from shared.database.statement import driver_of
from shared.messaging.asking import Asker
from shared.questions.search import SearchAsked, SearchFound, SearchHit
from shared.territory.place import Place

# Memory answers in a few milliseconds; whoever it keeps waiting so long is served by the database instead.
PATIENCE_S = 0.25


async def find(session: AsyncSession, asker: Asker | None, asked: SearchAsked) -> SearchFound:
    """Who is found: by the worker from memory, by the database when it is away, late, or still reading."""
    if asker is not None:
        # The transaction in which the rows are read begins while the question is on its way.
        found, _ = await asyncio.gather(asker.ask(asked), driver_of(session))
        if isinstance(found, SearchFound):
            return found
    return await search_in_database(session, asked)


async def search(session: AsyncSession, asker: Asker | None, asked: SearchAsked) -> Results:
    """The rows of a question as everybody may read them, with what each condition leaves."""
    found = await find(session, asker, asked)
    facets = [
        FacetCounts(each.name, each.others, [FacetCount(value.value, value.rows) for value in each.values])
        for each in found.facets
    ]
    return Results(
        query=asked.text,
        found=await rows_of(session, found.hits),
        partly=found.partly,
        total=found.total,
        start=asked.start,
        sort=asked.sort,
        complete=found.complete,
        facets=facets,
    )


async def rows_of(session: AsyncSession, hits: Sequence[SearchHit]) -> list[Found]:
    """What the database lets a page read of these, in their order; what was closed meanwhile is left out."""
    rows = await shown_rows(session, [hit.id for hit in hits])
    return [_found(rows[hit.id], hit.km) for hit in hits if hit.id in rows]


def _found(row: Any, km: int | None) -> Found:
    place = Place.model_validate_json(row.place)
    return Found(
        id=row.id,
        asks=row.asks,
        path=path_of(row.asks, row.id),
        title=row.title,
        who=row.who,
        place_name=place.short_name,
        km=km,
        published_at=row.published_at,
        deadline_on=row.deadline_on,
        commune_code=place.commune_code,
        commune_name=f"{place.commune_name} ({place.department_code})",
        categories=_listed(row.categories),
        kinds=_listed(row.kinds),
    )


def _listed(text: str | None) -> list[str]:
    listed: list[str] = msgspec.json.decode(text) if text else []
    return listed
