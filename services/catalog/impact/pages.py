"""What came of it: an organisation's confirmed exchanges with their sums, as files, and a territory's sums."""

import asyncio
from typing import Any
from uuid import UUID

from litestar import Response, get
from litestar.params import FromQuery

from services.catalog.impact.errors import FormUnknown, TerritoryUnknown
from services.catalog.impact.periods import EVER, span_of
from services.catalog.impact.queries import (
    entries_of,
    exchanges_of,
    territory_totals,
    totals_of,
    ways_of,
    years_of,
)
from services.catalog.impact.view import HEADINGS, line_of, periods_of, points_of, row_of, sources_of, sums_of
from shared.clock import day_of
from shared.territory.territories import territories
from shared.web.cursors import cut
from shared.web.pages import Html, Req, gettext, page
from shared.web.provided import Coordinator, Member, Now, Session
from shared.web.tables import Form, download, written

HOME = "/impact"
OF_TERRITORY = "/territory/impact"
PAGE = 20
MOST = 100_000


@get(HOME)
async def show_impact(
    request: Req, session: Session, member: Member, period: FromQuery[str] = "", before: FromQuery[UUID | None] = None
) -> Html:
    """Sums of a year, a month or all, how each came about, and the exchanges they are of."""
    whose, span = member.organisation_id, span_of(period)
    rows = await exchanges_of(session, whose, span, before=before, limit=PAGE + 1)
    found, last = cut(rows, PAGE)
    totals = await totals_of(session, whose, span)
    years = await years_of(session, whose)
    return page(
        request,
        "impact/page.html",
        period=period,
        years=periods_of(request, years),
        sums=sums_of(request, totals),
        points=points_of(request, totals),
        sources=sources_of(request, await ways_of(session, whose, span)),
        lines=[line_of(request, each, whose) for each in found],
        is_empty=not years,
        following=f"{HOME}?period={period}&before={last.id}" if last else None,
    )


@get(f"{HOME}/file")
async def impact_file(
    request: Req, session: Session, member: Member, now: Now, *, period: FromQuery[str] = "",
    form: FromQuery[str] = Form.CSV,
) -> Response[Any]:  # fmt: skip
    """Every figure of a period as a table."""
    if form not in list(Form):
        raise FormUnknown
    entries = await entries_of(session, member.organisation_id, span_of(period), limit=MOST)
    address = request.app.state.settings.public_url
    rows = [row_of(each, member.organisation_id, address) for each in entries]
    content = await asyncio.to_thread(written, Form(form), "impact", HEADINGS, rows)
    return download(content, f"boucle-impact-{period or f'{day_of(now):%Y-%m-%d}'}", Form(form))


@get(OF_TERRITORY)
async def show_territory(
    request: Req, session: Session, coordinator: Coordinator, now: Now, *, period: FromQuery[str] = "",
    of: FromQuery[str] = "",
) -> Html:  # fmt: skip
    """A territory's sums, for its coordinators: no names, and no line of fewer than three organisations."""
    known = {each.code: each for each in territories()}
    territory = known.get(of or next(iter(known)))
    if territory is None:
        raise TerritoryUnknown
    totals = await territory_totals(session, territory, span_of(period) if period else EVER)
    this_year = day_of(now).year
    return page(
        request,
        "impact/territory.html",
        of=territory,
        known=[(each.code, each.name) for each in known.values()],
        period=period,
        years=periods_of(request, (this_year, this_year - 1)),
        sums=sums_of(request, totals),
        points=points_of(request, totals),
        is_empty=not totals,
        title=gettext(request, "Impact du territoire"),
    )


ROUTES = [show_impact, impact_file, show_territory]
