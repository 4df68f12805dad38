"""Recognise somebody by their identity elsewhere, link it to their account, take it away again."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.catalog.accounts.models import LinkedIdentity, Member
from services.catalog.accounts.queries import (
    account_of,
    account_of_identity,
    linked_identity,
    memberships,
    wait_for_turn,
)
from services.catalog.audit.commands import note
from services.catalog.oidc.errors import IdentityTaken, NotLinked
from services.catalog.oidc.provider import Person
from shared.database.acting import act
from shared.identity import Identity


async def recognise_person(session: AsyncSession, person: Person, *, now: datetime) -> Member | None:
    """The membership that somebody's identity opens, the latest joined first; None when it opens nothing yet."""
    account_id = await account_of_identity(session, person.issuer, person.subject)
    if account_id is None:
        return None
    await act(session, account=account_id)
    members = await memberships(session, account_id)
    linked = await linked_identity(session, account_id, person.issuer)
    if linked is not None:
        linked.used_at = now
    return members[0] if members else None


async def link_identity(session: AsyncSession, member: Identity, person: Person, *, now: datetime) -> None:
    """Let an identity open the signed-in person's account, instead of the one of that provider before it."""
    await wait_for_turn(session, f"identity:{person.issuer} {person.subject}")
    account = await account_of(session, member.member_id)
    opened: UUID | None = await account_of_identity(session, person.issuer, person.subject)
    if opened == account.id:
        return
    if opened is not None:
        raise IdentityTaken
    before = await linked_identity(session, account.id, person.issuer)
    if before is not None:
        await session.delete(before)
        await session.flush()
    linked = LinkedIdentity(account_id=account.id, issuer=person.issuer, subject=person.subject, linked_at=now)
    session.add(linked)
    await session.flush()
    await note(session, member.member_id, member.organisation_id, "identity.linked", about=linked.id)


async def unlink_identity(session: AsyncSession, member: Identity, issuer: str) -> None:
    """Let it open the account no more."""
    account = await account_of(session, member.member_id)
    linked = await linked_identity(session, account.id, issuer)
    if linked is None:
        raise NotLinked
    await session.delete(linked)
    await note(session, member.member_id, member.organisation_id, "identity.unlinked", about=linked.id)
