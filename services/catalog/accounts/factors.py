"""Second proofs: begun, proved, shown at the door, taken away; and the recovery codes that stand in for them."""

import secrets
from datetime import datetime, timedelta
from hashlib import sha256
from uuid import UUID

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from services.catalog.accounts import passkeys, recovery, totp
from services.catalog.accounts.answers import tell_change
from services.catalog.accounts.errors import CodeWrong, FactorUnknown, PasskeyRefused
from services.catalog.accounts.models import Account, Factor, FactorKind, Halfway, Member, RecoveryCode
from services.catalog.accounts.passkeys import Site
from services.catalog.accounts.queries import (
    account_of,
    factor_by_id,
    factors_of,
    forget_recovery_codes,
    forget_unfinished_factors,
    member_by_id,
    recovery_code,
)
from services.catalog.accounts.throttle import count_wrong_password, refuse_when_exhausted
from services.catalog.accounts.vault import SealBroken, Sealed, vault_of
from services.catalog.audit.commands import note
from shared.database import new_id
from shared.database.acting import act
from shared.events.catalog import AccountChange
from shared.identity import Identity

log = structlog.get_logger(__name__)

HALFWAY_LIFE = timedelta(minutes=10)
CHALLENGE_BYTES = 32


async def begin_factor(
    session: AsyncSession, identity: Identity, account: Account, kind: FactorKind, *, secret: str, now: datetime
) -> Factor:
    """A proof that does not count yet: it has to prove itself; what was begun before is dropped."""
    await forget_unfinished_factors(session, account.id)
    if kind is FactorKind.APP:
        secret = vault_of(session).seal(secret, account.id, Sealed.APP)
    factor = Factor(id=new_id(), account_id=account.id, kind=kind, secret=secret, last_step=0, created_at=now)
    session.add(factor)
    await session.flush()
    await note(session, identity.member_id, identity.organisation_id, "factor.begun", about=factor.id, kind=kind.value)
    return factor


async def confirm_app(
    session: AsyncSession, identity: Identity, factor_id: UUID, code: str, *, account: Account, now: datetime
) -> list[str]:
    """The app shows that it makes the right codes; gives the recovery codes, shown this once, of a first proof."""
    factor = await factor_by_id(session, factor_id, account_id=account.id, for_update=True)
    if factor.kind is not FactorKind.APP or factor.confirmed_at is not None:
        raise FactorUnknown
    if not _takes(session, factor, code, now=now):
        raise CodeWrong
    return await confirm(session, identity, factor, now=now)


async def confirm_passkey(
    session: AsyncSession, identity: Identity, factor_id: UUID, credential: str, *, site: Site, now: datetime
) -> list[str]:
    """The passkey shows that it signs; gives the recovery codes, shown this once, of a first proof."""
    account = await account_of(session, identity.member_id)
    factor = await factor_by_id(session, factor_id, account_id=account.id, for_update=True)
    if factor.kind is not FactorKind.PASSKEY or factor.confirmed_at is not None:
        raise FactorUnknown
    key = passkeys.created(site, bytes.fromhex(factor.secret), credential)
    factor.credential_id, factor.public_key, factor.sign_count = key
    # The challenge is answered: nothing else may answer it.
    factor.secret = ""
    return await confirm(session, identity, factor, now=now)


async def confirm(session: AsyncSession, identity: Identity, factor: Factor, *, now: datetime) -> list[str]:
    """From now on it counts; the first proof of a person brings their recovery codes."""
    is_first = not await factors_of(session, factor.account_id)
    factor.confirmed_at = now
    await session.flush()
    member = await member_by_id(session, identity.member_id)
    await tell_change(session, member, AccountChange.SECOND_FACTOR_ON, now=now)
    await note(session, member.id, member.organisation_id, "factor.added", about=factor.id, kind=factor.kind.value)
    return await renew_codes(session, identity, factor.account_id) if is_first else []


async def renew_codes(session: AsyncSession, identity: Identity, account_id: UUID) -> list[str]:
    """Ten new recovery codes, to be shown once; the ones before are void."""
    await forget_recovery_codes(session, account_id)
    codes = recovery.new_codes()
    session.add_all(RecoveryCode(account_id=account_id, code_hash=recovery.hash_of(each)) for each in codes)
    await session.flush()
    await note(session, identity.member_id, identity.organisation_id, "recovery_codes.renewed", about=account_id)
    return codes


