"""A supplier's proposals and their form; and one proposal, to everybody who may read it."""

from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath, FromQuery
from sqlalchemy.ext.asyncio import AsyncSession

from services.catalog.answers.view import may_answer
from services.catalog.files.view import lines_of
from services.catalog.needs.models import Need
from services.catalog.needs.queries import need_seen_by
from services.catalog.proposals.commands import answer_participation, make_proposal, withdraw_proposal
from services.catalog.proposals.errors import ProposalUnknown
from services.catalog.proposals.evidence import evidence_of, may_attach
from services.catalog.proposals.models import Proposal, ProposalState
from services.catalog.proposals.queries import proposal_seen_by, proposal_to, proposals_of
from services.catalog.proposals.schemas import MOST_LINES, Choice, ProposalDraft, Refused, TakesPart
from services.catalog.proposals.view import named_errors, shown, typed_proposal
from shared.clock import day_of
from shared.database import now_of
from shared.identity import Identity, Role
from shared.phrases.dealings import CHOSEN, COMMITMENTS, NOT_CHOSEN
from shared.phrases.names import options
from shared.web.cursors import cut
from shared.web.forms import Form, kept_when_refused, read_form
from shared.web.pages import Html, Req, page, redirect
from shared.web.provided import Editor, Member, Now, Session
from shared.web.visit import visit_of

PAGE = 100
# Rows without anything typed that a form ends with, and how many it shows at least.
BLANK, ROWS = 1, 3
# Said by the machine alone.
BY_MACHINE = "need_ended"


@get("/proposals")
async def own_proposals(request: Req, session: Session, member: Member, before: FromQuery[UUID | None] = None) -> Html:
    """What one's organisation proposed."""
    found, last = cut(await proposals_of(session, member.organisation_id, before=before, limit=PAGE + 1), PAGE)
    today = day_of(now_of(session))
    lines = [shown(request, each, today, reader_id=member.organisation_id) for each in found]
    following = f"/proposals?before={last.id}" if last else None
    return page(request, "proposals/own.html", lines=lines, following=following)


@get("/proposals/{proposal_id:uuid}")
async def show_proposal(request: Req, session: Session, member: Member, proposal_id: FromPath[UUID]) -> Html:
    """One proposal, to whose it is, whose need it is for, and who is named in it."""
    proposal = await proposal_seen_by(session, proposal_id, member.organisation_id)
    return await proposal_page(request, session, member, proposal)


@get("/needs/{need_id:uuid}/proposal")
async def proposal_form(request: Req, session: Session, editor: Editor, need_id: FromPath[UUID]) -> Response[Any]:
    """The form, with what was proposed so far; what was decided is read on a page of its own."""
    need = await need_seen_by(session, need_id, editor.organisation_id)
    proposal = await proposal_to(session, need_id, editor.organisation_id)
    if proposal is not None and proposal.is_settled:
        return redirect(request, f"/proposals/{proposal.id}")
    return _form_page(request, session, editor, need, Form(typed=typed_proposal(proposal)), proposal=proposal)


@post("/needs/{need_id:uuid}/proposal", status_code=303)
async def propose(request: Req, session: Session, editor: Editor, need_id: FromPath[UUID]) -> Response[Any]:
    """Propose, propose anew, or ask for one more line, which sends nothing."""
    need = await need_seen_by(session, need_id, editor.organisation_id)
    form, adds = await read_form(request, ProposalDraft), (await request.form()).get("then") == "line"
    if adds:
        form.errors, form.data = {}, None
    if form.data is not None:
        async with kept_when_refused(request, session, form):
            now = now_of(session)
            made = await make_proposal(session, editor, form.data, need_id=need_id, seen=form.version or 0, now=now)
            return redirect(request, f"/proposals/{made.id}", say="Proposition envoyée.")
    proposal = await proposal_to(session, need_id, editor.organisation_id)
    return _form_page(request, session, editor, need, form, proposal=proposal, adds=adds)


