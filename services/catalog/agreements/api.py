"""Agreements as JSON: concluded, changed, signed, ticked, completed and cancelled by the same rules as on pages."""

from uuid import UUID

from litestar import Router, get, patch, post
from litestar.params import FromPath, JSONBody
from litestar.types import ControllerRouterHandler
from sqlalchemy.ext.asyncio import AsyncSession

from services.catalog.agreements.carrying import (
    cancel_agreement,
    finish_agreement,
    give_skills,
    sign_agreement,
    tick_milestone,
)
from services.catalog.agreements.commands import change_agreement, conclude_agreement
from services.catalog.agreements.errors import NamedProposalUnknown, NamedTakingUnknown
from services.catalog.agreements.models import Agreement
from services.catalog.agreements.origins import OriginIds
from services.catalog.agreements.queries import agreement_seen_by, agreements_of, document_hashes
from services.catalog.agreements.schemas import (
    AgreementDraft,
    AgreementFrom,
    AgreementLine,
    AgreementOut,
    Agreements,
    Cancelling,
    Signing,
    Ticking,
)
from services.catalog.proposals.errors import ProposalUnknown
from services.catalog.takings.errors import TakingUnknown
from shared.identity import Identity
from shared.web.cursors import Cursor, Limit, listed, place_of
from shared.web.provided import Editor, Member, Now, Session
from shared.web.transactions import ONCE, SEEN


@get("/")
async def list_agreements(session: Session, member: Member, cursor: Cursor = None, limit: Limit = 50) -> Agreements:
    """What one's organisation is part of, the newest first."""
    reader = member.organisation_id
    rows = await agreements_of(session, reader, before=place_of(cursor, UUID), limit=limit + 1)
    return Agreements(*listed(rows, limit, lambda each: AgreementLine.of(each, reader)))


@get("/{agreement_id:uuid}")
async def read_agreement(session: Session, member: Member, agreement_id: FromPath[UUID]) -> AgreementOut:
    """One agreement, to both sides and to the co-contractors that it names."""
    return await _out(session, member, await agreement_seen_by(session, agreement_id, member.organisation_id))


@post("/", dependencies=ONCE)
async def create_agreement(session: Session, editor: Editor, now: Now, data: JSONBody[AgreementFrom]) -> AgreementOut:
    """Conclude an agreement from a proposal to one's own need that was chosen, or from a taking of one's own lot."""
    draft = AgreementDraft.model_construct(**{name: getattr(data, name) for name in AgreementDraft.model_fields})
    try:
        ids = OriginIds(data.proposal_id, data.taking_id)
        made = await conclude_agreement(session, editor, draft, ids=ids, now=now)
    except ProposalUnknown:
        raise NamedProposalUnknown from None
    except TakingUnknown:
        raise NamedTakingUnknown from None
    return await _out(session, editor, made)


@patch("/{agreement_id:uuid}", dependencies=SEEN)
async def update_agreement(
    session: Session, editor: Editor, now: Now, agreement_id: FromPath[UUID], data: JSONBody[AgreementDraft]
) -> AgreementOut:
    """Let it say all this instead, until both have signed: a new revision, and what was signed of it is void."""
    return await _out(
        session, editor, await change_agreement(session, editor, data, agreement_id=agreement_id, now=now)
    )


@post("/{agreement_id:uuid}/sign", status_code=200, dependencies=SEEN)
async def sign(
    session: Session, editor: Editor, now: Now, agreement_id: FromPath[UUID], data: JSONBody[Signing]
) -> AgreementOut:
    """Sign for one's organisation the document of a SHA-256, one of `documents`; it names the revision, too."""
    return await _out(session, editor, await sign_agreement(session, editor, data, agreement_id=agreement_id, now=now))


@post("/{agreement_id:uuid}/milestones", status_code=200, dependencies=SEEN)
async def tick(
    session: Session, editor: Editor, now: Now, agreement_id: FromPath[UUID], data: JSONBody[Ticking]
) -> AgreementOut:
    """Tick a milestone of a running agreement, or take that back."""
    return await _out(session, editor, await tick_milestone(session, editor, data, agreement_id=agreement_id, now=now))


@post("/{agreement_id:uuid}/complete", status_code=200, dependencies=SEEN)
async def complete(session: Session, editor: Editor, now: Now, agreement_id: FromPath[UUID]) -> AgreementOut:
    """Say that all is done; it is completed once both sides do."""
    return await _out(session, editor, await finish_agreement(session, editor, agreement_id=agreement_id, now=now))


@post("/{agreement_id:uuid}/cancel", status_code=200, dependencies=SEEN)
async def cancel(
    session: Session, editor: Editor, now: Now, agreement_id: FromPath[UUID], data: JSONBody[Cancelling]
) -> AgreementOut:
    """End it, with a reason that the other side reads."""
    return await _out(
        session, editor, await cancel_agreement(session, editor, data, agreement_id=agreement_id, now=now)
    )


@post("/{agreement_id:uuid}/gift", status_code=200, dependencies=SEEN)
async def give(session: Session, editor: Editor, now: Now, agreement_id: FromPath[UUID]) -> AgreementOut:
    """Say, in a free skills partnership that runs, that one's organisation lends its people: a gift is promised."""
    await give_skills(session, editor, agreement_id=agreement_id, now=now)
    return await _out(session, editor, await agreement_seen_by(session, agreement_id, editor.organisation_id))


async def _out(session: AsyncSession, reader: Identity, agreement: Agreement) -> AgreementOut:
    return AgreementOut.of(agreement, await document_hashes(session, agreement), reader.organisation_id)


ROUTES: list[ControllerRouterHandler] = [
    Router(
        "/api/v1/agreements",
        route_handlers=[
            list_agreements,
            read_agreement,
            create_agreement,
            update_agreement,
            sign,
            tick,
            complete,
            cancel,
            give,
        ],
        tags=["agreements"],
    )
]
