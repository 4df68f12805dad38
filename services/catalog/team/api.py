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
from shared.web.pages import Req
from shared.web.provided import Editor, Member, Now, Session
from shared.web.transactions import ONCE, SEEN
from shared.web.visit import visit_of


class Team(Struct, frozen=True):
    """Everybody who acts for the organisation."""

    items: list[MemberOut]


class Invitations(Struct, frozen=True):
    """The invitations that wait for an answer."""

    items: list[InvitationOut]


class Memberships(Struct, frozen=True):
    """The organisations that one may act for."""

    items: list[PlaceOut]


@get("/")
async def list_team(session: Session, member: Member) -> Team:
    """Who acts for the organisation, the first to join first."""
    return Team([MemberOut.of(each) for each in await people_of(session, member.organisation_id)])


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
async def list_invitations(session: Session, member: Member) -> Invitations:
    """The invitations that wait for an answer, the newest first; owners only."""
    owners_only(member)
    found = await pending_invitations(session, member.organisation_id)
    return Invitations([InvitationOut.of(each) for each in found])


@get("/{invitation_id:uuid}")
async def read_invitation(session: Session, member: Member, invitation_id: FromPath[UUID]) -> InvitationOut:
    """One invitation that waits for an answer; owners only."""
    owners_only(member)
    return InvitationOut.of(await invitation_of(session, member.organisation_id, invitation_id))


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
async def list_memberships(session: Session, member: Member) -> Memberships:
    """The organisations that one may act for, by name."""
    account = await account_of(session, member.member_id)
    await act(session, account=account.id)
    places = await places_of(session, account.id)
    return Memberships([PlaceOut.of(each, member.organisation_id) for each in places])


ROUTES = [
    Router("/api/v1/team", route_handlers=[list_team, read_member, change_member, remove_member], tags=["team"]),
    Router(
        "/api/v1/invitations",
        route_handlers=[list_invitations, read_invitation, create_invitation, resend, withdraw],
        tags=["team"],
    ),
    Router("/api/v1/memberships", route_handlers=[list_memberships], tags=["team"]),
]
