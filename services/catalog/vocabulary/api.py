"""The vocabulary as JSON, for everybody: what the codes of categories in every other answer stand for."""

from typing import Annotated, Literal

from litestar import Router, get
from litestar.params import FromPath, FromQuery, QueryParameter

from services.catalog.vocabulary.queries import categories_after, category_shown
from services.catalog.vocabulary.schemas import (
    Categories,
    CategoryOut,
    CodeOut,
    Codes,
    SuggestionOut,
    Suggestions,
)
from shared.vocabulary import CodeScheme, Kind, categories, suggest, suggest_codes
from shared.web.cursors import Cursor, Limit, listed, place_of

Typed = Annotated[str, QueryParameter(max_length=200, description="What somebody types, whole or not yet.")]
Language = Annotated[Literal["fr", "en"], QueryParameter(description="The language of `q`.")]
Few = Annotated[int, QueryParameter(ge=1, le=20, description="How many at most.")]


@get("/")
async def list_categories(
    kind: FromQuery[Kind | None] = None,
    parent: FromQuery[str | None] = None,
    cursor: Cursor = None,
    limit: Limit = 100,
) -> Categories:
    """All categories, parents before children; of one kind, or those right below one."""
    rows = categories_after(place_of(cursor, str), kind=kind, parent=parent, limit=limit + 1)
    shown, following = listed(rows, limit, CategoryOut.of)
    total = len(categories_after(None, kind=kind, parent=parent, limit=len(categories())))
    return Categories(shown, total, following)


@get("/suggest")
async def suggest_categories(q: Typed = "", language: Language = "fr", limit: Few = 5) -> Suggestions:
    """Categories that a text speaks of, misspelt or unfinished as it may be."""
    return Suggestions([SuggestionOut.of(each) for each in suggest(q, language, limit)])


@get("/codes")
async def suggest_official_codes(
    scheme: FromQuery[CodeScheme], q: Typed = "", language: Language = "fr", limit: Few = 8
) -> Codes:
    """Official codes for a text, or for the beginning of a code."""
    return Codes([CodeOut.of(scheme, each) for each in suggest_codes(q, scheme, language, limit)])


@get("/{category_id:str}")
async def read_category(category_id: FromPath[str]) -> CategoryOut:
    """One category."""
    return CategoryOut.of(category_shown(category_id))


ROUTES = [
    Router(
        "/api/v1/vocabulary",
        route_handlers=[list_categories, suggest_categories, suggest_official_codes, read_category],
        tags=["vocabulary"],
    )
]
