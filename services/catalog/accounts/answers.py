"""What answering a letter does: somebody is recognised, sets a new password, or confirms an address."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.catalog.accounts.commands import end_sessions_of
from services.catalog.accounts.errors import EmailAlreadyUsed
from services.catalog.accounts.link_errors import LinkUsed
from services.catalog.accounts.links import BOUND, Opened
from services.catalog.accounts.models import Account, Member
from services.catalog.accounts.passwords import hash_password
from services.catalog.accounts.queries import account_by_email, forget_links, memberships, wait_for_turn
from services.catalog.accounts.throttle import forget_wrong_passwords
from services.catalog.audit.commands import note
from shared.database import new_id
from shared.database.acting import act
from shared.events.catalog import AccountChange, AccountChanged, LinkPurpose
from shared.messaging.outbox import record


async def recognise_by_link(session: AsyncSession, opened: Opened, *, now: datetime) -> Member:
    """Use a link to sign in: the membership that its owner acts for first."""
    member = await _use(session, opened, LinkPurpose.SIGN_IN, now=now)
    await note(session, member.id, member.organisation_id, "link.used", about=opened.link.id)
    return member


async def reset_password(session: AsyncSession, opened: Opened, password: str, *, now: datetime) -> None:
    """Use a link to set a new password: every session ends, and so does whatever else could open the account."""
    hashed = await hash_password(password)
    member = await _use(session, opened, LinkPurpose.RESET_PASSWORD, now=now)
    opened.account.password_hash = hashed
    await forget_links(session, opened.account.id, BOUND, now)
    await forget_wrong_passwords(session, opened.account.email)
    await end_sessions_of(session, member, now=now)
    await tell_change(session, member, AccountChange.PASSWORD, now=now)
    await note(session, member.id, member.organisation_id, "password.reset", about=opened.account.id)


async def confirm_email(session: AsyncSession, opened: Opened, *, now: datetime) -> None:
    """Use a link to confirm the address that it was sent to, which takes the old one's place if there is another."""
    account, purpose = opened.account, opened.link.purpose
    member = await _use(session, opened, purpose, now=now)
    if purpose is LinkPurpose.CHANGE_EMAIL and account.email_asked:
        await _move(session, account, account.email_asked)
        await forget_links(session, account.id, BOUND, now)
    await note(session, member.id, member.organisation_id, "email.confirmed", about=account.id)


async def tell_change(
    session: AsyncSession, member: Member, change: AccountChange, *, now: datetime, of: UUID | None = None
) -> None:
    """Have a letter sent that says so, in case it was somebody else; about the organisation `of`, else their own."""
    changed = AccountChanged(
        version=1,
        change_id=new_id(),
        member_id=member.id,
        organisation_id=of or member.organisation_id,
        change=change.value,
        changed_at=now,
    )
    await record(session, changed)


async def _use(session: AsyncSession, opened: Opened, purpose: LinkPurpose, *, now: datetime) -> Member:
    """Mark the link used; whoever answered a letter has shown that the address is theirs."""
    members = await memberships(session, opened.account.id)
    if opened.link.purpose is not purpose or not members:
        raise LinkUsed
    await act(session, org=members[0].organisation_id, member=members[0].id)
    opened.link.used_at = now
    opened.account.email_confirmed_at = opened.account.email_confirmed_at or now
    return members[0]


async def _move(session: AsyncSession, account: Account, email: str) -> None:
    await wait_for_turn(session, f"email:{email}")
    if await account_by_email(session, email) is not None:
        raise EmailAlreadyUsed
    account.email, account.email_asked = email, None
    for membership in await memberships(session, account.id, for_update=True):
        await record(session, membership.reached_anew(account))
