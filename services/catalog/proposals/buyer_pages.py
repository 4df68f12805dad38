"""Proposals to one's own need beside each other, their export, and the choice."""

import asyncio
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath, FromQuery
from pydantic import ValidationError
from sqlalchemy.ext.asyncio import AsyncSession

from services.catalog.needs.errors import NeedUnknown
from services.catalog.needs.models import Need
from services.catalog.needs.queries import need_seen_by
from services.catalog.proposals.comparing import compared
from services.catalog.proposals.deciding import accept_proposal, reject_proposal, reject_the_others
from services.catalog.proposals.errors import ProposalUnknown
from services.catalog.proposals.evidence import evidence_of
from services.catalog.proposals.exporting import headings_of, row_of
from services.catalog.proposals.models import Proposal, ProposalState
from services.catalog.proposals.pages import proposal_page, refused_options
from services.catalog.proposals.queries import proposal_seen_by, proposals_to
from services.catalog.proposals.schemas import Choice, Refused, WeightsAsked
from services.catalog.proposals.view import compared_line, named_errors, shown
from shared.clock import day_of
from shared.database import now_of
from shared.identity import Identity, Role
from shared.phrases.dealings import CRITERIA
from shared.phrases.names import options
from shared.web.forms import Form, field_errors, kept_when_refused, read_form
from shared.web.pages import Html, Req, gettext, page, redirect
from shared.web.provided import Editor, Member, Now, Session
from shared.web.tables import Form as Sheet
from shared.web.tables import download, written
from shared.web.visit import visit_of


@get("/needs/{need_id:uuid}/proposals")
async def compare(request: Req, session: Session, member: Member, need_id: FromPath[UUID]) -> Html:
    """What one's own need was proposed, best first under the weights of the address."""
    need = await _own_need(session, member, need_id)
    return await _compare_page(request, session, member, need, Form())


@get("/needs/{need_id:uuid}/proposals/file")
async def export(
    request: Req, session: Session, member: Member, *, need_id: FromPath[UUID], form: FromQuery[Sheet] = Sheet.CSV
) -> Response[Any]:
    """The same table as a file, under the same weights."""
    need, language = await _own_need(session, member, need_id), visit_of(request).language
    lines = compared(need, await proposals_to(session, need), _weights(_weights_asked(request)).weights())
    rows = [row_of(request, line) for line in lines]
    content = await asyncio.to_thread(written, form, "propositions", headings_of(request, language), rows)
    return download(content, f"boucle-propositions-{day_of(now_of(session)).isoformat()}", form)


@post("/needs/{need_id:uuid}/proposals/reject", status_code=303)
async def reject_others(request: Req, session: Session, editor: Editor, need_id: FromPath[UUID]) -> Response[Any]:
    """Tell everybody who still waits that another was chosen, or why nobody is."""
    need, form = await _own_need(session, editor, need_id), await read_form(request, Refused)
    if form.data is not None:
        async with kept_when_refused(request, session, form):
            await reject_the_others(session, editor, form.data, need_id=need.id, now=now_of(session))
    if form.data is None or form.errors:
        return await _compare_page(request, session, editor, need, form)
    return redirect(request, f"/needs/{need_id}/proposals", say="Chaque structure est prévenue, avec votre raison.")


@post("/proposals/{proposal_id:uuid}/accept", status_code=303)
async def accept(
    request: Req, session: Session, editor: Editor, *, now: Now, proposal_id: FromPath[UUID]
) -> Response[Any]:
    """Choose a proposal, with the reason."""
    form = await read_form(request, Choice)
    if form.data is not None:
        async with kept_when_refused(request, session, form):
            seen = form.version or 0
            await accept_proposal(session, editor, form.data, proposal_id=proposal_id, seen=seen, now=now)
    proposal = await _to_own_need(session, editor, proposal_id)
    if form.data is None or form.errors:
        return await proposal_page(request, session, editor, proposal, choosing=form)
    return redirect(request, f"/needs/{proposal.need_id}/proposals", say="Proposition choisie. La structure le sait.")


@post("/proposals/{proposal_id:uuid}/reject", status_code=303)
async def reject(
    request: Req, session: Session, editor: Editor, *, now: Now, proposal_id: FromPath[UUID]
) -> Response[Any]:
    """Choose a proposal not, with the reason."""
    form = await read_form(request, Refused)
    if form.data is not None:
        async with kept_when_refused(request, session, form):
            seen = form.version or 0
            await reject_proposal(session, editor, form.data, proposal_id=proposal_id, seen=seen, now=now)
    proposal = await _to_own_need(session, editor, proposal_id)
    if form.data is None or form.errors:
        return await proposal_page(request, session, editor, proposal, refusing=form)
    return redirect(request, f"/needs/{proposal.need_id}/proposals", say="Réponse envoyée, avec votre raison.")


async def _own_need(session: AsyncSession, member: Identity, need_id: UUID) -> Need:
    need = await need_seen_by(session, need_id, member.organisation_id)
    if need.organisation_id != member.organisation_id:
        raise NeedUnknown
    return need


async def _to_own_need(session: AsyncSession, member: Identity, proposal_id: UUID) -> Proposal:
    proposal = await proposal_seen_by(session, proposal_id, member.organisation_id)
    if proposal.need.organisation_id != member.organisation_id:
        raise ProposalUnknown
    return proposal


def _weights_asked(request: Req) -> Form[WeightsAsked]:
    """What the address says; where it cannot be read, the form keeps it and says why."""
    typed = {name: request.query_params[name] for name in WeightsAsked.model_fields if name in request.query_params}
    form: Form[WeightsAsked] = Form(typed=dict(typed))
    try:
        form.data = WeightsAsked.model_validate({name: value for name, value in typed.items() if value})
    except ValidationError as error:
        form.errors = field_errors(error, lambda sentence: gettext(request, sentence))
    return form


def _weights(form: Form[WeightsAsked]) -> WeightsAsked:
    return form.data or WeightsAsked()


async def _compare_page(request: Req, session: AsyncSession, member: Identity, need: Need, refusing: Form[Any]) -> Html:
    today, language = day_of(now_of(session)), visit_of(request).language
    asked = _weights_asked(request)
    weighed = _weights(asked)
    proposals = await proposals_to(session, need)
    files = await evidence_of(session, proposals, member.organisation_id)
    return page(
        request,
        "proposals/compare.html",
        status=422 if asked.errors or refusing.errors else 200,
        need=need,
        lines=[compared_line(request, line, today) for line in compared(need, proposals, weighed.weights())],
        refused=[
            shown(request, each, today, reader_id=member.organisation_id)
            for each in proposals
            if each.state is ProposalState.REJECTED
        ],
        documents={each.id: len(files.get(each.id, ())) for each in proposals},
        criteria=options(CRITERIA, language),
        weights=asked,
        weight_errors=named_errors(request, asked.errors),
        weighed=weighed,
        address_of_weights=urlencode(weighed.model_dump()),
        refusing=refusing,
        refused_options=refused_options(language),
        waiting=sum(each.stands for each in proposals),
        may_act=member.may(Role.EDITOR),
    )


ROUTES = [compare, export, reject_others, accept, reject]
