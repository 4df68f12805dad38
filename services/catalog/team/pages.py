"""The team page: who acts for the organisation, who is invited, and what owners do about it."""

from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath
from litestar.types import ControllerRouterHandler
from sqlalchemy.ext.asyncio import AsyncSession

from services.catalog.accounts.entering import begin_session, forget_session
from services.catalog.claims.queries import requests_to
from services.catalog.team.commands import another_membership, change_role, take_out
from services.catalog.team.inviting import invite, invite_again, owners_only, withdraw_invitation
from services.catalog.team.queries import pending_invitations, people_of
from services.catalog.team.schemas import Invited, RoleWanted
from shared.identity import Identity, Role
from shared.phrases.names import MEMBER_ROLES, named, options
from shared.refusal import Refusal
from shared.web.forms import Form, kept_when_refused, read_form
from shared.web.pages import Html, Req, gettext, page, redirect
from shared.web.provided import Member, Now, Session
from shared.web.visit import visit_of

TEAM = "/organisation/team"


@get(TEAM)
async def show_team(request: Req, session: Session, member: Member) -> Html:
    """Everybody who acts for the organisation; for its owners, who is invited too."""
    return await _team_page(request, session, member, Form(typed={"role": Role.EDITOR}))


@post(f"{TEAM}/invitations", status_code=303)
async def send_invitation(request: Req, session: Session, member: Member, now: Now) -> Response[Any]:
    """Send somebody a letter that lets them join."""
    owners_only(member)
    form = await read_form(request, Invited)
    if form.data is not None:
        async with kept_when_refused(request, session, form):
            await invite(session, member, form.data, language=visit_of(request).language, now=now)
    if form.errors:
        return await _team_page(request, session, member, form)
    return _sent(request)


@post(f"{TEAM}/invitations/{{invitation_id:uuid}}/resend", status_code=303)
async def send_again(
    request: Req, session: Session, member: Member, now: Now, invitation_id: FromPath[UUID]
) -> Response[Any]:
    """Send the letter once more."""
    try:
        await invite_again(session, member, invitation_id=invitation_id, now=now)
    except Refusal as refusal:
        return _said(request, refusal, "invitations")
    return _sent(request)


@post(f"{TEAM}/invitations/{{invitation_id:uuid}}/withdraw", status_code=303)
async def take_back(
    request: Req, session: Session, member: Member, now: Now, invitation_id: FromPath[UUID]
) -> Response[Any]:
    """Take an invitation back."""
    await withdraw_invitation(session, member, invitation_id=invitation_id, now=now)
    return redirect(request, f"{TEAM}#invitations", say="Invitation retirée : son lien n'ouvre plus rien.")


@post(f"{TEAM}/{{member_id:uuid}}/role", status_code=303)
async def give_role(request: Req, session: Session, member: Member, member_id: FromPath[UUID]) -> Response[Any]:
    """Let somebody do more, or less."""
    form = await read_form(request, RoleWanted)
    if form.data is None:
        return redirect(request, TEAM, say=next(iter(form.errors.values())), kind="error")
    try:
        await change_role(session, member, form.data.role, member_id=member_id)
    except Refusal as refusal:
        return _said(request, refusal, "team")
    return redirect(request, TEAM, say="Rôle changé.")


@post(f"{TEAM}/{{member_id:uuid}}/remove", status_code=303)
async def remove(request: Req, session: Session, member: Member, now: Now, member_id: FromPath[UUID]) -> Response[Any]:
    """Take somebody out of the team; oneself is leaving."""
    if member_id == member.member_id:
        return await _leave(request, session, member, now=now)
    try:
        await take_out(session, member, member_id=member_id, now=now)
    except Refusal as refusal:
        return _said(request, refusal, "team")
    return redirect(request, TEAM, say="Cette personne ne fait plus partie de l'équipe, et ses sessions sont fermées.")


@post(f"{TEAM}/leave", status_code=303)
async def leave_team(request: Req, session: Session, member: Member, now: Now) -> Response[Any]:
    """Leave, and go on for another organisation where there is one."""
    return await _leave(request, session, member, now=now)


async def _leave(request: Req, session: AsyncSession, member: Identity, *, now: Any) -> Response[Any]:
    try:
        await take_out(session, member, member_id=member.member_id, now=now)
    except Refusal as refusal:
        return _said(request, refusal, "team")
    other = await another_membership(session, member)
    if other is None:
        forget_session(request)
        return redirect(request, "/", say="Vous avez quitté l'équipe, et vous êtes déconnecté.")
    await begin_session(request, session, None, other, now=now)
    return redirect(request, "/dashboard", say="Vous avez quitté l'équipe. Vous agissez pour une autre structure.")


async def _team_page(request: Req, session: AsyncSession, member: Identity, form: Form[Invited]) -> Html:
    language, is_owner = visit_of(request).language, member.role is Role.OWNER
    people = await people_of(session, member.organisation_id)
    return page(
        request,
        "team/team.html",
        status=422 if form.errors else 200,
        form=form,
        people=[(each, named(MEMBER_ROLES, each.role, language)) for each in people],
        is_owner=is_owner,
        is_last_owner=is_owner and sum(each.role == Role.OWNER for each in people) == 1,
        invitations=[
            (each, named(MEMBER_ROLES, each.role, language))
            for each in (await pending_invitations(session, member.organisation_id) if is_owner else ())
        ],
        requests=await requests_to(session, member.organisation_id) if is_owner else [],
        role_options=options(MEMBER_ROLES, language),
    )


def _sent(request: Req) -> Response[Any]:
    where = f"{TEAM}#invitations"
    if not request.app.state.settings.sends_mail:
        return redirect(
            request,
            where,
            say="Aucune lettre ne part d'ici : « boucle mail show » en donne le lien à qui administre Boucle.",
            kind="info",
        )
    return redirect(request, where, say="L'invitation est partie. Son lien est valable sept jours.")


def _said(request: Req, refusal: Refusal, where: str) -> Response[Any]:
    """What a rule refuses to a button, which has no form to be said in; what is not there at all is raised."""
    if refusal.field is None:
        raise refusal
    said = gettext(request, refusal.sentence).format(**refusal.values)
    return redirect(request, f"{TEAM}#{where}", say=said, kind="error")


ROUTES: list[ControllerRouterHandler] = [
    show_team,
    send_invitation,
    send_again,
    take_back,
    give_role,
    remove,
    leave_team,
]
