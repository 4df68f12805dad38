"""Searching the audit log: the territory's for coordinators, an organisation's for its owners; reading writes none."""

import asyncio
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode
from uuid import UUID

from litestar import Response, get
from litestar.types import ControllerRouterHandler
from pydantic import ValidationError
from sqlalchemy.ext.asyncio import AsyncSession

from services.catalog.accounts.queries import colleagues
from services.catalog.trail.errors import OwnersOnly
from services.catalog.trail.queries import trail
from services.catalog.trail.schemas import Searched, TrailLine
from services.catalog.trail.view import HEADINGS, action_options, row_of, shown_lines
from shared.identity import Identity, Role
from shared.refusal import Refusal
from shared.web.cursors import Cursor, cursor_at, cut, place_of
from shared.web.forms import Form, field_errors
from shared.web.pages import Html, Req, gettext, page, redirect
from shared.web.provided import Coordinator, Member, Session
from shared.web.tables import Form as TableForm
from shared.web.tables import download, written
from shared.web.visit import visit_of

TERRITORY, ORGANISATION = "/territory/audit", "/organisation/audit"
PAGE = 30
MOST: Final = 10_000
"""As many lines as a table holds; a search that finds more is narrowed by its dates."""


@dataclass(frozen=True)
class Log:
    """Whose lines are read: `own` organisation's, or without one the territory's."""

    home: str
    own: UUID | None


@get(TERRITORY)
async def territory_log(request: Req, session: Session, coordinator: Coordinator, cursor: Cursor = None) -> Html:
    """What was done to the territory's records, newest first."""
    return await _log_page(request, session, coordinator, Log(TERRITORY, None), cursor)


@get(f"{TERRITORY}/file")
async def territory_file(request: Req, session: Session, coordinator: Coordinator) -> Response[Any]:
    """The same as a table."""
    return await _table(request, session, Log(TERRITORY, None))


@get(ORGANISATION)
async def own_log(request: Req, session: Session, member: Member, cursor: Cursor = None) -> Html:
    """What was done to one's organisation's records, by whom."""
    return await _log_page(request, session, member, _own(member), cursor)


@get(f"{ORGANISATION}/file")
async def own_file(request: Req, session: Session, member: Member) -> Response[Any]:
    """The same as a table."""
    return await _table(request, session, _own(member))


def _own(member: Identity) -> Log:
    if not member.may(Role.OWNER):
        raise OwnersOnly
    return Log(ORGANISATION, member.organisation_id)


def _searched(request: Req) -> Form[Searched]:
    typed = {name: request.query_params[name] for name in Searched.model_fields if name in request.query_params}
    form: Form[Searched] = Form(typed=dict(typed))
    try:
        form.data = Searched.model_validate({name: value for name, value in typed.items() if value})
    except ValidationError as error:
        form.errors = field_errors(error, lambda sentence: gettext(request, sentence))
    return form


async def _found(
    request: Req, session: AsyncSession, form: Form[Searched], log: Log, *, before: UUID | None, limit: int
) -> list[TrailLine]:
    if form.data is None:
        return []
    try:
        return await trail(session, form.data, own=log.own, before=before, limit=limit)
    except Refusal as refusal:
        form.refuse(request, refusal)
        return []


async def _log_page(request: Req, session: AsyncSession, member: Identity, log: Log, cursor: str | None) -> Html:
    form = _searched(request)
    rows = await _found(request, session, form, log, before=place_of(cursor, UUID), limit=PAGE + 1)
    found, last = cut(rows, PAGE)
    asked = {name: value for name, value in form.typed.items() if value}
    following = {**asked, "cursor": cursor_at(last.id)} if last else None
    url = visit_of(request).url
    return page(
        request,
        "trail/page.html",
        status=422 if form.errors else 200,
        form=form,
        is_territory=log.own is None,
        home=log.home,
        lines=await shown_lines(request, session, found),
        asked=bool(asked),
        action_options=action_options(request),
        colleague_options=[
            ("", gettext(request, "Tout le monde")),
            *((str(each), name) for each, name in await colleagues(session, member.organisation_id)),
        ],
        first=url(log.home) + _query(asked) if cursor else None,
        following=url(log.home) + _query(following) if following else None,
        file=url(f"{log.home}/file") + _query(asked),
    )


async def _table(request: Req, session: AsyncSession, log: Log) -> Response[Any]:
    form = _searched(request)
    lines = await _found(request, session, form, log, before=None, limit=MOST)
    if form.errors:
        return redirect(request, log.home + _query(form.typed))
    rows = [row_of(each) for each in await shown_lines(request, session, lines)]
    content = await asyncio.to_thread(written, TableForm.CSV, "journal", HEADINGS, rows)
    return download(content, "boucle-journal", TableForm.CSV)


def _query(asked: dict[str, Any]) -> str:
    said = urlencode({name: value for name, value in asked.items() if value})
    return f"?{said}" if said else ""


ROUTES: list[ControllerRouterHandler] = [territory_log, territory_file, own_log, own_file]