async def remove_factor(
    session: AsyncSession, identity: Identity, factor_id: UUID, *, account: Account, now: datetime
) -> None:
    """Take a proof away; the caller has asked for the password and a proof. The last one takes the codes along."""
    factor = await factor_by_id(session, factor_id, account_id=account.id, for_update=True)
    await session.delete(factor)
    await session.flush()
    if not await factors_of(session, account.id):
        await forget_recovery_codes(session, account.id)
    if factor.confirmed_at is not None:
        member = await member_by_id(session, identity.member_id)
        await tell_change(session, member, AccountChange.SECOND_FACTOR_OFF, now=now)
    await note(session, identity.member_id, identity.organisation_id, "factor.removed", about=factor.id)


async def prove_by_code(session: AsyncSession, member: Member, code: str, *, now: datetime) -> None:
    """A code of the person's app, or one of their recovery codes: each is good once.

    Raises `CodeWrong`, which the caller counts, or `TooManyAttempts`.
    """
    await refuse_when_exhausted(session, counted_as(member), now=now)
    if recovery.is_like_one(code):
        await _use_recovery_code(session, member, code, now=now)
        return
    for factor in await factors_of(session, member.account_id):
        if factor.kind is FactorKind.APP:
            locked = await factor_by_id(session, factor.id, account_id=member.account_id, for_update=True)
            if _takes(session, locked, code, now=now):
                return
    raise CodeWrong


async def prove_by_passkey(
    session: AsyncSession, member: Member, halfway: Halfway, credential: str, *, site: Site, now: datetime
) -> None:
    """One of the person's passkeys signs the challenge of this sign-in.

    Raises `PasskeyRefused`, which the caller counts, or `TooManyAttempts`.
    """
    await refuse_when_exhausted(session, counted_as(member), now=now)
    wanted = passkeys.credential_id(credential)
    for factor in await factors_of(session, member.account_id):
        if factor.credential_id == wanted:
            locked = await factor_by_id(session, factor.id, account_id=member.account_id, for_update=True)
            locked.sign_count = passkeys.used(site, halfway.challenge, credential, factor=locked)
            return
    raise PasskeyRefused


async def count_wrong_code(session: AsyncSession, member: Member, *, now: datetime) -> None:
    """Count one, as a wrong password is."""
    await count_wrong_password(session, counted_as(member), now=now)


def counted_as(member: Member) -> str:
    """Under what name wrong codes of a person are counted: apart from wrong passwords, which anybody can type."""
    return f"second factor of {member.account_id}"


async def stop_halfway(
    session: AsyncSession, member: Member, *, target: str, now: datetime, id_token: str | None = None
) -> str:
    """Somebody has shown the first proof only; gives the secret that their browser comes back with.

    `id_token` is a provider's, sealed, for the session to come.
    """
    await act(session, org=member.organisation_id, member=member.id)
    secret = secrets.token_urlsafe(32)
    halfway = Halfway(
        token_hash=sha256(secret.encode()).digest(),
        member_id=member.id,
        target=target,
        challenge=secrets.token_bytes(CHALLENGE_BYTES),
        id_token=id_token,
        created_at=now,
        expires_at=now + HALFWAY_LIFE,
    )
    session.add(halfway)
    await session.flush()
    await note(session, member.id, member.organisation_id, "session.halfway", about=halfway.id)
    return secret


async def _use_recovery_code(session: AsyncSession, member: Member, code: str, *, now: datetime) -> None:
    found = await recovery_code(session, member.account_id, recovery.hash_of(code))
    if found is None:
        raise CodeWrong
    found.used_at = now
    await tell_change(session, member, AccountChange.RECOVERY_CODE_USED, now=now)
    await note(session, member.id, member.organisation_id, "recovery_code.used", about=found.id)


def secret_of(session: AsyncSession, factor: Factor) -> str:
    """What an app was given; raises `FactorUnknown` when no key here opens it."""
    try:
        return vault_of(session).open(factor.secret, factor.account_id, Sealed.APP)
    except SealBroken as broken:
        log.error("factor_unreadable", factor=str(factor.id))
        raise FactorUnknown from broken


def _takes(session: AsyncSession, factor: Factor, code: str, *, now: datetime) -> bool:
    """True for the right code of an app, which is good no more; False too when no key here opens its secret."""
    try:
        secret = secret_of(session, factor)
    except FactorUnknown:
        return False
    step = totp.step_of(secret, _digits(code), now=now, after=factor.last_step)
    if step is None:
        return False
    factor.last_step, vault = step, vault_of(session)
    if not factor.secret.startswith(vault.prefix):
        factor.secret = vault.seal(secret, factor.account_id, Sealed.APP)
    return True


def _digits(code: str) -> str:
    return "".join(code.split())
