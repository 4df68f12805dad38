"""Rows of the search as they lie in the database: one list of columns for demands, supplies and organisations."""

from typing import Any

import msgspec

from services.matching.search.columns import Line

# What of a row is searched, and what of it stands on a page, in the columns that all three tables are read as.
_SEARCHED = """state ->> 'title' AS title, published_at, state -> 'place' ->> 'commune_code' AS commune,
    (state -> 'found')::text AS found, search"""
DEMANDS = f"""SELECT id, 'demand' AS side, asks, {_SEARCHED}, deadline_on, (state -> 'categories')::text AS categories,
    NULL::text AS kinds"""
# An offer or a campaign, whose last day is until when it takes anything.
POSTED = "coalesce(state ->> 'posted', 'offer')"
LAST_DAY = f"CASE {POSTED} WHEN 'campaign' THEN (state -> 'window' ->> 'ends_on')::date END"
SUPPLIES = f"""SELECT id, 'supply' AS side, {POSTED} AS asks, {_SEARCHED}, {LAST_DAY} AS deadline_on,
    (state -> 'categories')::text AS categories, (state -> 'supplier_kinds')::text AS kinds"""
ORGANISATIONS = f"""SELECT id, 'organisation' AS side, 'organisation' AS asks, {_SEARCHED}, NULL::date AS deadline_on,
    NULL::text AS categories,
    (SELECT to_json(e.kinds)::text FROM legal_entities e WHERE e.id = legal_entity_id) AS kinds"""


def line_of(row: Any) -> Line:
    """A row as it is searched."""
    return Line(
        id=row.id,
        asks=row.asks,
        title=row.title,
        published_at=row.published_at,
        deadline_on=row.deadline_on,
        commune_code=row.commune,
        categories=_decoded(row.categories, []),
        kinds=_decoded(row.kinds, []),
        found=_decoded(row.found, {}),
    )


def _decoded(text: str | None, otherwise: Any) -> Any:
    return otherwise if text is None else msgspec.json.decode(text)
