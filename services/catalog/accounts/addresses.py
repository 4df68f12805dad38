"""The address of an account: confirmed by answering a letter, changed by answering one at the new address."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from services.catalog.accounts.answers import tell_change
from services.catalog.accounts.errors import EmailAlreadyUsed
from services.catalog.accounts.links import Asker, send_confirmation
from services.catalog.accounts.models import Account
from services.catalog.accounts.queries import account_by_email, account_of, member_by_id, memberships
from services.catalog.audit.commands import note
from shared.database.acting import act
from shared.events.catalog import AccountChange
from shared.identity import Identity
from shared.messaging.outbox import record


async def ask_again(session: AsyncSession, identity: Identity, *, asker: Asker, now: datetime) -> None:
    """Send the letter to be answered once more, if there is something to confirm; raises `TooManyLinks`."""
    account = await account_of(session, identity.member_id)
    if account.email_confirmed_at is None or account.email_asked:
        member = await member_by_id(session, identity.member_id)
        await send_confirmation(session, member, account, asker=asker, now=now)


async def ask_for_email(session: AsyncSession, identity: Identity, email: str, *, asker: Asker, now: datetime) -> None:
    """Begin to change the address: the new one is to answer a letter, the old one is told; the caller knows who it is.

    One's own address takes back what was begun. Raises `EmailAlreadyUsed` or `TooManyLinks`.
    """
    account = await account_of(session, identity.member_id)
    member = await member_by_id(session, identity.member_id)
    if email == account.email:
        await _want(session, account, None)
    elif await account_by_email(session, email) is not None:
        raise EmailAlreadyUsed
    else:
        await _want(session, account, email)
        await tell_change(session, member, AccountChange.EMAIL_ASKED, now=now)
        await send_confirmation(session, member, account, asker=asker, now=now)
    await note(session, identity.member_id, identity.organisation_id, "email.asked", about=account.id)


async def _want(session: AsyncSession, account: Account, email: str | None) -> None:
    await act(session, account=account.id)
    account.email_asked = email
    for membership in await memberships(session, account.id, for_update=True):
        await record(session, membership.reached_anew(account))
