"""What the search asks the database: what changed, what is found when memory does not answer, and what a page shows."""

from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

import numpy as np
from sqlalchemy import TextClause, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from services.matching.search.columns import of_lines
from services.matching.search.reading import DEMANDS, ORGANISATIONS, SUPPLIES, line_of
from services.matching.search.selecting import Matched, Query, Selection, query_of
from shared.clock import day_of
from shared.database import now_of
from shared.database.statement import Statement
from shared.questions.search import SearchAsked, SearchFound
from shared.territory.place import Place

# Who asks the database waits for all of this to be read: beyond it is counted as "at least".
MOST_READ: Final = 5000

# Always a row, which tells when rows were last taken away. All three tables take their numbers from one sequence,
# inside matching's turn: whatever has a lower number than a row that is seen is seen as well.
CHANGED = Statement(f"""
    SELECT l.lost, s.* FROM (SELECT coalesce(max(changed), 0) AS lost FROM losses) l LEFT JOIN LATERAL (
        SELECT * FROM (
            ({DEMANDS}, changed, status = 'open' AS is_open
             FROM demands WHERE changed > :seen ORDER BY changed LIMIT :most)
            UNION ALL ({SUPPLIES}, changed, status = 'open' AS is_open
             FROM supplies WHERE changed > :seen ORDER BY changed LIMIT :most)
            UNION ALL ({ORGANISATIONS}, changed, status = 'open' AS is_open
             FROM organisations WHERE changed > :seen ORDER BY changed LIMIT :most)
        ) each ORDER BY changed LIMIT :most
    ) s ON true ORDER BY s.changed
""")

# A word of the query is found in any of its forms; `hits` counts the words found.
_POINTED_AT = """,
    (SELECT count(*) FROM unnest(CAST(:words AS text[])) AS asked (forms)
     WHERE search && string_to_array(asked.forms, ' ')) AS hits,
    search && CAST(:meanings AS text[]) AS is_meant"""
_WHERE = "status = 'open' AND search && CAST(:all_forms AS text[])"
FOUND = Statement(f"""
    SELECT * FROM (
        {DEMANDS}{_POINTED_AT} FROM demands WHERE {_WHERE}
        UNION ALL {SUPPLIES}{_POINTED_AT} FROM supplies WHERE {_WHERE}
        UNION ALL {ORGANISATIONS}{_POINTED_AT} FROM organisations WHERE {_WHERE}
    ) found ORDER BY hits DESC, is_meant DESC, published_at DESC, id LIMIT :most
""")
_NONE = ", 0 AS hits, false AS is_meant"
_OPEN = "WHERE status = 'open' ORDER BY published_at DESC, id LIMIT :most"
NEWEST = Statement(f"""
    SELECT * FROM (
        ({DEMANDS}{_NONE} FROM demands {_OPEN})
        UNION ALL ({SUPPLIES}{_NONE} FROM supplies {_OPEN})
        UNION ALL ({ORGANISATIONS}{_NONE} FROM organisations {_OPEN})
    ) found ORDER BY published_at DESC, id LIMIT :most
""")

# As a record a document is unpacked once for all of its fields.
SHOWN = Statement("""
    SELECT id, asks, title, place::text AS place, published_at, categories::text AS categories, author_name AS who,
        deadline_on, NULL::text AS kinds
    FROM demands, jsonb_to_record(state) AS said (title text, place jsonb, categories jsonb, author_name text)
    WHERE id = ANY(CAST(:ids AS uuid[])) AND status = 'open'
    UNION ALL
    SELECT id, coalesce(posted, 'offer'), title, place::text, published_at, categories::text, supplier_name,
        CASE posted WHEN 'campaign' THEN ("window" ->> 'ends_on')::date END, supplier_kinds::text
    FROM supplies, jsonb_to_record(state) AS said (posted text, title text, place jsonb, categories jsonb,
        supplier_name text, "window" jsonb, supplier_kinds jsonb)
    WHERE id = ANY(CAST(:ids AS uuid[])) AND status = 'open'
    UNION ALL
    SELECT id, 'organisation', title, place::text, published_at, NULL, NULL, NULL::date,
        (SELECT to_json(e.kinds)::text FROM legal_entities e WHERE e.id = legal_entity_id)
    FROM organisations, jsonb_to_record(state) AS said (title text, place jsonb)
    WHERE id = ANY(CAST(:ids AS uuid[])) AND status = 'open'
""")
HOME: TextClause = text("""
    SELECT state -> 'place' FROM (
        SELECT state, published_at FROM supplies WHERE organisation_id = :organisation
        UNION ALL SELECT state, published_at FROM demands WHERE organisation_id = :organisation
        UNION ALL SELECT state, '-infinity' FROM organisations WHERE id = :organisation
    ) mine WHERE state <> '{}' ORDER BY published_at DESC LIMIT 1
""")


async def changed_rows(session: AsyncSession | AsyncConnection, *, seen: int, most: int) -> Sequence[Any]:
    """Rows that changed after `seen`, the first change first; always one, with `changed` None where there is none."""
    return await CHANGED.fetch(session, seen=seen, most=most)


async def search_in_database(session: AsyncSession, asked: SearchAsked) -> SearchFound:
    """The same as memory answers, as far as `MOST_READ` rows reach; for when nobody answers from memory."""
    query = query_of(asked.text)
    rows = await _found(session, query) if query.words or not query.is_typed else ()
    columns = of_lines(line_of(row) for row in rows)
    hits, meant = [row.hits for row in rows], [row.is_meant for row in rows]
    matched = Matched(np.arange(len(rows)), np.array(hits, dtype=np.int64), np.array(meant, dtype=np.bool_))
    selection = Selection(columns, query, day_of(now_of(session)))
    return selection.answer(matched, asked, complete=len(rows) < MOST_READ)


async def _found(session: AsyncSession, query: Query) -> Sequence[Any]:
    if not query.is_typed:
        return await NEWEST.fetch(session, most=MOST_READ)
    return await FOUND.fetch(
        session,
        words=[" ".join(word) for word in query.words],
        all_forms=[*{form for word in query.words for form in word}, *query.meanings],
        meanings=[*query.meanings],
        most=MOST_READ,
    )


async def shown_rows(session: AsyncSession, ids: Sequence[UUID]) -> dict[UUID, Any]:
    """What a page shows of rows, by their ids; what was closed meanwhile is not there."""
    return {row.id: row for row in await SHOWN.fetch(session, ids=[*ids])} if ids else {}


async def home_of(session: AsyncSession, organisation_id: UUID | None) -> Place | None:
    """Where an organisation posted last, or stands."""
    if organisation_id is None:
        return None
    place = await session.scalar(HOME, {"organisation": organisation_id})
    return Place.model_validate(place) if place else None
