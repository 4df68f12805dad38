"""Proposals as JSON: one's own, and what one's needs were proposed."""

from uuid import UUID

from litestar import Response, Router, get, patch, post
from litestar.params import FromPath, JSONBody, MultipartBody
from litestar.types import ControllerRouterHandler
from sqlalchemy.ext.asyncio import AsyncSession

from services.catalog.answers.errors import NamedNeedUnknown
from services.catalog.files.schemas import FileAsked
from services.catalog.files.sending import (
    MOST_SENT,
    OCTETS,
    answer_program_with,
    keeper_of,
    sent_by_program,
    store_of,
)
from services.catalog.needs.errors import NeedUnknown
from services.catalog.needs.queries import need_seen_by
from services.catalog.proposals.commands import (
    answer_participation,
    make_proposal,
    revise_proposal,
    withdraw_proposal,
)
from services.catalog.proposals.deciding import accept_proposal, reject_proposal
from services.catalog.proposals.evidence import attach, detach, evidence_file, evidence_of
from services.catalog.proposals.models import Proposal
from services.catalog.proposals.queries import proposal_seen_by, proposals_of, proposals_received
from services.catalog.proposals.schemas import (
    Choice,
    PartnerOut,
    ProposalDraft,
    ProposalOut,
    Proposals,
    ProposalTo,
    Refused,
    TakesPart,
)
from shared.identity import Identity
from shared.web.cursors import Cursor, Limit, cursor_at, cut, place_of
from shared.web.pages import Req
from shared.web.provided import Editor, Member, Now, Session
from shared.web.transactions import ONCE, SEEN


@get("/")
async def list_proposals(session: Session, member: Member, cursor: Cursor = None, limit: Limit = 50) -> Proposals:
    """What one's organisation proposed, the newest first."""
    rows = await proposals_of(session, member.organisation_id, before=place_of(cursor, UUID), limit=limit + 1)
    found, last = cut(rows, limit)
    files = await evidence_of(session, found, member.organisation_id)
    items = [ProposalOut.of(each, files.get(each.id, ())) for each in found]
    return Proposals(items, cursor_at(last.id) if last else None)


@get("/{proposal_id:uuid}")
async def read_proposal(session: Session, member: Member, proposal_id: FromPath[UUID]) -> ProposalOut:
    """One proposal that one's organisation made or received, or that names it."""
    proposal = await proposal_seen_by(session, proposal_id, member.organisation_id)
    files = await evidence_of(session, [proposal], member.organisation_id)
    return ProposalOut.of(proposal, files.get(proposal.id, ()), is_between=member.organisation_id in proposal.between)


@post("/", dependencies=ONCE)
async def create_proposal(session: Session, editor: Editor, now: Now, data: JSONBody[ProposalTo]) -> ProposalOut:
    """Propose something for an open need, which says that one is interested. Afterwards it is revised."""
    draft = ProposalDraft.model_construct(**{name: getattr(data, name) for name in ProposalDraft.model_fields})
    try:
        return ProposalOut.of(await make_proposal(session, editor, draft, need_id=data.need_id, seen=0, now=now))
    except NeedUnknown:
        raise NamedNeedUnknown from None


@patch("/{proposal_id:uuid}", dependencies=SEEN)
async def update_proposal(
    session: Session, editor: Editor, now: Now, proposal_id: FromPath[UUID], data: JSONBody[ProposalDraft]
) -> ProposalOut:
    """Propose anew, until it is chosen or not: a new revision, in which co-contractors are asked again."""
    return await _with_files(
        session, editor, await revise_proposal(session, editor, data, proposal_id=proposal_id, now=now)
    )


@post("/{proposal_id:uuid}/withdraw", status_code=200, dependencies=SEEN)
async def withdraw(session: Session, editor: Editor, now: Now, proposal_id: FromPath[UUID]) -> ProposalOut:
    """Take a proposal back, until it is chosen or not; the interest stays."""
    return await _with_files(
        session, editor, await withdraw_proposal(session, editor, proposal_id=proposal_id, now=now)
    )


@post("/{proposal_id:uuid}/accept", status_code=200, dependencies=SEEN)
async def accept(
    session: Session, editor: Editor, now: Now, proposal_id: FromPath[UUID], data: JSONBody[Choice]
) -> ProposalOut:
    """Choose a proposal to one's own need, for good, with a reason."""
    return await _with_files(
        session, editor, await accept_proposal(session, editor, data, proposal_id=proposal_id, now=now)
    )


