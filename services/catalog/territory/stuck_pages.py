"""Everything that is stuck, by nature and by how long it stands, as a page of its own and as a table."""

import asyncio
from typing import Annotated, Any
from urllib.parse import urlencode

from litestar import Response, get
from litestar.params import FromQuery, QueryParameter
from litestar.types import ControllerRouterHandler

from services.catalog.territory.kinds import Group
from services.catalog.territory.stuck import filtered, limits_of, things_stuck
from services.catalog.territory.stuck_view import HEADINGS, basket_tabs, group_tabs, line_of, row_of, told_of
from shared.web.pages import Html, Req, page
from shared.web.provided import Coordinator, Now, Session
from shared.web.tables import Form, download, written
from shared.web.urls import in_language
from shared.web.visit import visit_of

HOME = "/territory/stuck"
PAGE = 30
Basket = Annotated[int, QueryParameter(ge=0, le=3)]


@get(HOME)
async def stuck_list(
    request: Req,
    session: Session,
    coordinator: Coordinator,
    *,
    now: Now,
    kind: FromQuery[str] = "",
    basket: Basket = 0,
    start: Annotated[int, QueryParameter(ge=0, le=100_000)] = 0,
) -> Html:
    """What is stuck, the most pressing first; a nature that is none shows all."""
    group, limits = _group(kind), await limits_of(session)
    things = await things_stuck(session, limits)
    found = filtered(things, limits, now, group=group, basket=basket)
    shown = found[start : start + PAGE]
    told = await told_of(session, shown, limits, visit_of(request).language)
    return page(
        request,
        "territory/stuck.html",
        stuck=[line_of(told, each) for each in shown],
        stuck_count=len(things),
        groups=group_tabs(request, things, limits, now, shown=group, basket=basket, home=HOME),
        baskets=basket_tabs(request, things, limits, now, shown=basket, group=group, home=HOME, fragment=""),
        basket_days=(0, *limits.baskets),
        total=len(found),
        first=start + 1,
        earlier=_address(request, group, basket, max(start - PAGE, 0)) if start else None,
        following=_address(request, group, basket, start + PAGE) if start + len(shown) < len(found) else None,
        file=_address(request, group, basket, path=f"{HOME}/file"),
    )


@get(f"{HOME}/file")
async def stuck_file(
    request: Req,
    session: Session,
    coordinator: Coordinator,
    *,
    now: Now,
    kind: FromQuery[str] = "",
    basket: Basket = 0,
) -> Response[Any]:
    """The same as a table, all of it."""
    limits = await limits_of(session)
    found = filtered(await things_stuck(session, limits), limits, now, group=_group(kind), basket=basket)
    language = visit_of(request).language
    told = await told_of(session, found, limits, language)
    site = request.app.state.settings.public_url + in_language("", language)
    rows = [row_of(told, each, site) for each in found]
    content = await asyncio.to_thread(written, Form.CSV, "coince", HEADINGS, rows)
    return download(content, f"boucle-ce-qui-coince-{now:%Y-%m-%d}", Form.CSV)


def _group(kind: str) -> Group | None:
    return Group(kind) if kind in list(Group) else None


def _address(request: Req, group: Group | None, basket: int, start: int = 0, *, path: str = HOME) -> str:
    asked = {"kind": group or "", "basket": basket or "", "start": start or ""}
    said = urlencode({name: value for name, value in asked.items() if value})
    return visit_of(request).url(path) + (f"?{said}" if said else "")


ROUTES: list[ControllerRouterHandler] = [stuck_list, stuck_file]
