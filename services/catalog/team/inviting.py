"""Invitations: sent, sent again, taken back, answered, forgotten."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.catalog.accounts.commands import add_member
from services.catalog.accounts.errors import AlreadyMember
from services.catalog.accounts.link_errors import LinkUnknown
from services.catalog.accounts.links import Shown, make_link
from services.catalog.accounts.models import Account, Member
from services.catalog.accounts.queries import link_by_id, wait_for_turn
from services.catalog.audit.commands import note
from services.catalog.organisations.queries import organisation_acting
from services.catalog.posting.commands import may_publish
from services.catalog.team.errors import (
    AlreadyInvited,
    InvitationExpired,
    InvitationOfAnother,
    InvitationOver,
    InvitationsEnough,
    TeamOwnersOnly,
)
from services.catalog.team.models import Invitation, InvitationState
from services.catalog.team.queries import (
    invitation_of,
    invitation_of_link,
    invitations_ending,
    invited_since,
    is_invited,
    is_member,
)
from services.catalog.team.schemas import Invited
from shared.database import Database, new_id, now_of
from shared.database.acting import act
from shared.database.one_by_one import Turn, all_due
from shared.events.catalog import LinkPurpose
from shared.identity import Identity, Role
from shared.messaging.outbox import record
from shared.observability.pulse import every

MOST, WITHIN = 20, timedelta(days=1)
EXPIRE_EVERY_S = 3600


def owners_only(identity: Identity) -> None:
    """Raise `TeamOwnersOnly` for anybody else."""
    if identity.role is not Role.OWNER:
        raise TeamOwnersOnly


async def invite(
    session: AsyncSession, owner: Identity, wanted: Invited, *, language: str, now: datetime
) -> Invitation:
    """Send somebody a letter with a link that lets them join.

    Raises `TeamOwnersOnly`, `EmailUnconfirmed`, `AlreadyMember`, `AlreadyInvited`, `InvitationsEnough`, `TooManyLinks`.
    """
    owners_only(owner)
    # Whoever has not answered a letter has none sent to others.
    may_publish(session, owner)
    organisation = await organisation_acting(session, owner.organisation_id)
    # Counted one at a time, so that a form sent twice invites once.
    await wait_for_turn(session, f"invite:{organisation.id}")
    if await is_member(session, organisation.id, wanted.email):
        raise AlreadyMember
    if await is_invited(session, organisation.id, wanted.email):
        raise AlreadyInvited
    if await invited_since(session, organisation.id, now - WITHIN) >= MOST:
        raise InvitationsEnough
    link = await make_link(session, LinkPurpose.INVITATION, email=wanted.email, now=now)
    invitation = Invitation(
        id=new_id(),
        organisation_id=organisation.id,
        email=wanted.email,
        role=wanted.role,
        language=language,
        state=InvitationState.PENDING,
        version=0,
        invited_by=owner.member_id,
        invited_at=now,
    )
    events = invitation.send(link)
    session.add(invitation)
    await session.flush()
    await record(session, *events)
    await note(session, owner.member_id, organisation.id, "invitation.sent", about=invitation.id, role=invitation.role)
    return invitation


async def invite_again(session: AsyncSession, owner: Identity, *, invitation_id: UUID, now: datetime) -> Invitation:
    """Send the letter once more, with a new link that is good for another week; the one before opens nothing."""
    owners_only(owner)
    invitation = await invitation_of(session, owner.organisation_id, invitation_id, for_update=True)
    link = await make_link(session, LinkPurpose.INVITATION, email=invitation.email or "", now=now)
    await record(session, *invitation.send(link))
    await session.flush()
    await note(session, owner.member_id, owner.organisation_id, "invitation.sent_again", about=invitation.id)
    return invitation


async def withdraw_invitation(
    session: AsyncSession, owner: Identity, *, invitation_id: UUID, now: datetime
) -> Invitation:
    """Take an invitation back: its link opens nothing, and the address is forgotten."""
    owners_only(owner)
    invitation = await invitation_of(session, owner.organisation_id, invitation_id, for_update=True)
    await record(session, invitation.end(InvitationState.WITHDRAWN, now))
    await session.flush()
    await note(session, owner.member_id, owner.organisation_id, "invitation.withdrawn", about=invitation.id)
    return invitation


async def open_invitation(session: AsyncSession, shown: Shown, *, now: datetime, for_use: bool = False) -> Invitation:
    """What a letter's link invites to; changes nothing itself.

    `for_use` locks the link until the transaction ends. Raises `LinkUnknown`, `InvitationOver`, `InvitationExpired`.
    """
    link = await link_by_id(session, shown.link_id, for_update=for_use) if shown.is_ours else None
    if link is None or link.purpose is not LinkPurpose.INVITATION:
        raise LinkUnknown
    await act(session, invitation=link.id)
    invitation = await invitation_of_link(session, link.id)
    if invitation is None or invitation.state is not InvitationState.PENDING:
        raise InvitationOver
    if invitation.expires_at <= now:
        raise InvitationExpired
    return invitation


async def join(session: AsyncSession, shown: Shown, account: Account, *, now: datetime) -> Member:
    """Answer an invitation with one's account, whose address it must be; the letter has shown that it is theirs."""
    invitation = await open_invitation(session, shown, now=now, for_use=True)
    if account.email.lower() != (invitation.email or "").lower():
        raise InvitationOfAnother
    await act(session, org=invitation.organisation_id, account=account.id)
    organisation = await organisation_acting(session, invitation.organisation_id)
    # Taken back at this very moment, it waits for that to end and then finds nothing.
    invitation = await invitation_of(session, organisation.id, invitation.id, for_update=True)
    account.email_confirmed_at = account.email_confirmed_at or now
    member = await add_member(session, account, organisation, now=now, role=Role(invitation.role))
    await record(session, invitation.end(InvitationState.ACCEPTED, now))
    await session.flush()
    await note(session, member.id, organisation.id, "invitation.accepted", about=invitation.id)
    return member


async def expire_for_ever(database: Database) -> None:
    """Forget every hour the addresses of those who did not answer."""
    async for _ in every(EXPIRE_EVERY_S):
        await expire(database)


async def expire(database: Database) -> int:
    """End what nobody answered in time, each in a transaction of its own; returns how many there were."""
    return await all_due(database, _ending, _expire, failed="invitation_not_ended")


async def _ending(session: AsyncSession, turn: Turn) -> Sequence[Invitation]:
    return await invitations_ending(session, now_of(session), turn)


async def _expire(session: AsyncSession, invitation: Invitation) -> None:
    await record(session, invitation.end(InvitationState.EXPIRED, now_of(session)))
    await note(session, None, invitation.organisation_id, "invitation.expired", about=invitation.id)