@post("/{proposal_id:uuid}/reject", status_code=200, dependencies=SEEN)
async def reject(
    session: Session, editor: Editor, now: Now, proposal_id: FromPath[UUID], data: JSONBody[Refused]
) -> ProposalOut:
    """Choose a proposal to one's own need not, for good, with a reason that its supplier reads."""
    return await _with_files(
        session, editor, await reject_proposal(session, editor, data, proposal_id=proposal_id, now=now)
    )


@post("/{proposal_id:uuid}/participation", status_code=200, dependencies=SEEN)
async def take_part(
    session: Session, editor: Editor, now: Now, proposal_id: FromPath[UUID], data: JSONBody[TakesPart]
) -> PartnerOut:
    """Say whether one's organisation takes part in a proposal that names it, in the version that one has read."""
    takes_part = data.takes_part
    return PartnerOut.of(
        await answer_participation(session, editor, proposal_id=proposal_id, takes_part=takes_part, now=now)
    )


@post("/{proposal_id:uuid}/files", dependencies=ONCE, request_max_body_size=MOST_SENT, takes_files=True)
async def add_file(
    request: Req,
    session: Session,
    editor: Editor,
    *,
    now: Now,
    proposal_id: FromPath[UUID],
    data: MultipartBody[FileAsked],
) -> ProposalOut:
    """Put a file beside one's own proposal until it is chosen or not, three at most; the answer is the proposal."""
    (file,) = await sent_by_program(request, editor, [data.file], about=proposal_id)
    await attach(session, keeper_of(request), editor, file, proposal_id=proposal_id, now=now)
    return await _with_files(session, editor, await proposal_seen_by(session, proposal_id, editor.organisation_id))


@post("/{proposal_id:uuid}/files/{file_id:uuid}/remove", status_code=200, dependencies=SEEN)
async def remove_file(
    request: Req, session: Session, editor: Editor, *, proposal_id: FromPath[UUID], file_id: FromPath[UUID]
) -> ProposalOut:
    """Take a file away again, in the version of the proposal that one has read."""
    await detach(session, store_of(request), editor, proposal_id=proposal_id, file_id=file_id)
    return await _with_files(session, editor, await proposal_seen_by(session, proposal_id, editor.organisation_id))


@get("/{proposal_id:uuid}/files/{file_id:uuid}", media_type=OCTETS)
async def read_file(
    request: Req, session: Session, member: Member, *, proposal_id: FromPath[UUID], file_id: FromPath[UUID]
) -> Response[bytes]:
    """A file's bytes, for the two sides and whoever confirmed a part; none that waits to be looked at for viruses."""
    reader_id = member.organisation_id
    file = await evidence_file(session, proposal_id=proposal_id, file_id=file_id, reader_id=reader_id)
    return await answer_program_with(store_of(request), file)


@get("/api/v1/needs/{need_id:uuid}/proposals", tags=["proposals"])
async def list_proposed(
    session: Session, member: Member, need_id: FromPath[UUID], cursor: Cursor = None, limit: Limit = 50
) -> Proposals:
    """What one's own need was proposed, the newest first."""
    need = await need_seen_by(session, need_id, member.organisation_id)
    if need.organisation_id != member.organisation_id:
        raise NeedUnknown
    rows = await proposals_received(session, need, before=place_of(cursor, UUID), limit=limit + 1)
    found, last = cut(rows, limit)
    files = await evidence_of(session, found, member.organisation_id)
    items = [ProposalOut.of(each, files.get(each.id, ())) for each in found]
    return Proposals(items, cursor_at(last.id) if last else None)


async def _with_files(session: AsyncSession, reader: Identity, proposal: Proposal) -> ProposalOut:
    files = await evidence_of(session, [proposal], reader.organisation_id)
    return ProposalOut.of(proposal, files.get(proposal.id, ()))


ROUTES: list[ControllerRouterHandler] = [
    Router(
        "/api/v1/proposals",
        route_handlers=[
            list_proposals,
            read_proposal,
            create_proposal,
            update_proposal,
            withdraw,
            accept,
            reject,
            take_part,
            add_file,
            remove_file,
            read_file,
        ],
        tags=["proposals"],
    ),
    list_proposed,
]
