"""Exchanges as JSON: one's own, and what is written in them."""

from uuid import UUID

from litestar import Response, Router, get, post
from litestar.params import FromPath, FromQuery, JSONBody, MultipartBody
from litestar.types import ControllerRouterHandler

from services.catalog.exchanges.commands import Attached, mark_read, post_message
from services.catalog.exchanges.errors import ExchangeUnknown
from services.catalog.exchanges.exchange import Exchange
from services.catalog.exchanges.queries import (
    About,
    exchange_seen_by,
    exchanges_of,
    file_in,
    files_in,
    messages_in,
    unread_in,
)
from services.catalog.exchanges.schemas import ExchangeOut, Exchanges, MessageOut, Messages, Writing, WritingWithFiles
from services.catalog.exchanges.steps import Party
from services.catalog.files.sending import MOST_SENT, OCTETS, answer_program_with, keeper_of, sent_by_program, store_of
from shared.database import new_id
from shared.web.cursors import Cursor, Limit, cursor_at, cut, place_of
from shared.web.pages import Req
from shared.web.provided import Editor, Member, Now, Session
from shared.web.transactions import ONCE


@get("/")
async def list_exchanges(
    session: Session, member: Member, *, about: FromQuery[About | None] = None, cursor: Cursor = None, limit: Limit = 50
) -> Exchanges:
    """What one's organisation has on with others, the last made first; `about` leaves only needs, or only flows."""
    own = member.organisation_id
    rows = await exchanges_of(session, own, about=about, before=place_of(cursor, UUID), limit=limit + 1)
    found, last = cut(rows, limit)
    unread = await unread_in(session, own, [each.id for each in found])
    items = [ExchangeOut.of(each, _side(each, own), unread.get(each.id, 0)) for each in found]
    return Exchanges(items, cursor_at(last.id) if last else None)


@get("/{exchange_id:uuid}")
async def read_exchange(session: Session, member: Member, exchange_id: FromPath[UUID]) -> ExchangeOut:
    """One exchange: who with, about what, and what each side has to do next."""
    own = member.organisation_id
    exchange = await exchange_seen_by(session, exchange_id, own)
    unread = await unread_in(session, own, [exchange.id])
    return ExchangeOut.of(exchange, _side(exchange, own), unread.get(exchange.id, 0))


@get("/{exchange_id:uuid}/messages")
async def list_messages(
    session: Session,
    member: Member,
    *,
    exchange_id: FromPath[UUID],
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Messages:
    """What both sides wrote, the newest first."""
    own = member.organisation_id
    exchange = await exchange_seen_by(session, exchange_id, own)
    rows = await messages_in(session, exchange, before=place_of(cursor, UUID), limit=limit + 1)
    found, last = cut(rows, limit)
    files = await files_in(session, found)
    items = [MessageOut.of(each, own, files.get(each.id, ())) for each in found]
    return Messages(items, cursor_at(last.id) if last else None)


@post("/{exchange_id:uuid}/messages", dependencies=ONCE)
async def create_message(
    session: Session, editor: Editor, now: Now, exchange_id: FromPath[UUID], data: JSONBody[Writing]
) -> MessageOut:
    """Write to the other side; with files, at `files` below the exchange."""
    exchange = await exchange_seen_by(session, exchange_id, editor.organisation_id)
    message = await post_message(session, editor, data.words, exchange, once=new_id(), now=now)
    return MessageOut.of(message, editor.organisation_id)


@post("/{exchange_id:uuid}/files", dependencies=ONCE, request_max_body_size=MOST_SENT, takes_files=True)
async def create_message_with_files(
    request: Req,
    session: Session,
    editor: Editor,
    *,
    now: Now,
    exchange_id: FromPath[UUID],
    data: MultipartBody[WritingWithFiles],
) -> MessageOut:
    """Write to the other side, with one to three files; what is wrong with one of them lets nothing be sent."""
    words = Writing(words=data.words).words
    exchange = await exchange_seen_by(session, exchange_id, editor.organisation_id)
    files = await sent_by_program(request, editor, data.file, about=exchange.id)
    attached = Attached(keeper_of(request), files)
    message = await post_message(session, editor, words, exchange, once=new_id(), now=now, attached=attached)
    kept = await files_in(session, [message])
    return MessageOut.of(message, editor.organisation_id, kept.get(message.id, ()))


@get("/{exchange_id:uuid}/files/{file_id:uuid}", media_type=OCTETS)
async def read_message_file(
    request: Req, session: Session, member: Member, *, exchange_id: FromPath[UUID], file_id: FromPath[UUID]
) -> Response[bytes]:
    """The bytes of a file that came with a message, for the two sides; none that waits to be looked at."""
    exchange = await exchange_seen_by(session, exchange_id, member.organisation_id)
    return await answer_program_with(store_of(request), await file_in(session, exchange, file_id))


@post("/{exchange_id:uuid}/read", status_code=204)
async def read_messages(session: Session, member: Member, now: Now, exchange_id: FromPath[UUID]) -> None:
    """Mark what the other side wrote as read by one's organisation; doing it twice changes nothing."""
    exchange = await exchange_seen_by(session, exchange_id, member.organisation_id)
    await mark_read(session, member.organisation_id, exchange, now=now)


def _side(exchange: Exchange, organisation_id: UUID) -> Party:
    party = exchange.party_of(organisation_id)
    if party is None:
        raise ExchangeUnknown
    return party


ROUTES: list[ControllerRouterHandler] = [
    Router(
        "/api/v1/exchanges",
        route_handlers=[
            list_exchanges,
            read_exchange,
            list_messages,
            create_message,
            create_message_with_files,
            read_message_file,
            read_messages,
        ],
        tags=["exchanges"],
    )
]
