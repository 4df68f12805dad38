"""Teams, invitations and one's own memberships as JSON."""

from uuid import UUID

from litestar import Router, get, patch, post
from litestar.params import FromPath, JSONBody
from msgspec import Struct

from services.catalog.accounts.queries import account_of
from services.catalog.team.commands import change_role, take_out
from services.catalog.team.inviting import invite, invite_again, owners_only, withdraw_invitation
from services.catalog.team.queries import invitation_of, pending_invitations, people_of, person_of, places_of
from services.catalog.team.schemas import InvitationOut, Invited, MemberOut, PlaceOut, RoleWanted
from shared.database.acting import act
from shared.web.cursors import Cursor, Limit, listed, place_of
from shared.web.pages import Req
from shared.web.provided import Editor, Member, Now, Session
from shared.web.transactions import ONCE, SEEN
from shared.web.visit import visit_of


class Team(Struct, frozen=True):
    """One page of who acts for the organisation; `next` is the cursor of the following one."""

    items: list[MemberOut]
    next: str | None


class Invitations(Struct, frozen=True):
    """One page of the invitations that wait for an answer."""

    items: list[InvitationOut]
    next: str | None


class Memberships(Struct, frozen=True):
    """One page of the organisations that one may act for."""

    items: list[PlaceOut]
    next: str | None


@get("/")
async def list_team(session: Session, member: Member, cursor: Cursor = None, limit: Limit = 50) -> Team:
    """Who acts for the organisation, the first to join first."""
    rows = await people_of(session, member.organisation_id, after=place_of(cursor, UUID), limit=limit + 1)
    return Team(*listed(rows, limit, MemberOut.of))


@get("/{member_id:uuid}")
async def read_member(session: Session, member: Member, member_id: FromPath[UUID]) -> MemberOut:
    """One member of one's own team."""
    return MemberOut.of(await person_of(session, member.organisation_id, member_id))


@patch("/{member_id:uuid}", dependencies=SEEN)
async def change_member(
    session: Session, editor: Editor, member_id: FromPath[UUID], data: JSONBody[RoleWanted]
) -> MemberOut:
    """Give a member another role; owners only."""
    await change_role(session, editor, data.role, member_id=member_id)
    return MemberOut.of(await person_of(session, editor.organisation_id, member_id))


@post("/{member_id:uuid}/remove", status_code=200, dependencies=SEEN)
async def remove_member(session: Session, editor: Editor, now: Now, member_id: FromPath[UUID]) -> MemberOut:
    """Take a member out of the team (owners only), or leave it: the answer is the member as they were."""
    person = await person_of(session, editor.organisation_id, member_id)
    await take_out(session, editor, member_id=member_id, now=now)
    return MemberOut.of(person)


@get("/")
async def list_invitations(session: Session, editor: Editor, cursor: Cursor = None, limit: Limit = 50) -> Invitations:
    """The invitations that wait for an answer, the newest first; owners only."""
    owners_only(editor)
    rows = await pending_invitations(session, editor.organisation_id, before=place_of(cursor, UUID), limit=limit + 1)
    return Invitations(*listed(rows, limit, InvitationOut.of))


@get("/{invitation_id:uuid}")
async def read_invitation(session: Session, editor: Editor, invitation_id: FromPath[UUID]) -> InvitationOut:
    """One invitation that waits for an answer; owners only."""
    owners_only(editor)
    return InvitationOut.of(await invitation_of(session, editor.organisation_id, invitation_id))


@post("/", dependencies=ONCE)
async def create_invitation(
    request: Req, session: Session, editor: Editor, now: Now, data: JSONBody[Invited]
) -> InvitationOut:
    """Send somebody a letter that lets them join; owners only."""
    return InvitationOut.of(await invite(session, editor, data, language=visit_of(request).language, now=now))


@post("/{invitation_id:uuid}/resend", status_code=200, dependencies=SEEN)
async def resend(session: Session, editor: Editor, now: Now, invitation_id: FromPath[UUID]) -> InvitationOut:
    """Send the letter once more, with a new link; owners only."""
    return InvitationOut.of(await invite_again(session, editor, invitation_id=invitation_id, now=now))


@post("/{invitation_id:uuid}/withdraw", status_code=200, dependencies=SEEN)
async def withdraw(session: Session, editor: Editor, now: Now, invitation_id: FromPath[UUID]) -> InvitationOut:
    """Take an invitation back; owners only."""
    return InvitationOut.of(await withdraw_invitation(session, editor, invitation_id=invitation_id, now=now))


@get("/")
async def list_memberships(session: Session, member: Member, cursor: Cursor = None, limit: Limit = 50) -> Memberships:
    """The organisations that one may act for, the oldest first."""
    account = await account_of(session, member.member_id)
    await act(session, account=account.id)
    rows = await places_of(session, account.id, after=place_of(cursor, UUID), limit=limit + 1)
    here = member.organisation_id
    return Memberships(*listed(rows, limit, lambda each: PlaceOut.of(each, here), at=lambda each: each.organisation_id))


ROUTES = [
    Router("/api/v1/team", route_handlers=[list_team, read_member, change_member, remove_member], tags=["team"]),
    Router(
        "/api/v1/invitations",
        route_handlers=[list_invitations, read_invitation, create_invitation, resend, withdraw],
        tags=["team"],
    ),
    Router("/api/v1/memberships", route_handlers=[list_memberships], tags=["team"]),
]
