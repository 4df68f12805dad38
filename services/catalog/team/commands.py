"""What is done with a team: give another role, take out, leave; and with oneself: act for another organisation."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.catalog.accounts.commands import end_sessions_acting_for
from services.catalog.accounts.models import Member
from services.catalog.accounts.queries import account_of, memberships
from services.catalog.audit.commands import note
from services.catalog.team.errors import LastOwner, MemberUnknown, TeamOwnersOnly
from services.catalog.team.queries import membership_in, team_for_update
from shared.database.acting import act
from shared.database.versions import refuse_when_changed
from shared.identity import Identity, Role
from shared.messaging.outbox import record

Team = dict[UUID, Member]


async def change_role(session: AsyncSession, owner: Identity, role: Role, *, member_id: UUID) -> Member:
    """Give a member another role; raises `TeamOwnersOnly`, `MemberUnknown` or `LastOwner`."""
    team = await team_for_update(session, owner.organisation_id)
    _may_manage(team, owner)
    member = _one_of(team, member_id)
    refuse_when_changed(session, member.version)
    if role is member.role:
        return member
    _keep_an_owner(team, member)
    await record(session, member.take_role(role))
    await session.flush()
    await note(session, owner.member_id, owner.organisation_id, "member.role_changed", about=member.id, role=role)
    return member


async def take_out(session: AsyncSession, actor: Identity, *, member_id: UUID, now: datetime) -> Member:
    """Take somebody out of a team, or oneself: their sessions for it end at once, here and elsewhere.

    Raises `TeamOwnersOnly`, `MemberUnknown` or `LastOwner`.
    """
    team = await team_for_update(session, actor.organisation_id)
    is_leaving = member_id == actor.member_id
    if not is_leaving:
        _may_manage(team, actor)
    member = _one_of(team, member_id)
    refuse_when_changed(session, member.version)
    _keep_an_owner(team, member)
    await record(session, *member.leave(now))
    await session.flush()
    await end_sessions_acting_for(session, member, by=actor.member_id, now=now)
    action = "member.left" if is_leaving else "member.removed"
    await note(session, actor.member_id, actor.organisation_id, action, about=member.id)
    return member


async def another_membership(session: AsyncSession, identity: Identity) -> Member | None:
    """What is left to somebody who has left: the organisation that they acted for last among the others."""
    account = await account_of(session, identity.member_id)
    await act(session, account=account.id)
    others = await memberships(session, account.id)
    return others[0] if others else None


async def choose_organisation(session: AsyncSession, identity: Identity, organisation_id: UUID) -> Member:
    """The membership to act with instead; raises `NotYourOrganisation`."""
    account = await account_of(session, identity.member_id)
    await act(session, account=account.id)
    member = await membership_in(session, account.id, organisation_id)
    details = {"to": str(organisation_id)}
    await note(
        session, identity.member_id, identity.organisation_id, "organisation.switched", about=member.id, **details
    )
    return member


def _may_manage(team: Team, owner: Identity) -> None:
    # As they are now and not as their session began: the other owner may just have taken the role.
    actor = team.get(owner.member_id)
    if actor is None or actor.role is not Role.OWNER:
        raise TeamOwnersOnly


def _one_of(team: Team, member_id: UUID) -> Member:
    if member_id not in team:
        raise MemberUnknown
    return team[member_id]


def _keep_an_owner(team: Team, member: Member) -> None:
    """INVARIANT: an organisation with members has an owner among them."""
    if not any(each.role is Role.OWNER for each in team.values() if each.id != member.id):
        raise LastOwner
