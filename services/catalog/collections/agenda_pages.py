"""The agenda of what an organisation gives and takes, on a page, on paper for a driver, and for calendars."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath, FromQuery

from services.catalog.collections.agenda import (
    COMING,
    TOLD,
    UNSETTLED,
    WEEK,
    entries_of,
    is_driven_by,
    monday_of,
    span_of,
    weeks_of,
    within_reach,
)
from services.catalog.collections.commands import renew_calendar
from services.catalog.collections.errors import CalendarUnknown, NothingThatDay
from services.catalog.collections.ics import calendar_file
from services.catalog.collections.queries import calendar_of
from services.catalog.collections.route import route_on_paper
from services.catalog.collections.schemas import CalendarAsked
from services.catalog.organisations.queries import organisation_by_id
from services.catalog.takings.queries import slots_between
from services.catalog.takings.view import line_of
from shared.clock import day_of
from shared.database.acting import act
from shared.identity import LinkKeys, Role
from shared.papers.printing import kept_as
from shared.web import i18n
from shared.web.forms import read_form
from shared.web.pages import Html, Req, gettext, page, redirect
from shared.web.provided import Editor, Member, Now, Session
from shared.web.urls import in_language
from shared.web.visit import visit_of

HOME = "/collections"
CALENDAR = f"{HOME}/calendar"
UNSETTLED_FOR = timedelta(days=90)
"""How long the agenda shows what nobody has settled."""

TOLD_FOR = timedelta(days=60)
"""How far back a calendar is told what happened: what a program has from before, it keeps."""

AHEAD = timedelta(days=400)


@get(HOME)
async def show_agenda(request: Req, session: Session, member: Member, now: Now) -> Html:
    """This week and the next, and what still waits for a figure."""
    organisation_id = member.organisation_id
    monday = monday_of(day_of(now))
    first, end = span_of(monday, monday + 2 * WEEK - timedelta(days=1))
    coming = await slots_between(session, organisation_id, first, end, states=COMING)
    before = await slots_between(session, organisation_id, first - UNSETTLED_FOR, first, states=UNSETTLED)
    return page(
        request,
        "collections/agenda.html",
        weeks=weeks_of(request, coming, organisation_id, now),
        unsettled=[line_of(request, each, organisation_id, now) for each in before],
        is_empty=not coming and not before,
        may_share=member.may(Role.EDITOR),
    )


@get(f"{HOME}/route", media_type="application/pdf")
async def route_sheet(
    request: Req, session: Session, member: Member, now: Now, day: FromQuery[date]
) -> Response[bytes]:
    """What one's own organisation fetches on a day, in order, to take along and to have signed."""
    found = await slots_between(
        session, member.organisation_id, *span_of(within_reach(day), within_reach(day)), states=COMING
    )
    stops = [each for each in found if is_driven_by(each, member.organisation_id)]
    if not stops:
        raise NothingThatDay
    name = gettext(request, "Feuille de route du {day}").format(day=i18n.full_day(day, visit_of(request).language))
    return kept_as(name, await route_on_paper(request, stops, member.organisation_name, title=name, now=now))


@get(CALENDAR)
async def show_calendar(request: Req, session: Session, editor: Editor) -> Html:
    """The secret address, for those who change things: it reads without signing in."""
    calendar = await calendar_of(session, editor.organisation_id)
    keys: LinkKeys = request.app.state.link_keys
    language = visit_of(request).language
    path = keys.path_to_calendar(calendar.id, organisation_id=editor.organisation_id) if calendar else ""
    address = request.app.state.settings.public_url + in_language(path, language) if path else ""
    return page(
        request,
        "collections/calendar.html",
        calendar=calendar,
        address=address,
        made=i18n.day(calendar.created_at, language) if calendar else "",
    )


@post(CALENDAR, status_code=303)
async def renew(request: Req, session: Session, editor: Editor, now: Now) -> Response[Any]:
    """Make it, or make another: the old address reads nothing any more."""
    form = await read_form(request, CalendarAsked)
    await renew_calendar(session, editor, replaces=form.data.replaces if form.data else None, now=now)
    return redirect(request, CALENDAR, say="Voici l'adresse de votre calendrier.")


@get("/api/calendars/{organisation_id:uuid}/{calendar_id:uuid}/collections.ics", include_in_schema=False)
async def read_calendar(
    request: Req, session: Session, now: Now, *, organisation_id: FromPath[UUID], calendar_id: FromPath[UUID],
    key: FromQuery[str] = "",
) -> Response[str]:  # fmt: skip
    """An organisation's collections, for whoever has its address; counted like any other call of the interface."""
    keys: LinkKeys = request.app.state.link_keys
    if not keys.reads_calendar(calendar_id, key, organisation_id=organisation_id):
        raise CalendarUnknown
    await act(session, org=organisation_id)
    calendar = await calendar_of(session, organisation_id)
    organisation = await organisation_by_id(session, organisation_id)
    if calendar is None or calendar.id != calendar_id or organisation is None:
        raise CalendarUnknown
    found = await slots_between(session, organisation_id, now - TOLD_FOR, now + AHEAD, states=TOLD)
    name = gettext(request, "Enlèvements de {name}").format(name=organisation.name)
    # A calendar program is nobody's browser.
    visit_of(request).cookies.clear()
    return Response(
        calendar_file(name, entries_of(request, found, organisation_id, now)),
        media_type="text/calendar",
        headers={"cache-control": "private, max-age=900"},
    )


ROUTES = [show_agenda, route_sheet, show_calendar, renew, read_calendar]
