"""The holder's projects, a new one, and the number of one that was founded."""

from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath
from litestar.types import ControllerRouterHandler

from services.catalog.accounts.entering import HOME_AFTER_SIGN_IN, begin_session
from services.catalog.accounts.queries import account_of, memberships
from services.catalog.organisations.models import Organisation
from services.catalog.organisations.places import place_words
from services.catalog.organisations.queries import organisation_by_id
from services.catalog.projects.commands import begin_project, give_number, join_project, may_hold
from services.catalog.projects.errors import HoldersOnly, NotAProject
from services.catalog.projects.queries import projects_of
from services.catalog.projects.schemas import NumberGiven, ProjectFacts
from shared.database.acting import act
from shared.phrases.names import ORGANISATION_ROLES, named
from shared.web.forms import Form, kept_when_refused, read_form
from shared.web.pages import Html, Req, page, redirect
from shared.web.provided import Editor, Member, Now, Session
from shared.web.visit import visit_of

OPEN_ROLES = ("buyer", "ess", "publisher")


@get("/projects")
async def held_projects(request: Req, session: Session, member: Member) -> Html:
    """What one's organisation holds, and for which of them one acts."""
    if not may_hold(member):
        raise HoldersOnly
    projects = await projects_of(session, member.organisation_id)
    account = await account_of(session, member.member_id)
    await act(session, account=account.id)
    mine = {each.organisation_id for each in await memberships(session, account.id)}
    return page(
        request,
        "projects/list.html",
        projects=[(each, place_words(each.place), each.id in mine) for each in projects],
    )


@get("/projects/new")
async def new_project(request: Req, editor: Editor) -> Html:
    """A project to be begun."""
    if not may_hold(editor):
        raise HoldersOnly
    return _project_page(request, Form(typed={"roles": []}))


@post("/projects/new", status_code=303)
async def begin_here(request: Req, session: Session, editor: Editor, now: Now) -> Response[Any]:
    """Begin it."""
    form = await read_form(request, ProjectFacts)
    if form.data is not None:
        async with kept_when_refused(request, session, form):
            await begin_project(session, editor, form.data, now=now)
    if form.errors:
        return _project_page(request, form)
    return redirect(request, "/projects", say="Projet créé. Agissez pour lui : invitez ses personnes, publiez.")


@post("/projects/{project_id:uuid}/join", status_code=303)
async def join_here(
    request: Req, session: Session, editor: Editor, now: Now, project_id: FromPath[UUID]
) -> Response[Any]:
    """Act for a project that one's organisation holds."""
    member = await join_project(session, editor, project_id=project_id, now=now)
    await begin_session(request, session, editor, member, now=now)
    return redirect(request, HOME_AFTER_SIGN_IN, say="Vous agissez maintenant pour ce projet.")


@get("/organisation/siret")
async def number_form(request: Req, session: Session, editor: Editor) -> Html:
    """The number of a project that was founded."""
    return _number_page(request, await _own_project(session, editor.organisation_id), Form())


@post("/organisation/siret", status_code=303)
async def give_here(request: Req, session: Session, editor: Editor, now: Now) -> Response[Any]:
    """Give it its number."""
    project = await _own_project(session, editor.organisation_id)
    form = await read_form(request, NumberGiven)
    if form.data is not None:
        async with kept_when_refused(request, session, form):
            await give_number(session, editor, form.data.siret, now=now)
    if form.errors:
        return _number_page(request, project, form)
    return redirect(request, "/organisation", say="C'est noté : le projet est une structure comme les autres.")


async def _own_project(session: Session, organisation_id: UUID) -> Organisation:
    organisation = await organisation_by_id(session, organisation_id)
    if organisation is None or not organisation.is_project:
        raise NotAProject
    return organisation


def _project_page(request: Req, form: Form[ProjectFacts]) -> Html:
    language = visit_of(request).language
    return page(
        request,
        "projects/new.html",
        status=422 if form.errors else 200,
        form=form,
        role_options=[(role, named(ORGANISATION_ROLES, role, language)) for role in OPEN_ROLES],
    )


def _number_page(request: Req, project: Organisation, form: Form[NumberGiven]) -> Html:
    return page(request, "projects/number.html", status=422 if form.errors else 200, form=form, project=project)


ROUTES: list[ControllerRouterHandler] = [held_projects, new_project, begin_here, join_here, number_form, give_here]
