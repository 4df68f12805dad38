"""Concluding an agreement, reading it, and an organisation's agreements with what waits for it."""

from datetime import datetime
from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath, FromQuery
from sqlalchemy.ext.asyncio import AsyncSession

from services.catalog.agreements.commands import change_agreement, conclude_agreement
from services.catalog.agreements.errors import AgreementUnknown, AuthorAloneWrites
from services.catalog.agreements.giving import gives_skills
from services.catalog.agreements.models import Agreement
from services.catalog.agreements.natures import Side
from services.catalog.agreements.origins import Origin, OriginIds, authored_origin, ids_of, origin_seen_by
from services.catalog.agreements.queries import (
    agreement_from,
    agreement_seen_by,
    agreements_of,
    document_hashes,
    paper_of,
    signatories_of,
    standing_agreements,
)
from services.catalog.agreements.schemas import MOST_MILESTONES, AgreementDraft, Cancelling, Signing
from services.catalog.agreements.view import (
    TITLES,
    collection_of,
    lines_of,
    nature_options,
    shown,
    typed_agreement,
    typed_first,
)
from services.catalog.gifts.queries import gift_of_agreement
from services.catalog.impact.on_pages import counts_for
from services.catalog.payments.queries import settlements_under
from services.catalog.payments.view import Shown as SettlementShown
from services.catalog.payments.view import shown as settlement_shown
from services.catalog.proposals.view import named_errors
from services.catalog.takings.queries import taking_seen_by
from shared.database import now_of
from shared.database.versions import ChangedMeanwhile
from shared.identity import Identity, Role
from shared.papers.printing import kept_as
from shared.phrases.dealings import CANCELLED_FOR, FOCUSES
from shared.phrases.names import options
from shared.web.cursors import cut
from shared.web.forms import Form, kept_when_refused, read_form
from shared.web.pages import Html, Req, page, redirect
from shared.web.provided import Editor, Member, Now, Session
from shared.web.visit import visit_of

PAGE = 50
# Rows for milestones: as many as are typed and one, three at least.
ROWS = 3


@get("/agreements")
async def agreements_list(
    request: Req,
    session: Session,
    member: Member,
    *,
    need: FromQuery[UUID | None] = None,
    before: FromQuery[UUID | None] = None,
) -> Html:
    """What one's organisation agreed on, or about one need, and above it what waits for its word."""
    reader = member.organisation_id
    rows = await agreements_of(session, reader, need_id=need, before=before, limit=PAGE + 1)
    found, last = cut(rows, PAGE)
    standing = [] if need or before else await standing_agreements(session, reader)
    about = f"need={need}&" if need else ""
    return page(
        request,
        "agreements/list.html",
        waiting=[line for line in (shown(request, each, reader) for each in standing) if line.awaits_reader],
        lines=[shown(request, each, reader) for each in found],
        need_id=need,
        following=f"/agreements?{about}before={last.id}" if last else None,
    )


@get("/agreements/{agreement_id:uuid}")
async def show_agreement(request: Req, session: Session, member: Member, agreement_id: FromPath[UUID]) -> Html:
    """One agreement, to both sides and to the co-contractors that it names."""
    agreement = await agreement_seen_by(session, agreement_id, member.organisation_id)
    return await agreement_page(request, session, member, agreement)


@get("/agreements/{agreement_id:uuid}/paper", media_type="application/pdf")
async def agreement_paper(
    request: Req, session: Session, member: Member, agreement_id: FromPath[UUID]
) -> Response[bytes]:
    """The document that is signed, as a PDF in the reader's language."""
    agreement = await agreement_seen_by(session, agreement_id, member.organisation_id)
    line = shown(request, agreement, member.organisation_id)
    paper = await paper_of(session, agreement, visit_of(request).language)
    return kept_as(f"{line.paper} {line.reference}", paper.pdf)


@get("/proposals/{proposal_id:uuid}/agreement")
async def from_proposal(request: Req, session: Session, member: Member, proposal_id: FromPath[UUID]) -> Response[Any]:
    """The agreement of a proposal; where there is none yet, the form that concludes it, or who is waited for."""
    return await _from(request, session, member, OriginIds(proposal_id=proposal_id))


@get("/takings/{taking_id:uuid}/agreement")
async def from_taking(request: Req, session: Session, member: Member, taking_id: FromPath[UUID]) -> Response[Any]:
    """The same of a part of a lot."""
    return await _from(request, session, member, OriginIds(taking_id=taking_id))


@post("/proposals/{proposal_id:uuid}/agreement", status_code=303)
async def conclude(
    request: Req, session: Session, editor: Editor, *, now: Now, proposal_id: FromPath[UUID]
) -> Response[Any]:
    """Conclude it, or ask for one more milestone, which concludes nothing."""
    return await _conclude(request, session, editor, OriginIds(proposal_id=proposal_id), now)


@post("/takings/{taking_id:uuid}/agreement", status_code=303)
async def conclude_on_lot(
    request: Req, session: Session, editor: Editor, *, now: Now, taking_id: FromPath[UUID]
) -> Response[Any]:
    """The same on a part of one's lot."""
    return await _conclude(request, session, editor, OriginIds(taking_id=taking_id), now)


@get("/agreements/{agreement_id:uuid}/edit")
async def edit_form(request: Req, session: Session, editor: Editor, agreement_id: FromPath[UUID]) -> Response[Any]:
    """The form with what it says now; once both have signed, its page."""
    agreement, origin = await _written_by(session, editor, agreement_id)
    if agreement.running_at or agreement.has_ended:
        return redirect(request, f"/agreements/{agreement.id}")
    form: Form[Any] = Form(typed=typed_agreement(agreement.content), version=agreement.version)
    return _form_page(request, origin, form, agreement=agreement)


