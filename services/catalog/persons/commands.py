"""Erase a person: who it was is nowhere any more; that somebody did this or that stays."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import delete, or_, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from services.catalog.accounts.commands import end_sessions_of
from services.catalog.accounts.links import email_hash
from services.catalog.accounts.models import (
    Account,
    Factor,
    Halfway,
    Link,
    LinkedIdentity,
    Member,
    RecoveryCode,
    Session,
)
from services.catalog.accounts.queries import account_by_id
from services.catalog.accounts.throttle import forget_wrong_passwords
from services.catalog.audit.commands import note
from services.catalog.claims.forgetting import forget_claims
from services.catalog.keys.commands import end_key
from services.catalog.keys.queries import keys_made_by
from services.catalog.persons.errors import LastOwner, StillPublishing
from services.catalog.persons.queries import all_memberships, count_open, name_of, roles_of_others
from shared.database.acting import act
from shared.events.catalog import MemberLeft
from shared.events.contacts import MemberContact
from shared.identity import Role
from shared.messaging.outbox import record
from shared.refusal import Refusal

# No address can end so (RFC 2606), and no two accounts have the same.
ERASED_ADDRESS = "{}@erased.invalid"
FORGET_ANSWERS = text("DELETE FROM kept_answers WHERE member_id = :member")


async def obstacles(session: AsyncSession, account_id: UUID) -> list[Refusal]:
    """What a person has to do before they can be erased; goes on for each of their organisations."""
    found: list[Refusal] = []
    for member in await all_memberships(session, account_id):
        if member.left_at is None:
            await act(session, org=member.organisation_id, member=member.id)
            name, others = await name_of(session, member.organisation_id), await roles_of_others(session, member)
            if others and member.role is Role.OWNER and Role.OWNER not in others:
                found.append(LastOwner(name=name))
            elif not others and (count := await count_open(session, member.organisation_id)):
                found.append(StillPublishing(name=name, count=count))
    return found


async def erase(session: AsyncSession, account_id: UUID, *, now: datetime) -> None:
    """Erase a person here, and tell those who keep their address; raises the first of the `obstacles`."""
    await act(session, account=account_id)
    members = await all_memberships(session, account_id, for_update=True)
    for obstacle in await obstacles(session, account_id):
        raise obstacle
    await erase_in_any_case(session, account_id, members, now=now)


async def erase_in_any_case(
    session: AsyncSession, account_id: UUID, members: Sequence[Member], *, now: datetime
) -> None:
    """The same, whatever is still open: somebody was erased before, and a restored database brought them back."""
    account = await account_by_id(session, account_id)
    for member in members:
        await act(session, org=member.organisation_id, member=member.id)
        await _take_out(session, member, now=now)
        await note(session, member.id, member.organisation_id, "account.erased", about=account.id)
    await forget_claims(session, account.id, members, now=now)
    if members:
        await end_sessions_of(session, members[-1], now=now)
    await _forget_ways_in(session, account)
    account.email, account.email_asked, account.email_confirmed_at = ERASED_ADDRESS.format(account.id), None, None
    account.name, account.password_hash, account.erased_at = "", "", now
    await session.flush()


async def _take_out(session: AsyncSession, member: Member, *, now: datetime) -> None:
    """End what the person may do for an organisation, and put an empty contact in the place of theirs."""
    for key in await keys_made_by(session, member.id, for_update=True):
        # A key is often named after whoever made it.
        key.name = key.prefix
        if key.revoked_at is None:
            await end_key(session, key, by=member.id, now=now)
    await session.execute(FORGET_ANSWERS, {"member": member.id})
    was_there, member.version = member.left_at is None, member.version + 1
    member.left_at = member.left_at or now
    await session.flush()
    of: dict[str, Any] = {"version": member.version, "member_id": member.id, "organisation_id": member.organisation_id}
    if was_there:
        await record(session, MemberLeft(**of, role=member.role))
    await record(session, MemberContact(**of, email=None, name=None, is_erased=True))


async def _forget_ways_in(session: AsyncSession, account: Account) -> None:
    of_members = delete(Halfway).where(
        Halfway.member_id.in_([member.id for member in await all_memberships(session, account.id)])
    )
    hashes = [email_hash(each) for each in (account.email, account.email_asked) if each]
    for statement in (
        of_members,
        delete(Factor).where(Factor.account_id == account.id),
        delete(RecoveryCode).where(RecoveryCode.account_id == account.id),
        delete(LinkedIdentity).where(LinkedIdentity.account_id == account.id),
        delete(Link).where(or_(Link.account_id == account.id, Link.email_hash.in_(hashes))),
        # What a browser said of itself; that a session was opened and ended stays.
        update(Session).where(Session.account_id == account.id).values(user_agent=""),
    ):
        await session.execute(statement)
    await forget_wrong_passwords(session, account.email)
