"""Forgets what was only of use for a while: links, half-open doors, wrong passwords, proofs never finished."""

from datetime import datetime, timedelta

from sqlalchemy import delete, or_, update
from sqlalchemy.ext.asyncio import AsyncSession

from services.catalog.accounts.models import Factor, Halfway, Link, Session, WrongPassword
from shared.database import Database, now_of
from shared.observability.pulse import every

PRUNE_EVERY_S = 3600
# Long enough that whoever comes back with an old link is told that it was used, or is too old.
KEPT = timedelta(days=7)


async def prune_for_ever(database: Database) -> None:
    """Forget every hour."""
    async for _ in every(PRUNE_EVERY_S):
        async with database.sessions.begin() as session:
            await prune(session, now=now_of(session))


async def prune(session: AsyncSession, *, now: datetime) -> None:
    """Delete what ended more than `KEPT` ago."""
    limit = now - KEPT
    await session.execute(delete(Link).where(or_(Link.expires_at < limit, Link.used_at < limit)))
    await session.execute(delete(Halfway).where(Halfway.expires_at < limit))
    await session.execute(delete(WrongPassword).where(WrongPassword.at < limit))
    # Nobody signs out of a session that is over.
    over = (Session.expires_at < now, Session.id_token.is_not(None))
    await session.execute(update(Session).where(*over).values(id_token=None))
    await session.execute(delete(Factor).where(Factor.confirmed_at.is_(None), Factor.created_at < limit))
