"""What a person does with their account: make it, be recognised, open and end sessions, change who they are."""

import secrets
from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256
from typing import NamedTuple
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.catalog.accounts.errors import (
    AlreadyMember,
    CredentialsWrong,
    EmailAlreadyUsed,
    NoOrganisationLeft,
    PasswordWrong,
    SessionUnknown,
)
from services.catalog.accounts.models import LIFE, Account, Member, Session
from services.catalog.accounts.passwords import hash_password, password_matches
from services.catalog.accounts.queries import (
    account_by_email,
    account_of,
    living_sessions,
    membership_of,
    memberships,
    session_by_secret,
    sessions_acting_for,
    set_token_hash,
    wait_for_turn,
)
from services.catalog.accounts.schemas import Founding, Newcomer, Profile, SignIn
from services.catalog.accounts.throttle import refuse_when_exhausted
from services.catalog.audit.commands import note
from services.catalog.organisations.commands import found_establishment
from services.catalog.organisations.models import Organisation
from shared.database import new_id
from shared.database.acting import act
from shared.events.catalog import SessionRevoked
from shared.identity import Identity, Role
from shared.messaging.outbox import record


async def new_account(session: AsyncSession, form: Newcomer, *, email: str, language: str, now: datetime) -> Account:
    """An account of an address that nobody has, to be stored with its first organisation; `EmailAlreadyUsed`."""
    await wait_for_turn(session, f"email:{email}")
    if await account_by_email(session, email) is not None:
        raise EmailAlreadyUsed
    return Account(
        id=new_id(),
        email=email,
        name=form.person_name,
        password_hash=await hash_password(form.password),
        language=language,
        created_at=now,
    )


async def found_organisation(session: AsyncSession, account: Account, facts: Founding, *, now: datetime) -> Member:
    """Make an account the owner of an establishment that nobody knew; the caller holds the turn of its SIREN."""
    organisation_id = new_id()
    await act(session, org=organisation_id, account=account.id)
    session.add(account)
    organisation = await found_establishment(session, facts, organisation_id=organisation_id, now=now)
    return await add_member(session, account, organisation, now=now)


async def add_member(
    session: AsyncSession, account: Account, organisation: Organisation, *, now: datetime, role: Role = Role.OWNER
) -> Member:
    """Let an account act for an organisation, once more if it had left; the caller has checked that it may."""
    session.add(account)
    await session.flush()
    member = await membership_of(session, account.id, organisation.id)
    if member is None:
        member = Member(account_id=account.id, organisation_id=organisation.id, role=role, joined_at=now, version=0)
        session.add(member)
        await session.flush()
        await record(session, *member.joined(account))
    elif member.left_at is None:
        raise AlreadyMember
    else:
        await record(session, *member.joined_again(account, role, now))
    await note(session, member.id, organisation.id, "member.joined", about=member.id, role=role)
    return member


async def recognise(session: AsyncSession, form: SignIn, *, now: datetime) -> Member:
    """Whose address and password these are: the membership they acted for last.

    Raises `CredentialsWrong` without saying which half was wrong, `TooManyAttempts` after ten wrong ones in 15 min,
    and `NoOrganisationLeft` to somebody known who acts for none any more.
    """
    await refuse_when_exhausted(session, form.email, now=now)
    account = await account_by_email(session, form.email)
    if not await password_matches(account.password_hash if account else None, form.password) or account is None:
        raise CredentialsWrong
    await act(session, account=account.id)
    members = await memberships(session, account.id)
    if not members:
        raise NoOrganisationLeft
    return members[0]


async def check_password(session: AsyncSession, account: Account, password: str, *, now: datetime) -> None:
    """Raise `PasswordWrong` (or `TooManyAttempts`) unless it is the account's own."""
    await refuse_when_exhausted(session, account.email, now=now)
    if not await password_matches(account.password_hash, password):
        raise PasswordWrong


