"""The search page, and the same as JSON."""

from typing import Annotated

from litestar import get
from litestar.params import QueryParameter

from services.matching.matches.view import kind_name
from services.matching.search.queries import Results, search
from shared.web.pages import Html, Req, is_fragment, page
from shared.web.provided import Session, Visitor
from shared.web.visit import visit_of

Query = Annotated[str, QueryParameter(max_length=200)]
ICONS = {"flow": "package-open", "offer": "hand-heart"}


@get("/matching/search")
async def search_page(request: Req, session: Session, visitor: Visitor, q: Query = "") -> Html:
    """Open needs, flows and offers by words."""
    language = visit_of(request).language
    results = await search(session, q, organisation_id=visitor.organisation_id if visitor else None)
    return page(
        request,
        "search/results.html" if is_fragment(request) else "search/page.html",
        query=q,
        results=results,
        kinds={each.asks: kind_words(each.asks, language) for each in results.found},
        icons=ICONS,
    )


def kind_words(asks: str, language: str) -> str:
    """What a result is, in a word; an organisation is told by its name alone."""
    if asks == "organisation":
        return ""
    if asks == "offer":
        return "Offer" if language == "en" else "Activité"
    return kind_name(asks, language)


@get("/matching/api/v1/search")
async def search_json(session: Session, visitor: Visitor, q: Query = "") -> Results:
    """Open needs, flows and offers by words."""
    return await search(session, q, organisation_id=visitor.organisation_id if visitor else None)


ROUTES = [search_page, search_json]