@post("/agreements/{agreement_id:uuid}", status_code=303)
async def change(
    request: Req, session: Session, editor: Editor, *, now: Now, agreement_id: FromPath[UUID]
) -> Response[Any]:
    """Let it say something else: what was signed is void."""
    agreement, origin = await _written_by(session, editor, agreement_id)
    form, adds = await _read(request)
    if form.data is not None:
        async with kept_when_refused(request, session, form):
            seen = form.version or 0
            try:
                await change_agreement(session, editor, form.data, agreement_id=agreement_id, seen=seen, now=now)
            except ChangedMeanwhile:
                # Locked by now, it is as it stands: sent again, the form puts itself in its place.
                form.refuse_when_changed(agreement.version)
            return redirect(
                request, f"/agreements/{agreement_id}", say="Accord modifié. Les deux parties sont prévenues."
            )
    return _form_page(request, origin, form, agreement=agreement, adds=adds)


async def agreement_page(
    request: Req,
    session: AsyncSession,
    reader: Identity,
    agreement: Agreement,
    *,
    signing: Form[Signing] | None = None,
    cancelling: Form[Cancelling] | None = None,
) -> Html:
    """One agreement with what its reader may do; a form that was refused comes back as it was typed."""
    language, sent = visit_of(request).language, signing or cancelling
    line = shown(request, agreement, reader.organisation_id, await signatories_of(session, agreement))
    documents = await document_hashes(session, agreement)
    taking = await taking_seen_by(session, agreement.taking_id, reader.organisation_id) if agreement.taking_id else None
    return page(
        request,
        "agreements/page.html",
        status=422 if sent and sent.errors else 200,
        line=line,
        document=documents[language],
        collection=collection_of(request, taking),
        settlements=await _settlements(request, session, agreement, reader),
        may_act=line.side is not None and reader.may(Role.EDITOR),
        may_write=line.side is Side.BUYER and reader.may(Role.EDITOR) and agreement.state == "concluded",
        signing=signing or Form(),
        cancelling=cancelling or Form(),
        reasons=options(CANCELLED_FOR, language),
        gift=await gift_of_agreement(session, agreement.id) if line.side else None,
        may_give=gives_skills(agreement),
        counts_for=await counts_for(request, session, agreement.id, reader.organisation_id),
    )


async def _settlements(
    request: Req, session: AsyncSession, agreement: Agreement, reader: Identity
) -> list[SettlementShown]:
    """What it made due, to its two sides."""
    own, now = reader.organisation_id, now_of(session)
    return [settlement_shown(request, each, own, now) for each in await settlements_under(session, agreement.id, own)]


async def _from(request: Req, session: AsyncSession, member: Identity, ids: OriginIds) -> Response[Any]:
    """The agreement that there is, or the form for its author once it may be concluded, or who is waited for."""
    origin = await origin_seen_by(session, ids, member.organisation_id)
    agreement = await agreement_from(session, origin.id)
    if agreement is not None:
        await agreement_seen_by(session, agreement.id, member.organisation_id)
        return redirect(request, f"/agreements/{agreement.id}")
    is_author = origin.author.id == member.organisation_id
    if not (is_author and member.may(Role.EDITOR) and origin.is_ready):
        return page(request, "agreements/none.html", origin=origin, is_author=is_author)
    return _form_page(request, origin, Form(typed=typed_first(origin)))


async def _conclude(
    request: Req, session: AsyncSession, editor: Identity, ids: OriginIds, now: datetime
) -> Response[Any]:
    origin = await authored_origin(session, ids, editor.organisation_id)
    form, adds = await _read(request)
    if form.data is not None:
        async with kept_when_refused(request, session, form):
            made = await conclude_agreement(session, editor, form.data, ids=ids, now=now)
            return redirect(request, f"/agreements/{made.id}", say="Accord conclu. Il reste à le signer.")
    return _form_page(request, origin, form, adds=adds)


async def _read(request: Req) -> tuple[Form[AgreementDraft], bool]:
    """The form, and whether it only asks for one more row."""
    form, adds = await read_form(request, AgreementDraft), (await request.form()).get("then") == "line"
    if adds:
        form.errors, form.data = {}, None
    return form, adds


async def _written_by(session: AsyncSession, editor: Identity, agreement_id: UUID) -> tuple[Agreement, Origin]:
    agreement = await agreement_seen_by(session, agreement_id, editor.organisation_id)
    side = agreement.side_of(editor.organisation_id)
    if side is not Side.BUYER:
        raise AuthorAloneWrites if side else AgreementUnknown
    return agreement, await origin_seen_by(session, ids_of(agreement), editor.organisation_id)


def _form_page(
    request: Req, origin: Origin, form: Form[Any], *, agreement: Agreement | None = None, adds: bool = False
) -> Html:
    typed, language = form.typed.get("milestones") or [], visit_of(request).language
    blank = max(ROWS - len(typed), 1 + adds) if len(typed) < MOST_MILESTONES else 0
    return page(
        request,
        "agreements/form.html",
        status=422 if form.errors else 200,
        origin=origin,
        lines=lines_of(request, origin),
        agreement=agreement,
        form=form,
        errors=named_errors(request, form.errors, TITLES),
        rows=[*typed, *({} for _ in range(blank))][:MOST_MILESTONES],
        natures=nature_options(request, is_lot=origin.taking is not None),
        givers=[(Side.BUYER, origin.author.name), (Side.SUPPLIER, origin.partner.name)],
        focuses=options(FOCUSES, language),
        is_signed=agreement is not None and any(map(agreement.signature_of, Side)),
    )


ROUTES = [
    agreements_list,
    show_agreement,
    agreement_paper,
    from_proposal,
    from_taking,
    conclude,
    conclude_on_lot,
    edit_form,
    change,
]
