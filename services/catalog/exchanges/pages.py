"""An organisation's exchanges, and one of them: its timeline, what comes next, and the form that writes."""

from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.datastructures import UploadFile
from litestar.params import FromPath, FromQuery
from sqlalchemy.ext.asyncio import AsyncSession

from services.catalog.exchanges.commands import Attached, mark_read, post_message
from services.catalog.exchanges.errors import ExchangeUnknown
from services.catalog.exchanges.exchange import Exchange
from services.catalog.exchanges.queries import (
    About,
    exchange_seen_by,
    exchanges_of,
    facts_of,
    file_in,
    files_in,
    messages_in,
    read_mark_of,
    unread_in,
    waiting_exchanges,
)
from services.catalog.exchanges.schemas import WritingOnce
from services.catalog.exchanges.steps import Party
from services.catalog.exchanges.view import shown, timeline, within
from services.catalog.files.errors import FilesEnough
from services.catalog.files.keeping import Sent, screened
from services.catalog.files.models import MEGABYTE, MOST_BYTES, MOST_FILES
from services.catalog.files.sending import answer_with, keeper_of, read_sent, store_of
from shared.database import new_id
from shared.identity import Identity, Role
from shared.refusal import Refusal
from shared.web.cursors import cut
from shared.web.forms import Form, kept_when_refused, read_form
from shared.web.pages import Html, Req, is_fragment, page, redirect
from shared.web.provided import Editor, Member, Now, Session

LISTED, PAGE = 30, 20
# Three files, and the form around them.
MOST_SENT = MOST_FILES * MOST_BYTES + MEGABYTE


@get("/exchanges")
async def exchanges_list(
    request: Req,
    session: Session,
    member: Member,
    *,
    about: FromQuery[About | None] = None,
    before: FromQuery[UUID | None] = None,
) -> Html:
    """What one's organisation has on with others, and above it what waits for it."""
    own = member.organisation_id
    rows, last = cut(await exchanges_of(session, own, about=about, before=before, limit=LISTED + 1), LISTED)
    waiting = [] if about or before else await waiting_exchanges(session, own)
    unread = await unread_in(session, own, [each.id for each in (*rows, *waiting)])
    address = f"/exchanges?about={about.value}&" if about else "/exchanges?"
    return page(
        request,
        "exchanges/list.html",
        waiting=[shown(request, each, _side(each, own), unread.get(each.id, 0)) for each in waiting],
        lines=[shown(request, each, _side(each, own), unread.get(each.id, 0)) for each in rows],
        about=about.value if about else "",
        is_first=before is None,
        following=f"{address}before={last.id}" if last else None,
    )


@get("/exchanges/{exchange_id:uuid}")
async def show_exchange(
    request: Req,
    session: Session,
    member: Member,
    *,
    exchange_id: FromPath[UUID],
    before: FromQuery[UUID | None] = None,
) -> Html:
    """One exchange, to its two sides; its newest messages count as read by whichever of one's members opens it."""
    exchange = await exchange_seen_by(session, exchange_id, member.organisation_id)
    return await _exchange_page(request, session, member, exchange, Form(), before=before)


@post("/exchanges/{exchange_id:uuid}/messages", status_code=303, request_max_body_size=MOST_SENT)
async def write(
    request: Req, session: Session, editor: Editor, *, now: Now, exchange_id: FromPath[UUID]
) -> Response[Any]:
    """Write to the other side, with up to three files; sent twice, it is one message."""
    exchange = await exchange_seen_by(session, exchange_id, editor.organisation_id)
    form = await read_form(request, WritingOnce)
    if form.data is not None:
        attached = await _attached(request, session, editor, exchange, form)
    if form.data is not None and not form.errors:
        async with kept_when_refused(request, session, form):
            message = await post_message(
                session, editor, form.data.words, exchange, once=form.data.once, now=now, attached=attached
            )
    if form.errors:
        return await _exchange_page(request, session, editor, exchange, form)
    return redirect(request, f"/exchanges/{exchange_id}#message-{message.id}", say="Message envoyé.")


@post("/exchanges/{exchange_id:uuid}/read", status_code=303)
async def read(request: Req, session: Session, member: Member, now: Now, exchange_id: FromPath[UUID]) -> Response[Any]:
    """What the other side wrote is read by one's organisation; where scripts run, the page says so by itself."""
    exchange = await exchange_seen_by(session, exchange_id, member.organisation_id)
    await mark_read(session, member.organisation_id, exchange, now=now)
    return Response(None, status_code=204) if is_fragment(request) else redirect(request, f"/exchanges/{exchange_id}")


@get("/exchanges/{exchange_id:uuid}/files/{file_id:uuid}")
async def read_file(
    request: Req, session: Session, member: Member, *, exchange_id: FromPath[UUID], file_id: FromPath[UUID]
) -> Response[Any]:
    """A file that came with a message, for the two sides."""
    exchange = await exchange_seen_by(session, exchange_id, member.organisation_id)
    return await answer_with(store_of(request), await file_in(session, exchange, file_id))


async def _attached(
    request: Req, session: AsyncSession, editor: Identity, exchange: Exchange, form: Form[WritingOnce]
) -> Attached:
    """The files of the form, looked at before anything is written: what the audit trail says of one stays written."""
    keeper = keeper_of(request)
    try:
        files = await screened(session, keeper, editor, await _files_sent(request), about=exchange.id)
    except Refusal as refusal:
        form.refuse(request, refusal)
        files = []
    return Attached(keeper, files)


async def _files_sent(request: Req) -> list[Sent]:
    form = await request.form()
    files = [each for each in form.getall("file", []) if isinstance(each, UploadFile) and each.filename]
    if len(files) > MOST_FILES:
        raise FilesEnough(limit=MOST_FILES)
    return [await read_sent(each) for each in files]


async def _exchange_page(
    request: Req,
    session: AsyncSession,
    reader: Identity,
    exchange: Exchange,
    form: Form[WritingOnce],
    *,
    before: UUID | None = None,
) -> Html:
    own = reader.organisation_id
    side = _side(exchange, own)
    messages, last = cut(await messages_in(session, exchange, before=before, limit=PAGE + 1), PAGE)
    facts = within(await facts_of(session, exchange), messages, before=before, is_last=last is None)
    mark = await read_mark_of(session, exchange.id, own)
    read_to = mark.last_id if mark else None
    unread = await unread_in(session, own, [exchange.id])
    files = await files_in(session, messages)
    entries = timeline(request, exchange, side, messages, facts, files=files, read_to=read_to)
    return page(
        request,
        "exchanges/page.html",
        status=422 if form.errors else 200,
        line=shown(request, exchange, side, unread.get(exchange.id, 0)),
        entries=entries,
        form=form,
        once=_once(form),
        may_write=reader.may(Role.EDITOR) and exchange.takes_messages,
        hides=side is Party.AUTHOR and exchange.hides_author,
        is_hidden=side is Party.PARTNER and exchange.hides_author,
        is_first=before is None,
        following=f"/exchanges/{exchange.id}?before={last.id}" if last else None,
    )


def _once(form: Form[WritingOnce]) -> str:
    return str(new_id()) if "once" in form.errors else str(form.typed.get("once") or new_id())


def _side(exchange: Exchange, organisation_id: UUID) -> Party:
    party = exchange.party_of(organisation_id)
    if party is None:
        raise ExchangeUnknown
    return party


ROUTES = [exchanges_list, show_exchange, write, read, read_file]
