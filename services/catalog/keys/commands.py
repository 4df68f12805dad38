"""Make a key, and take it back."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.catalog.accounts.queries import wait_for_turn
from services.catalog.audit.commands import note
from services.catalog.keys.errors import TooManyKeys
from services.catalog.keys.models import ApiKey, Scope
from services.catalog.keys.queries import count_keys, key_by_id
from services.catalog.keys.schemas import NewKey
from services.catalog.keys.secret import SHOWN, hash_of, new_key
from shared.events.catalog import SessionRevoked
from shared.identity import Identity
from shared.messaging.outbox import record

MOST = 20


async def make_key(session: AsyncSession, owner: Identity, asked: NewKey, *, now: datetime) -> tuple[ApiKey, str]:
    """A new key with its secret, which nobody will see again; raises `TooManyKeys`."""
    await wait_for_turn(session, f"keys:{owner.organisation_id}")
    if await count_keys(session, owner.organisation_id, now=now) >= MOST:
        raise TooManyKeys(most=MOST)
    secret = new_key()
    key = ApiKey(
        organisation_id=owner.organisation_id,
        member_id=owner.member_id,
        name=asked.name,
        prefix=secret[:SHOWN],
        key_hash=hash_of(secret),
        # Whoever may write may read.
        scopes=[scope.value for scope in Scope if scope is Scope.READ or scope in asked.scopes],
        created_at=now,
        expires_at=now + timedelta(days=int(asked.lasts)),
    )
    session.add(key)
    await session.flush()
    scopes = " ".join(key.scopes)
    await note(session, owner.member_id, owner.organisation_id, "key.made", about=key.id, scopes=scopes)
    return key, secret


async def revoke_key(session: AsyncSession, owner: Identity, key_id: UUID, *, now: datetime) -> None:
    """End one of the organisation's keys: here at the next request, elsewhere through the event; or `KeyUnknown`."""
    key = await key_by_id(session, key_id, organisation_id=owner.organisation_id)
    await end_key(session, key, by=owner.member_id, now=now)


async def end_key(session: AsyncSession, key: ApiKey, *, by: UUID, now: datetime) -> None:
    """End a key, and the tokens that it was exchanged for."""
    key.revoked_at = now
    await session.flush()
    await record(session, SessionRevoked(version=1, session_id=key.id))
    await note(session, by, key.organisation_id, "key.revoked", about=key.id)
