"""What a person does with their account: sign up, sign in, change who they are, sign out."""

import secrets
from datetime import datetime
from hashlib import sha256
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.catalog.accounts.errors import CredentialsWrong, EmailAlreadyUsed
from services.catalog.accounts.models import LIFE, Account, Member, Session
from services.catalog.accounts.passwords import hash_password, password_matches
from services.catalog.accounts.queries import (
    account_by_email,
    account_of,
    has_members,
    memberships,
    session_by_secret,
    wait_for_turn,
)
from services.catalog.accounts.schemas import Profile, SignIn, SignUp
from services.catalog.accounts.throttle import refuse_when_exhausted
from services.catalog.audit.commands import note
from services.catalog.offers.commands import tell_offers_again
from services.catalog.organisations.commands import claim_establishment, compact_siret
from services.catalog.organisations.errors import SiretAlreadyHeld
from services.catalog.organisations.models import Organisation
from services.catalog.organisations.queries import organisation_by_siret, organisation_id_of
from shared.database import new_id
from shared.database.acting import act
from shared.events.catalog import SessionRevoked
from shared.identity import Identity, Role
from shared.messaging.outbox import record


async def sign_up(session: AsyncSession, form: SignUp, *, now: datetime, language: str = "fr") -> Member:
    """Create the account and make it the owner of its establishment; raises if either is taken."""
    # A form sent twice: the second waits for the first's end, then finds what it made. Address first, then SIREN.
    await wait_for_turn(session, f"email:{form.email}")
    if await account_by_email(session, form.email) is not None:
        raise EmailAlreadyUsed
    account = Account(
        id=new_id(),
        email=form.email,
        name=form.person_name,
        password_hash=await hash_password(form.password),
        language=language,
        created_at=now,
    )
    organisation_id = await _establishment_to_act_for(session, form.siret)
    await act(session, org=organisation_id, account=account.id)
    session.add(account)
    await _refuse_a_held_establishment(session, form.siret)
    organisation = await claim_establishment(session, form, organisation_id=organisation_id, now=now)
    # An imported establishment may have offers already: they stand behind its new facts.
    await tell_offers_again(session, organisation, now=now)
    return await add_member(session, account, organisation, now=now)


async def add_member(session: AsyncSession, account: Account, organisation: Organisation, *, now: datetime) -> Member:
    """Make an account an owner of an organisation; the caller has checked that it may be."""
    session.add(account)
    await session.flush()
    member = Member(account_id=account.id, organisation_id=organisation.id, role=Role.OWNER, joined_at=now, version=0)
    session.add(member)
    await session.flush()
    await record(session, *member.joined(account))
    await note(session, member.id, organisation.id, "member.joined", about=member.id)
    return member


async def _establishment_to_act_for(session: AsyncSession, siret: str) -> UUID:
    """The establishment that was imported, or one that will be; whoever signs up sees and writes no other's rows."""
    digits = compact_siret(siret)
    await wait_for_turn(session, f"siren:{digits[:9]}")
    return await organisation_id_of(session, digits) or new_id()


async def _refuse_a_held_establishment(session: AsyncSession, siret: str) -> None:
    held = await organisation_by_siret(session, compact_siret(siret), for_update=True)
    if held is not None and await has_members(session, held.id):
        raise SiretAlreadyHeld(name=held.name)


async def sign_in(session: AsyncSession, form: SignIn, *, now: datetime) -> tuple[Session, str]:
    """Check the password and open a session; returns it with its secret, which is stored only as a hash.

    Raises `CredentialsWrong` without saying which half was wrong, `TooManyAttempts` after ten wrong ones in 15 min.
    """
    await refuse_when_exhausted(session, form.email, now=now)
    account = await account_by_email(session, form.email)
    if not await password_matches(account.password_hash if account else None, form.password) or account is None:
        raise CredentialsWrong
    await act(session, account=account.id)
    members = await memberships(session, account.id)
    if not members:
        raise CredentialsWrong
    return await open_session_of(session, members[0], now=now)


async def open_session_of(session: AsyncSession, member: Member, *, now: datetime) -> tuple[Session, str]:
    """A new session acting for a membership; never reuses an identifier the browser brought."""
    await act(session, org=member.organisation_id, member=member.id)
    secret = secrets.token_urlsafe(32)
    opened = Session(
        token_hash=sha256(secret.encode()).digest(),
        account_id=member.account_id,
        member_id=member.id,
        created_at=now,
        seen_at=now,
        expires_at=now + LIFE,
    )
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


async def sign_out(session: AsyncSession, identity: Identity, secret: str, *, now: datetime) -> None:
    """End the session here at once, and elsewhere through its event."""
    # Whoever signs in as somebody else ends the session of whom they were.
    await act(session, org=identity.organisation_id, member=identity.member_id)
    opened = await session_by_secret(session, secret)
    if opened is None or opened.revoked_at is not None:
        return
    opened.revoked_at = now
    await record(session, SessionRevoked(version=1, session_id=opened.id))
    await note(session, identity.member_id, identity.organisation_id, "session.revoked", about=opened.id)
