"""Every question asked of keys."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import Row, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from services.catalog.accounts.models import Account, Member
from services.catalog.keys.errors import KeyUnknown
from services.catalog.keys.models import ApiKey, role_of
from services.catalog.keys.secret import hash_of
from shared.database.statement import Statement
from shared.identity import Identity, Role

# A door like that of sessions: the pages' role sees no key before it knows a member.
HOLDER = Statement("SELECT * FROM identity_of_key(:key_hash, :now)")


class Holder(NamedTuple):
    """For whom a key stands, as the member they are, what it is for, and when it was last used."""

    identity: Identity
    scopes: Sequence[str]
    used_at: datetime | None


async def holder_of(connection: AsyncConnection, key: str, *, now: datetime) -> Holder | None:
    """Whose key this is; None when it is nobody's, ended, or its maker left or may do less than it.

    One question by the hash of all that was shown, whatever it is: none of these cases takes longer than another.
    """
    rows = await HOLDER.fetch(connection, key_hash=hash_of(key), now=now)
    if not rows:
        return None
    facts = rows[0]._asdict()
    scopes, used_at = facts.pop("scopes"), facts.pop("used_at")
    identity = Identity(**{**facts, "role": Role(facts["role"]), "roles": frozenset(facts["roles"])})
    return Holder(identity, scopes, used_at) if identity.may(role_of(scopes)) else None


async def mark_used(session: AsyncSession, key_id: UUID, *, now: datetime) -> None:
    """Say when a key was last used."""
    await session.execute(update(ApiKey).where(ApiKey.id == key_id).values(used_at=now))


async def keys_of(session: AsyncSession, organisation_id: UUID) -> Sequence[Row[ApiKey, Member, str]]:
    """An organisation's keys that were not revoked, the newest first, each with its maker: key, member, name."""
    found = await session.execute(
        select(ApiKey, Member, Account.name)
        .join(Member, Member.id == ApiKey.member_id)
        .join(Account, Account.id == Member.account_id)
        .where(ApiKey.organisation_id == organisation_id, ApiKey.revoked_at.is_(None))
        .order_by(ApiKey.created_at.desc(), ApiKey.id.desc())
    )
    return found.all()


async def count_keys(session: AsyncSession, organisation_id: UUID, *, now: datetime) -> int:
    """How many keys of an organisation are neither revoked nor over."""
    living = (ApiKey.organisation_id == organisation_id, ApiKey.revoked_at.is_(None), ApiKey.expires_at > now)
    return await session.scalar(select(func.count()).where(*living)) or 0


async def key_by_id(session: AsyncSession, key_id: UUID, *, organisation_id: UUID) -> ApiKey:
    """One of an organisation's keys, locked; raises `KeyUnknown`."""
    query = select(ApiKey).where(
        ApiKey.id == key_id, ApiKey.organisation_id == organisation_id, ApiKey.revoked_at.is_(None)
    )
    found = await session.scalar(query.with_for_update())
    if found is None:
        raise KeyUnknown
    return found


async def keys_made_by(session: AsyncSession, member_id: UUID, *, for_update: bool = False) -> Sequence[ApiKey]:
    """All keys that a member made, revoked ones too."""
    query = select(ApiKey).where(ApiKey.member_id == member_id).order_by(ApiKey.created_at, ApiKey.id)
    return (await session.scalars(query.with_for_update() if for_update else query)).all()
