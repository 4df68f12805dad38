"""The files beside a proposal over HTTP."""

from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath

from services.catalog.files.sending import MOST_SENT, answer_with, keeper_of, not_kept, store_of, taken
from services.catalog.proposals.errors import ProposalUnknown
from services.catalog.proposals.evidence import attach, detach, evidence_file
from shared.refusal import Refusal
from shared.web.pages import Req, redirect
from shared.web.provided import Editor, Member, Now, Session


@post("/proposals/{proposal_id:uuid}/files", status_code=303, request_max_body_size=MOST_SENT)
async def add(request: Req, session: Session, editor: Editor, now: Now, proposal_id: FromPath[UUID]) -> Response[Any]:
    """Add a document; one that is refused leaves everything else as it was, and says why."""
    file = await taken(request, session, editor, about=proposal_id)
    try:
        await attach(session, keeper_of(request), editor, file.whole(), proposal_id=proposal_id, now=now)
    except ProposalUnknown:
        raise
    except Refusal as refusal:
        return await not_kept(request, refusal, f"/proposals/{proposal_id}#files")
    return redirect(request, f"/proposals/{proposal_id}#files", say="Fichier ajouté.")


@post("/proposals/{proposal_id:uuid}/files/{file_id:uuid}/remove", status_code=303)
async def remove(
    request: Req, session: Session, editor: Editor, *, proposal_id: FromPath[UUID], file_id: FromPath[UUID]
) -> Response[Any]:
    """Take a file away."""
    await detach(session, store_of(request), editor, proposal_id=proposal_id, file_id=file_id)
    return redirect(request, f"/proposals/{proposal_id}#files", say="Fichier retiré.")


@get("/proposals/{proposal_id:uuid}/files/{file_id:uuid}")
async def read(
    request: Req, session: Session, member: Member, *, proposal_id: FromPath[UUID], file_id: FromPath[UUID]
) -> Response[Any]:
    """The file itself, to those who may read it."""
    reader_id = member.organisation_id
    file = await evidence_file(session, proposal_id=proposal_id, file_id=file_id, reader_id=reader_id)
    return await answer_with(store_of(request), file)


ROUTES = [add, remove, read]
