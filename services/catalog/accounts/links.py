"""Links in letters: asked for, recognised when they come back, and used once."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from hashlib import sha256
from typing import NamedTuple
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.catalog.accounts.link_errors import (
    LinkExpired,
    LinkOfAnotherBrowser,
    LinkUnknown,
    LinkUsed,
    TooManyLinks,
)
from services.catalog.accounts.models import Account, Link, Member
from services.catalog.accounts.queries import account_by_email, account_by_id, link_by_id, links_asked, memberships
from services.catalog.audit.commands import note
from shared.database import new_id
from shared.database.acting import act
from shared.events.catalog import LinkPurpose, LinkRequested
from shared.messaging.outbox import record

# ASVS 6.5.5: what signs somebody in lives ten minutes at most.
LIVES: Mapping[LinkPurpose, timedelta] = {
    LinkPurpose.SIGN_IN: timedelta(minutes=10),
    LinkPurpose.RESET_PASSWORD: timedelta(minutes=10),
    LinkPurpose.CONFIRM_EMAIL: timedelta(days=7),
    LinkPurpose.CHANGE_EMAIL: timedelta(days=7),
    LinkPurpose.INVITATION: timedelta(days=7),
    LinkPurpose.CLAIM: timedelta(days=7),
}
# ASVS 6.6.2: what opens an account is good only where it was asked for.
BOUND = frozenset({LinkPurpose.SIGN_IN, LinkPurpose.RESET_PASSWORD})
LETTERS, WITHIN = 5, timedelta(minutes=15)


class Asker(NamedTuple):
    """Who asks for a letter: the mark of their browser, and the language they read."""

    browser: str
    language: str


class Shown(NamedTuple):
    """A link as a browser shows it; `is_ours` when its secret is right."""

    link_id: UUID
    is_ours: bool


class Opened(NamedTuple):
    """A link that came back with its secret, and whose it is."""

    link: Link
    account: Account


async def ask_for_link(session: AsyncSession, purpose: LinkPurpose, *, email: str, asker: Asker, now: datetime) -> None:
    """Send a letter to whoever has the address; raises `TooManyLinks`.

    INVARIANT: an address that nobody has costs the same statements, and the answer is the same.
    """
    account = await account_by_email(session, email)
    account_id = account.id if account else new_id()
    await act(session, account=account_id)
    members = await memberships(session, account_id)
    await _send(session, purpose, email=email, of=members[0] if members else None, asker=asker, now=now)


async def send_confirmation(
    session: AsyncSession, member: Member, account: Account, *, asker: Asker, now: datetime
) -> None:
    """Send a letter to the address that a person has, or wants instead, to be answered; raises `TooManyLinks`."""
    purpose = LinkPurpose.CHANGE_EMAIL if account.email_asked else LinkPurpose.CONFIRM_EMAIL
    await _send(session, purpose, email=account.email_asked or account.email, of=member, asker=asker, now=now)


async def _send(
    session: AsyncSession, purpose: LinkPurpose, *, email: str, of: Member | None, asker: Asker, now: datetime
) -> None:
    await act(session, org=of.organisation_id if of else new_id(), member=of.id if of else new_id())
    browser = asker.browser if purpose in BOUND else None
    account_id = of.account_id if of else None
    link = await make_link(session, purpose, email=email, account_id=account_id, browser=browser, now=now)
    member_id, organisation_id = (of.id, of.organisation_id) if of else (None, None)
    requested = LinkRequested(
        version=1,
        link_id=link.id,
        member_id=member_id,
        organisation_id=organisation_id,
        purpose=purpose.value,
        language=asker.language,
        expires_at=link.expires_at,
    )
    await record(session, requested)
    await note(session, member_id, organisation_id, "link.requested", about=link.id, purpose=purpose.value)


async def make_link(
    session: AsyncSession,
    purpose: LinkPurpose,
    *,
    email: str,
    now: datetime,
    account_id: UUID | None = None,
    browser: str | None = None,
) -> Link:
    """A new link for a letter that the caller has leave; raises `TooManyLinks`."""
    if await links_asked(session, email_hash(email), since=now - WITHIN) >= LETTERS:
        raise TooManyLinks
    link = Link(
        id=new_id(),
        purpose=purpose,
        account_id=account_id,
        email_hash=email_hash(email),
        browser_hash=_hash(browser) if browser is not None else None,
        created_at=now,
        expires_at=now + LIVES[purpose],
    )
    session.add(link)
    await session.flush()
    return link


async def open_link(
    session: AsyncSession, shown: Shown, *, browser: str, now: datetime, for_use: bool = False
) -> Opened:
    """The link that was shown, and whose it is; changes nothing itself.

    `for_use` locks it until the transaction ends: of two who use it at once the second finds it used.
    Raises `LinkUnknown`, `LinkUsed`, `LinkExpired` or `LinkOfAnotherBrowser`.
    """
    link = await link_by_id(session, shown.link_id, for_update=for_use) if shown.is_ours else None
    if link is None or link.account_id is None:
        raise LinkUnknown
    await act(session, account=link.account_id)
    account = await account_by_id(session, link.account_id)
    # An address that was changed meanwhile is not this letter's any more.
    if link.used_at is not None or email_hash(_address(link, account)) != link.email_hash:
        raise LinkUsed
    if link.expires_at <= now:
        raise LinkExpired
    if link.browser_hash is not None and link.browser_hash != _hash(browser):
        raise LinkOfAnotherBrowser
    return Opened(link, account)


def email_hash(email: str) -> bytes:
    """What a table remembers of an address, whatever its case."""
    return _hash(email.lower())


def _address(link: Link, account: Account) -> str:
    asked = account.email_asked if link.purpose is LinkPurpose.CHANGE_EMAIL else account.email
    return asked or ""


def _hash(text: str) -> bytes:
    return sha256(text.encode()).digest()
