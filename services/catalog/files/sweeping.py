"""Bytes that no row names: what an undone transaction left behind."""

from datetime import timedelta

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from services.catalog.files.queries import names_kept
from services.catalog.files.store import Store
from shared.database import Database
from shared.observability.pulse import every

log = structlog.get_logger(__name__)

EVERY = timedelta(days=1)
# Longer than anybody takes to find that a database was set back to an older backup: the rows may come back.
KEPT = timedelta(days=30)


async def sweep_for_ever(database: Database, store: Store) -> None:
    """Sweep once a day."""
    async for _ in every(EVERY.total_seconds()):
        async with database.sessions.begin() as session:
            await sweep(session, store)


async def sweep(session: AsyncSession, store: Store) -> int:
    """Drop what has lain there for a month without a row; returns how many."""
    known = await names_kept(session)
    dropped = await store.sweep(known, older_than_s=KEPT.total_seconds())
    if dropped:
        log.info("files_swept", dropped=dropped)
    return dropped