@post("/needs/{need_id:uuid}/proposal/withdraw", status_code=303)
async def withdraw(request: Req, session: Session, editor: Editor, now: Now, need_id: FromPath[UUID]) -> Response[Any]:
    """Take the proposal back."""
    form = await read_form(request, Choice)
    proposal = await proposal_to(session, need_id, editor.organisation_id)
    if proposal is None:
        raise ProposalUnknown
    await withdraw_proposal(session, editor, proposal_id=proposal.id, seen=form.version, now=now)
    return redirect(request, f"/needs/{need_id}", say="Proposition retirée. Vous restez intéressés.")


@post("/proposals/{proposal_id:uuid}/participation", status_code=303)
async def take_part(
    request: Req, session: Session, editor: Editor, *, now: Now, proposal_id: FromPath[UUID]
) -> Response[Any]:
    """Whether one's organisation takes part in a proposal that names it."""
    form = await read_form(request, TakesPart)
    if form.data is None:
        proposal = await proposal_seen_by(session, proposal_id, editor.organisation_id)
        return await proposal_page(request, session, editor, proposal, errors=form.errors)
    takes_part = form.data.takes_part
    await answer_participation(
        session, editor, proposal_id=proposal_id, takes_part=takes_part, seen=form.version or 0, now=now
    )
    return redirect(
        request,
        f"/proposals/{proposal_id}",
        say="Vous participez à cette proposition." if takes_part else "Vous ne participez pas à cette proposition.",
    )


async def proposal_page(
    request: Req,
    session: AsyncSession,
    reader: Identity,
    proposal: Proposal,
    *,
    choosing: Form[Choice] | None = None,
    refusing: Form[Refused] | None = None,
    errors: dict[str, str] | None = None,
) -> Html:
    """One proposal with what its reader may do; a form that was refused comes back as it was typed."""
    language, today = visit_of(request).language, day_of(now_of(session))
    sent = choosing or refusing
    files = await evidence_of(session, [proposal], reader.organisation_id)
    return page(
        request,
        "proposals/page.html",
        status=422 if errors or (sent and sent.errors) else 200,
        line=shown(request, proposal, today, reader_id=reader.organisation_id),
        need=proposal.need,
        is_own=proposal.organisation_id == reader.organisation_id,
        is_buyer=proposal.need.organisation_id == reader.organisation_id,
        part=next((each for each in proposal.participations if each.organisation_id == reader.organisation_id), None),
        may_act=reader.may(Role.EDITOR),
        documents=lines_of(files.get(proposal.id, ()), language),
        may_attach=may_attach(proposal),
        errors=errors or {},
        choosing=choosing or Form(),
        refusing=refusing or Form(),
        chosen_options=options(CHOSEN, language),
        refused_options=refused_options(language),
    )


def refused_options(language: str) -> list[tuple[str, str]]:
    """Why a proposal is not chosen, as a person may say it."""
    return [each for each in options(NOT_CHOSEN, language) if each[0] != BY_MACHINE]


def _form_page(
    request: Req,
    session: AsyncSession,
    editor: Identity,
    need: Need,
    form: Form[Any],
    *,
    proposal: Proposal | None,
    adds: bool = False,
) -> Html:
    today = day_of(now_of(session))
    typed = form.typed.get("lines") or []
    blank = max(ROWS - len(typed), BLANK + adds) if len(typed) < MOST_LINES else 0
    is_there = proposal is not None and proposal.state is ProposalState.MADE
    is_foreign = need.organisation_id != editor.organisation_id
    return page(
        request,
        "proposals/form.html",
        status=422 if form.errors else 200,
        need=need,
        form=form,
        errors=named_errors(request, form.errors),
        rows=[*typed, *({} for _ in range(blank))],
        proposal=proposal if is_there else None,
        version=proposal.version if proposal else 0,
        may_propose=is_foreign and (may_answer(need, editor, today) or (proposal is not None and need.is_open)),
        commitments=options(COMMITMENTS, visit_of(request).language),
    )


ROUTES = [own_proposals, show_proposal, proposal_form, propose, withdraw, take_part]
