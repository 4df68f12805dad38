"""Every question asked of teams, invitations, and the organisations of one person."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.catalog.accounts.models import Account, Member
from services.catalog.organisations.models import Organisation, OrganisationState
from services.catalog.team.errors import InvitationUnknown, MemberUnknown, NotYourOrganisation
from services.catalog.team.models import Invitation, InvitationState
from shared.database.one_by_one import Turn
from shared.database.versions import refuse_when_changed
from shared.identity import Role


class Person(NamedTuple):
    """A member with their name, for those of the same team."""

    id: UUID
    name: str
    role: Role
    version: int
    joined_at: datetime
    seen_at: datetime | None


class Place(NamedTuple):
    """An organisation that a person acts for, and as what."""

    organisation_id: UUID
    organisation_name: str
    role: Role
    joined_at: datetime


async def people_of(
    session: AsyncSession,
    organisation_id: UUID,
    *,
    member_id: UUID | None = None,
    after: UUID | None = None,
    limit: int | None = None,
) -> list[Person]:
    """Who acts for an organisation, the first to join first; or one of them."""
    query = (
        select(Member.id, Account.name, Member.role, Member.version, Member.joined_at, Member.seen_at)
        .join(Account, Account.id == Member.account_id)
        .where(Member.organisation_id == organisation_id, Member.left_at.is_(None))
        .order_by(Member.id)
        .limit(limit)
    )
    if member_id is not None:
        query = query.where(Member.id == member_id)
    if after is not None:
        query = query.where(Member.id > after)
    return [Person._make(row) for row in await session.execute(query)]


async def person_of(session: AsyncSession, organisation_id: UUID, member_id: UUID) -> Person:
    """One member of a team; raises `MemberUnknown`."""
    found = await people_of(session, organisation_id, member_id=member_id)
    if not found:
        raise MemberUnknown
    return found[0]


async def team_for_update(session: AsyncSession, organisation_id: UUID) -> dict[UUID, Member]:
    """Everybody of a team, locked together: of two owners who demote each other the second finds the first's."""
    query = select(Member).where(Member.organisation_id == organisation_id, Member.left_at.is_(None))
    query = query.order_by(Member.id).with_for_update().execution_options(populate_existing=True)
    return {member.id: member for member in await session.scalars(query)}


async def is_member(session: AsyncSession, organisation_id: UUID, email: str) -> bool:
    """True when an address is a member's."""
    query = (
        select(Member.id)
        .join(Account, Account.id == Member.account_id)
        .where(
            Member.organisation_id == organisation_id,
            Member.left_at.is_(None),
            func.lower(Account.email) == email.lower(),
        )
    )
    return bool(await session.scalar(select(query.exists())))


async def pending_invitations(
    session: AsyncSession, organisation_id: UUID, *, before: UUID | None = None, limit: int | None = None
) -> Sequence[Invitation]:
    """The invitations that wait for an answer, the newest first."""
    query = select(Invitation).where(
        Invitation.organisation_id == organisation_id, Invitation.state == InvitationState.PENDING
    )
    if before is not None:
        query = query.where(Invitation.id < before)
    return (await session.scalars(query.order_by(Invitation.id.desc()).limit(limit))).all()


async def is_invited(session: AsyncSession, organisation_id: UUID, email: str) -> bool:
    """True when an invitation waits at an address."""
    query = select(Invitation.id).where(
        Invitation.organisation_id == organisation_id,
        Invitation.state == InvitationState.PENDING,
        func.lower(Invitation.email) == email.lower(),
    )
    return bool(await session.scalar(select(query.exists())))


async def invited_since(session: AsyncSession, organisation_id: UUID, since: datetime) -> int:
    """How many invitations an organisation sent, whatever became of them."""
    query = select(func.count()).where(Invitation.organisation_id == organisation_id, Invitation.invited_at > since)
    return await session.scalar(query) or 0


async def invitation_of(
    session: AsyncSession, organisation_id: UUID, invitation_id: UUID, *, for_update: bool = False
) -> Invitation:
    """One of an organisation's invitations that still waits; raises `InvitationUnknown`."""
    query = select(Invitation).where(
        Invitation.id == invitation_id,
        Invitation.organisation_id == organisation_id,
        Invitation.state == InvitationState.PENDING,
    )
    if for_update:
        query = query.with_for_update().execution_options(populate_existing=True)
    invitation = await session.scalar(query)
    if invitation is None:
        raise InvitationUnknown
    if for_update:
        refuse_when_changed(session, invitation.version)
    return invitation


async def invitation_of_link(session: AsyncSession, link_id: UUID) -> Invitation | None:
    """What a letter invites to; the transaction has said that it holds that letter."""
    return await session.scalar(select(Invitation).where(Invitation.link_id == link_id))


async def invitations_ending(session: AsyncSession, now: datetime, turn: Turn) -> Sequence[Invitation]:
    """Invitations that nobody answered in time, locked."""
    query = select(Invitation).where(Invitation.state == InvitationState.PENDING, Invitation.expires_at <= now)
    return (await session.scalars(turn.of(query, Invitation))).all()


async def places_of(
    session: AsyncSession, account_id: UUID, *, after: UUID | None = None, limit: int | None = None
) -> list[Place]:
    """The organisations that a person acts for, the oldest first; the transaction has said whose account it is."""
    query = (
        select(Organisation.id, Organisation.name, Member.role, Member.joined_at)
        .join(Member, Member.organisation_id == Organisation.id)
        .where(
            Member.account_id == account_id,
            Member.left_at.is_(None),
            # Nobody acts for the place in which they wait for an answer.
            Organisation.state != OrganisationState.WAITING,
        )
        .order_by(Organisation.id)
        .limit(limit)
    )
    if after is not None:
        query = query.where(Organisation.id > after)
    return [Place._make(row) for row in await session.execute(query)]


async def membership_in(session: AsyncSession, account_id: UUID, organisation_id: UUID) -> Member:
    """As what a person acts for an organisation; raises `NotYourOrganisation`."""
    query = select(Member).where(
        Member.account_id == account_id, Member.organisation_id == organisation_id, Member.left_at.is_(None)
    )
    member = await session.scalar(query)
    if member is None:
        raise NotYourOrganisation
    return member
