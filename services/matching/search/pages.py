"""The page of the search as list, table and map, and what it found as a file."""

import asyncio
from typing import Any

from litestar import Response, get
from litestar.params import FromQuery
from sqlalchemy.ext.asyncio import AsyncSession

from services.matching.maps.view import map_of, numbered
from services.matching.search.asking import PAGE, Asking, asked_in
from services.matching.search.errors import ExportUnknown
from services.matching.search.exporting import headings, rows_to_write
from services.matching.search.finding import search
from services.matching.search.queries import home_of
from services.matching.search.schemas import Results
from services.matching.search.spelling import respelled
from services.matching.search.view import Page, Way, kind_words
from shared.identity import Identity
from shared.questions.search import MOST
from shared.web.pages import Html, Req, page
from shared.web.provided import Member, Now, Session, Visitor
from shared.web.tables import Form, download, written
from shared.web.visit import visit_of

ICONS = {"flow": "package-open", "offer": "hand-heart", "organisation": "building-2", "campaign": "target"}


@get("/matching/search")
async def search_page(request: Req, session: Session, visitor: Visitor) -> Html:
    """Open needs, flows, offers and organisations by words and conditions."""
    return await _answer(request, session, visitor, _asked(request))


@get("/matching/map")
async def map_page(request: Req, session: Session, visitor: Visitor) -> Html:
    """The same, seen on the map first."""
    return await _answer(request, session, visitor, _asked(request)._replace(view="map"))


@get("/matching/search/export")
async def search_export(
    request: Req, session: Session, member: Member, now: Now, form: FromQuery[str] = Form.CSV
) -> Response[Any]:
    """What is found, the first thousand of it, for members: a list of everybody's is no thing for robots."""
    if form not in list(Form):
        raise ExportUnknown
    asking = _asked(request).standing_at(await home_of(session, member.organisation_id))
    results = await _results(request, session, asking._replace(start=0), most=MOST)
    language = visit_of(request).language
    rows = rows_to_write(results.found, language, request.app.state.settings.public_url)
    content = await asyncio.to_thread(written, Form(form), "recherche", headings(language), rows)
    return download(content, f"boucle-recherche-{now:%Y-%m-%d}", Form(form))


async def _answer(request: Req, session: AsyncSession, visitor: Identity | None, asking: Asking) -> Html:
    home = await home_of(session, visitor.organisation_id) if visitor else None
    asking = asking.standing_at(home)
    results = await _results(request, session, asking, most=PAGE)
    found = Page(request, asking, results)
    places = found.places if asking.view == "map" else []
    return page(
        request,
        "search/page.html",
        query=asking.text,
        search=found,
        results=results,
        home=home,
        kind_words=lambda asks: kind_words(asks, visit_of(request).language),
        icons=ICONS,
        most=MOST,
        earlier=_turned(found, asking.start - PAGE) if asking.start else None,
        following=_turned(found, asking.start + PAGE) if asking.start + PAGE < min(results.total, MOST) else None,
        rows=numbered(request, places),
        map=map_of(places) if asking.view == "map" else None,
        spelled=None if results.total else await _spelled(request, session, found),
        plain=None if results.total or found.wider else await _plain(request, session, found),
    )


async def _results(request: Req, session: AsyncSession, asking: Asking, *, most: int) -> Results:
    return await search(session, request.app.state.asker, asking.question(start=asking.start, most=most))


async def _spelled(request: Req, session: AsyncSession, found: Page) -> Way | None:
    """The nearest spelling, where it finds something."""
    text = respelled(found.asking.text)
    if text is None:
        return None
    meant = found.asking._replace(text=text, start=0)
    results = await _results(request, session, meant, most=0)
    return Way(text, found.address(meant), results.total) if results.total else None


async def _plain(request: Req, session: AsyncSession, found: Page) -> Way | None:
    """The same words without any condition, where taking away a single one is not enough."""
    alone = Asking(text=found.asking.text, view=found.asking.view)
    if not found.chips:
        return None
    results = await _results(request, session, alone, most=0)
    return Way("", found.address(alone), results.total) if results.total else None


def _asked(request: Req) -> Asking:
    return asked_in((name, str(value)) for name, value in request.query_params.multi_items())


def _turned(found: Page, start: int) -> str:
    return found.address(found.asking._replace(start=max(start, 0)))


ROUTES = [search_page, map_page, search_export]
