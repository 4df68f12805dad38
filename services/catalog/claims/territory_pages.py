"""The coordinator's look at a claim: both sides, the evidence, a letter on paper, and the answer."""

from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath
from litestar.types import ControllerRouterHandler
from sqlalchemy.ext.asyncio import AsyncSession

from services.catalog.accounts.queries import team_of
from services.catalog.claims.answering import decide
from services.catalog.claims.errors import LetterMissing
from services.catalog.claims.models import Claim, Way
from services.catalog.claims.proving import print_letter
from services.catalog.claims.queries import asked_by, claim_for_the_territory, claim_for_update
from services.catalog.claims.schemas import Answer, Decision
from services.catalog.claims.view import claim_badge, code_is_open
from services.catalog.files.models import Purpose
from services.catalog.files.queries import file_of, files_of
from services.catalog.files.sending import answer_with, store_of
from services.catalog.files.view import lines_of
from services.catalog.organisations.proof import PROOFS
from services.catalog.organisations.view import facts_of, state_badge
from shared.database.acting import act
from shared.identity import LinkKeys
from shared.phrases.names import MEMBER_ROLES, named
from shared.web.forms import Form, kept_when_refused, read_form
from shared.web.pages import Html, Req, gettext, page, redirect
from shared.web.provided import Coordinator, Now, Session
from shared.web.visit import visit_of

CLAIM = "/territory/claims/{claim_id:uuid}"


@get(CLAIM)
async def look_at_claim(
    request: Req, session: Session, coordinator: Coordinator, now: Now, claim_id: FromPath[UUID]
) -> Html:
    """Who asks, who is there already, what was sent, and the answer to give."""
    return await _look(request, session, Form(), claim_id=claim_id, now=now)


@post(CLAIM, status_code=303)
async def answer_claim(
    request: Req, session: Session, coordinator: Coordinator, *, now: Now, claim_id: FromPath[UUID]
) -> Response[Any]:
    """Give the answer."""
    form = await read_form(request, Decision)
    if form.data is not None:
        async with kept_when_refused(request, session, form):
            await decide(session, coordinator, form.data, claim_id=claim_id, now=now)
    if form.errors:
        await act(session, org=coordinator.organisation_id, member=coordinator.member_id)
        return await _look(request, session, form, claim_id=claim_id, now=now)
    return redirect(request, "/territory#claims", say="Réponse enregistrée, et dite à la personne.")


@get(f"{CLAIM}/files/{{file_id:uuid}}")
async def claim_evidence(
    request: Req, session: Session, coordinator: Coordinator, *, claim_id: FromPath[UUID], file_id: FromPath[UUID]
) -> Response[Any]:
    """What the claimant sent."""
    await claim_for_the_territory(session, claim_id)
    return await answer_with(store_of(request), await file_of(session, claim_id, file_id))


@post(f"{CLAIM}/letter", status_code=303)
async def make_letter(
    request: Req, session: Session, coordinator: Coordinator, now: Now, claim_id: FromPath[UUID]
) -> Response[Any]:
    """Make a letter on paper with a new code; the one before opens nothing any more."""
    claim, _ = await claim_for_the_territory(session, claim_id)
    await act(session, org=claim.organisation_id)
    await print_letter(session, coordinator, await claim_for_update(session, claim_id), now=now)
    return redirect(request, f"/territory/claims/{claim_id}/letter")


@get(f"{CLAIM}/letter")
async def show_paper(
    request: Req, session: Session, coordinator: Coordinator, now: Now, claim_id: FromPath[UUID]
) -> Html:
    """The letter, to be printed and posted to the organisation's official address."""
    claim, organisation = await claim_for_the_territory(session, claim_id)
    if claim.code_id is None or not code_is_open(claim, now):
        raise LetterMissing
    keys: LinkKeys = request.app.state.link_keys
    code = keys.code(claim.code_id)
    answer = page(
        request,
        "claims/paper.html",
        claim=claim,
        organisation=organisation,
        code=f"{code[:4]}-{code[4:]}",
        site=request.app.state.settings.public_url,
    )
    answer.headers["cache-control"] = "no-store"
    return answer


async def _look(request: Req, session: AsyncSession, form: Form[Decision], *, claim_id: UUID, now: datetime) -> Html:
    asked = await claim_for_the_territory(session, claim_id)
    claim, organisation = asked
    language = visit_of(request).language
    sent = await files_of(session, claim.id, Purpose.EVIDENCE)
    await act(session, org=organisation.id)
    _, account = await asked_by(session, claim)
    team = [
        (name, named(MEMBER_ROLES, role, language), at) for _, name, role, at in await team_of(session, organisation.id)
    ]
    return page(
        request,
        "claims/territory.html",
        status=422 if form.errors else 200,
        form=form,
        claim=claim,
        organisation=organisation,
        badge=claim_badge(request, claim),
        state_badge=state_badge(request, organisation),
        facts=facts_of(request, organisation),
        account=account,
        team=team,
        evidence=lines_of(sent, language),
        has_letter=claim.code_id is not None and code_is_open(claim, now),
        answers=_answers(request, claim),
        proof_options=[("", gettext(request, "Choisir")), *((code, gettext(request, w)) for code, w in PROOFS.items())],
    )


def _answers(request: Req, claim: Claim) -> list[tuple[str, str]]:
    say = partial(gettext, request)
    if claim.way is Way.PROOF:
        return [(Answer.BESIDE, say("Responsable")), (Answer.REFUSED, say("Rien : demande refusée"))]
    return [
        (Answer.BESIDE, say("Responsable, avec l'équipe en place")),
        (Answer.INSTEAD, say("Responsable, à la place de l'équipe en place")),
        (Answer.REFUSED, say("Rien : demande refusée")),
    ]


ROUTES: list[ControllerRouterHandler] = [look_at_claim, answer_claim, claim_evidence, make_letter, show_paper]
