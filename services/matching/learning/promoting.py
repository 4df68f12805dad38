"""Put a learnt table of weights in force: a row that services read when they start."""

from sqlalchemy.ext.asyncio import AsyncSession

from shared.database import now_of
from shared.database.statement import Statement

# One that was in force before is in force again: the row promoted last decides.
PROMOTE = Statement("""
    INSERT INTO weight_tables (version, promoted_at, written) VALUES (:version, :at, :written)
    ON CONFLICT (version) DO UPDATE SET promoted_at = excluded.promoted_at
""")


async def promote(session: AsyncSession, version: str, written: str) -> None:
    """Keep a table as its file was written; whoever decided on it has compared it before."""
    await PROMOTE.execute(session, version=version, at=now_of(session), written=written)