async def open_session_of(
    session: AsyncSession, member: Member, *, now: datetime, user_agent: str = "", id_token: str | None = None
) -> tuple[Session, str]:
    """A new session acting for a membership, with its secret, which is stored only as a hash; `id_token` is sealed.

    Never reuses an identifier that the browser brought.
    """
    await act(session, org=member.organisation_id, member=member.id)
    secret = secrets.token_urlsafe(32)
    opened = Session(
        token_hash=sha256(secret.encode()).digest(),
        account_id=member.account_id,
        member_id=member.id,
        user_agent=user_agent,
        id_token=id_token,
        created_at=now,
        seen_at=now,
        expires_at=now + LIFE,
    )
    member.seen_at = now
    session.add(opened)
    await session.flush()
    await note(session, member.id, member.organisation_id, "session.opened", about=opened.id)
    return opened, secret


async def change_profile(session: AsyncSession, member: Identity, profile: Profile) -> Account:
    """Change a person's name and language, and tell those who write to them, once for each organisation."""
    account = await account_of(session, member.member_id)
    await act(session, account=account.id)
    account.name, account.language = profile.person_name, profile.language
    for membership in await memberships(session, account.id, for_update=True):
        await record(session, membership.reached_anew(account))
    await note(session, member.member_id, member.organisation_id, "account.changed", about=account.id)
    return account


class Over(NamedTuple):
    """A session that has ended: whose it was, and the sealed token of the provider that it was opened with."""

    account_id: UUID
    id_token: str | None


async def sign_out(session: AsyncSession, identity: Identity, secret: str, *, now: datetime) -> Over | None:
    """End the session here at once, and elsewhere through its event; None when it was over already."""
    # Whoever signs in as somebody else ends the session of whom they were.
    await act(session, org=identity.organisation_id, member=identity.member_id)
    opened = await session_by_secret(session, secret)
    if opened is None or opened.revoked_at is not None:
        return None
    over = Over(opened.account_id, opened.id_token)
    await _end(session, opened, by=identity.member_id, of=identity.organisation_id, now=now)
    return over


async def renew_secret(session: AsyncSession, identity: Identity) -> str:
    """A new secret for the session that asks, as after a sign-in; the one before opens nothing any more."""
    account, secret = await account_of(session, identity.member_id), secrets.token_urlsafe(32)
    await set_token_hash(session, identity.session_id, account.id, sha256(secret.encode()).digest())
    return secret


async def end_session(session: AsyncSession, identity: Identity, session_id: UUID, *, now: datetime) -> None:
    """End one of a person's own sessions; raises `SessionUnknown` for any other."""
    for each in await _own_sessions(session, identity, now=now):
        if each.id == session_id:
            await _end(session, each, by=identity.member_id, of=identity.organisation_id, now=now)
            return
    raise SessionUnknown


async def end_other_sessions(session: AsyncSession, identity: Identity, *, now: datetime) -> int:
    """End all of a person's sessions but the one that asks; says how many."""
    others = [each for each in await _own_sessions(session, identity, now=now) if each.id != identity.session_id]
    for each in others:
        await _end(session, each, by=identity.member_id, of=identity.organisation_id, now=now)
    return len(others)


async def end_sessions_of(session: AsyncSession, member: Member, *, now: datetime) -> None:
    """End every session of the person a member is."""
    for each in await living_sessions(session, member.account_id, now=now, for_update=True):
        await _end(session, each, by=member.id, of=member.organisation_id, now=now)


async def end_sessions_acting_for(session: AsyncSession, member: Member, *, by: UUID, now: datetime) -> None:
    """End the sessions in which somebody acts for one organisation, and no other of theirs; `by` is a member."""
    # Nobody but their owner sees sessions: this ends them in their place.
    await act(session, member=member.id)
    for each in await sessions_acting_for(session, member.id, now=now):
        await _end(session, each, by=by, of=member.organisation_id, now=now)
    await session.flush()
    await act(session, member=by)


async def _own_sessions(session: AsyncSession, identity: Identity, *, now: datetime) -> Sequence[Session]:
    account = await account_of(session, identity.member_id)
    await act(session, account=account.id)
    return await living_sessions(session, account.id, now=now, for_update=True)


async def _end(session: AsyncSession, opened: Session, *, by: UUID, of: UUID, now: datetime) -> None:
    opened.revoked_at, opened.id_token = now, None
    await record(session, SessionRevoked(version=1, session_id=opened.id))
    await note(session, by, of, "session.revoked", about=opened.id)
