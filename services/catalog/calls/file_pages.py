"""The documents of a call, public with it, and those of an application, for its authors and its caller."""

from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath
from sqlalchemy.ext.asyncio import AsyncSession

from services.catalog.calls.errors import ApplicationSent, ApplicationUnknown, CallPublished
from services.catalog.calls.models import CallState
from services.catalog.calls.queries import (
    application_for_update,
    application_seen_by,
    call_seen_by,
    own_call,
)
from services.catalog.files.commands import add_file, remove_file
from services.catalog.files.queries import file_of
from services.catalog.files.sending import MOST_SENT, Taken, answer_with, keeper_of, not_kept, store_of, taken
from shared.identity import Identity
from shared.refusal import Refusal
from shared.web.pages import Req, redirect
from shared.web.provided import Editor, Member, Now, Session, Visitor

CALL, APPLICATION = "/calls/{call_id:uuid}/files", "/calls/applications/{application_id:uuid}/files"


@post(CALL, status_code=303, request_max_body_size=MOST_SENT)
async def add_to_call(
    request: Req, session: Session, editor: Editor, *, now: Now, call_id: FromPath[UUID]
) -> Response[Any]:
    """Add a document to a draft."""
    file = await taken(request, session, editor, about=call_id)
    await _own_draft(session, editor, call_id)
    return await _added(request, session, editor, file, about=call_id, back=f"/calls/{call_id}", now=now)


@post(f"{CALL}/{{file_id:uuid}}/remove", status_code=303)
async def remove_from_call(
    request: Req, session: Session, editor: Editor, *, call_id: FromPath[UUID], file_id: FromPath[UUID]
) -> Response[Any]:
    """Take a document away from a draft."""
    await _own_draft(session, editor, call_id)
    await remove_file(session, store_of(request), editor, about=call_id, file_id=file_id)
    return redirect(request, f"/calls/{call_id}#files", say="Fichier retiré.")


@get(f"{CALL}/{{file_id:uuid}}")
async def read_of_call(
    request: Req, session: Session, visitor: Visitor, *, call_id: FromPath[UUID], file_id: FromPath[UUID]
) -> Response[Any]:
    """A document of a call that its visitor may see."""
    await call_seen_by(session, call_id, visitor.organisation_id if visitor else None)
    return await answer_with(store_of(request), await file_of(session, call_id, file_id))


@post(APPLICATION, status_code=303, request_max_body_size=MOST_SENT)
async def add_to_application(
    request: Req, session: Session, editor: Editor, *, now: Now, application_id: FromPath[UUID]
) -> Response[Any]:
    """Add a document to a draft."""
    file = await taken(request, session, editor, about=application_id)
    call_id = await _written_draft(session, editor, application_id)
    return await _added(request, session, editor, file, about=application_id, back=f"/calls/{call_id}/apply", now=now)


@post(f"{APPLICATION}/{{file_id:uuid}}/remove", status_code=303)
async def remove_from_application(
    request: Req, session: Session, editor: Editor, *, application_id: FromPath[UUID], file_id: FromPath[UUID]
) -> Response[Any]:
    """Take a document away from a draft."""
    call_id = await _written_draft(session, editor, application_id)
    await remove_file(session, store_of(request), editor, about=application_id, file_id=file_id)
    return redirect(request, f"/calls/{call_id}/apply#files", say="Fichier retiré.")


@get(f"{APPLICATION}/{{file_id:uuid}}")
async def read_of_application(
    request: Req, session: Session, member: Member, *, application_id: FromPath[UUID], file_id: FromPath[UUID]
) -> Response[Any]:
    """A document of an application, for its authors and its caller."""
    await application_seen_by(session, application_id, member.organisation_id)
    return await answer_with(store_of(request), await file_of(session, application_id, file_id))


async def _own_draft(session: AsyncSession, editor: Identity, call_id: UUID) -> None:
    call = await own_call(session, call_id, organisation_id=editor.organisation_id)
    if call.state is not CallState.DRAFT:
        raise CallPublished


async def _written_draft(session: AsyncSession, editor: Identity, application_id: UUID) -> UUID:
    application = await application_for_update(session, application_id)
    if application.organisation_id != editor.organisation_id:
        raise ApplicationUnknown
    if not application.is_with_its_authors:
        raise ApplicationSent
    return application.call_id


async def _added(
    request: Req, session: AsyncSession, editor: Identity, file: Taken, *, about: UUID, back: str, now: Any
) -> Response[Any]:
    try:
        await add_file(session, keeper_of(request), editor, file.whole(), about=about, now=now)
    except Refusal as refusal:
        return await not_kept(request, refusal, f"{back}#files")
    return redirect(request, f"{back}#files", say="Fichier ajouté.")


ROUTES = [
    add_to_call,
    remove_from_call,
    read_of_call,
    add_to_application,
    remove_from_application,
    read_of_application,
]
