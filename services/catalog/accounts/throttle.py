"""Wrong passwords counted in the database, so that limits hold across processes."""

from datetime import datetime, timedelta
from hashlib import sha256

from sqlalchemy import delete, func, insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.catalog.accounts.errors import TooManyAttempts
from services.catalog.accounts.models import WrongPassword
from shared.database import new_id

ATTEMPTS = 10
WITHIN = timedelta(minutes=15)


async def refuse_when_exhausted(session: AsyncSession, email: str, *, now: datetime) -> None:
    """Raise `TooManyAttempts` after ten wrong passwords for this address in a quarter of an hour."""
    wrong = await session.scalar(
        select(func.count()).where(WrongPassword.email_hash == _hash(email), WrongPassword.at > now - WITHIN)
    )
    if (wrong or 0) >= ATTEMPTS:
        raise TooManyAttempts


async def count_wrong_password(session: AsyncSession, email: str, *, now: datetime) -> None:
    """Count one, in the request's own transaction: a second connection would let a few refusals exhaust the pool."""
    await session.execute(insert(WrongPassword).values(id=new_id(), email_hash=_hash(email), at=now))


async def forget_wrong_passwords(session: AsyncSession, email: str) -> None:
    """Let the address in again: whose it is has set a new password."""
    await session.execute(delete(WrongPassword).where(WrongPassword.email_hash == _hash(email)))


def _hash(email: str) -> bytes:
    return sha256(email.encode()).digest()
