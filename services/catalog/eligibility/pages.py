"""The three facts on pages: declared by an organisation, looked at by a coordinator."""

from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath
from sqlalchemy.ext.asyncio import AsyncSession

from services.catalog.eligibility.commands import declare_fact, judge_fact
from services.catalog.eligibility.errors import FactUnknown
from services.catalog.eligibility.queries import facts_waiting
from services.catalog.eligibility.schemas import Declaring, Looking, Standing, standing_of
from services.catalog.eligibility.view import facts_shown
from services.catalog.organisations.errors import OrganisationToCheckUnknown
from services.catalog.organisations.queries import organisation_acting, organisation_by_id
from shared.clock import day_of
from shared.database import now_of
from shared.identity import Identity, Role
from shared.web.forms import Form, kept_when_refused, read_form
from shared.web.pages import Html, Req, page, redirect
from shared.web.provided import Coordinator, Editor, Member, Now, Session

HOME = "/organisation/eligibility"
TERRITORY = "/territory/eligibility"


@get(HOME)
async def own_facts(request: Req, session: Session, member: Member) -> Html:
    """What one's legal entity may issue or receive, and how far each is."""
    return await _own_page(request, session, member, "", Form())


@post(HOME, status_code=303)
async def declare(request: Req, session: Session, editor: Editor, now: Now) -> Response[Any]:
    """Declare one of them."""
    form = await read_form(request, Declaring)
    if form.data is not None:
        async with kept_when_refused(request, session, form):
            await declare_fact(session, editor, form.data, now=now)
            return redirect(
                request, f"{HOME}#{form.data.code}", say="Déclaré. Un coordinateur du territoire le vérifie."
            )
    return await _own_page(request, session, editor, str(form.typed.get("code", "")), form)


@get(TERRITORY)
async def waiting_facts(request: Req, session: Session, coordinator: Coordinator) -> Html:
    """What waits for a look, organisation by organisation."""
    return await _waiting_page(request, session, None, "", Form())


@post("/territory/organisations/{organisation_id:uuid}/eligibility", status_code=303)
async def judge(
    request: Req, session: Session, coordinator: Coordinator, *, now: Now, organisation_id: FromPath[UUID]
) -> Response[Any]:
    """Say what one found about one fact."""
    if await organisation_by_id(session, organisation_id) is None:
        raise OrganisationToCheckUnknown
    form = await read_form(request, Looking)
    if form.data is not None:
        async with kept_when_refused(request, session, form):
            await judge_fact(session, coordinator, form.data, organisation_id=organisation_id, now=now)
            return redirect(request, TERRITORY, say="C'est noté, et la structure est prévenue.")
    return await _waiting_page(request, session, organisation_id, str(form.typed.get("code", "")), form)


async def _own_page(request: Req, session: AsyncSession, member: Identity, code: str, form: Form[Declaring]) -> Html:
    organisation = await organisation_acting(session, member.organisation_id)
    facts = facts_shown(request, organisation.legal_entity, day_of(now_of(session)))
    if code and code not in {each.code for each in facts}:
        raise FactUnknown
    return page(
        request,
        "eligibility/own.html",
        status=422 if form.errors else 200,
        facts=facts,
        code=code,
        form=form,
        may_declare=member.role is Role.OWNER,
    )


async def _waiting_page(
    request: Req, session: AsyncSession, organisation_id: UUID | None, code: str, form: Form[Looking]
) -> Html:
    today = day_of(now_of(session))
    lines = [
        (organisation, each)
        for organisation in await facts_waiting(session)
        for each in facts_shown(request, organisation.legal_entity, today)
        if each.fact and each.article and standing_of(each.fact, today) is Standing.DECLARED
    ]
    return page(
        request,
        "eligibility/waiting.html",
        status=422 if form.errors else 200,
        lines=lines,
        judged=(organisation_id, code),
        form=form,
    )


ROUTES = [own_facts, declare, waiting_facts, judge]
