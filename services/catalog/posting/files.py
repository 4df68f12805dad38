"""The files of a need, a flow or an offer over HTTP: whoever may see the one may see the others."""

from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, FromQuery

from services.catalog.files.commands import add_file, remove_file
from services.catalog.files.errors import FileUnknown
from services.catalog.files.models import Purpose
from services.catalog.files.queries import file_of
from services.catalog.files.sending import MOST_SENT, answer_with, keeper_of, not_kept, store_of, taken
from services.catalog.posting.models import Posted
from services.catalog.posting.queries import own_for_update, seen_by
from shared.refusal import Refusal
from shared.web.pages import Req, redirect
from shared.web.provided import Editor, Now, Session, Visitor

# What is shown of a posting, and in which part of its page.
SECTIONS = {Purpose.DOCUMENT: "files", Purpose.PHOTO: "photos"}


def file_routes(path: str, model: type[Posted], missing: type[Refusal]) -> list[HTTPRouteHandler]:
    """Add, read and remove the files of one kind of thing; `path` is its own, such as `/needs`."""

    @post(f"{path}/{{row_id:uuid}}/files", status_code=303, request_max_body_size=MOST_SENT)
    async def add(request: Req, session: Session, editor: Editor, now: Now, row_id: FromPath[UUID]) -> Response[Any]:
        """Add a document or a photo; a file that is refused leaves everything else as it was."""
        file = await taken(request, session, editor, about=row_id)
        row = await own_for_update(session, model, row_id, organisation_id=editor.organisation_id, missing=missing)
        purpose = Purpose.PHOTO if (await request.form()).get("purpose") == Purpose.PHOTO else Purpose.DOCUMENT
        try:
            await add_file(session, keeper_of(request), editor, file.whole(), about=row.id, now=now, purpose=purpose)
        except Refusal as refusal:
            return await not_kept(request, refusal, f"{path}/{row_id}#{SECTIONS[purpose]}")
        return redirect(request, f"{path}/{row_id}#{SECTIONS[purpose]}", say="Fichier ajouté.")

    @post(f"{path}/{{row_id:uuid}}/files/{{file_id:uuid}}/remove", status_code=303)
    async def remove(
        request: Req, session: Session, editor: Editor, row_id: FromPath[UUID], file_id: FromPath[UUID]
    ) -> Response[Any]:
        """Take a file away."""
        row = await own_for_update(session, model, row_id, organisation_id=editor.organisation_id, missing=missing)
        await remove_file(session, store_of(request), editor, about=row.id, file_id=file_id)
        return redirect(request, f"{path}/{row_id}#files", say="Fichier retiré.")

    @get(f"{path}/{{row_id:uuid}}/files/{{file_id:uuid}}")
    async def read(
        request: Req,
        session: Session,
        visitor: Visitor,
        *,
        row_id: FromPath[UUID],
        file_id: FromPath[UUID],
        preview: FromQuery[bool] = False,
    ) -> Response[Any]:
        """The file itself; a small one of a photo with `preview`."""
        row = await seen_by(session, model, row_id, visitor.organisation_id if visitor else None, missing=missing)
        file = await file_of(session, row.id, file_id)
        if file.purpose not in SECTIONS:
            raise FileUnknown
        return await answer_with(store_of(request), file, preview=preview)

    return [add, remove, read]
