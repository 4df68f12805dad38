"""Whoever has not said that a settlement was paid is told once that its day has passed."""

from datetime import timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.catalog.payments.queries import overdue_settlements, settlement_overdue
from shared.clock import day_of
from shared.database import Database, now_of
from shared.database.one_by_one import one_by_one
from shared.messaging.outbox import record
from shared.observability.pulse import every

TIMER_S = 600.0
"""A day that has passed is told of ten minutes late at most."""


async def remind_payers(database: Database) -> int:
    """Tell what is due to be told, each in a transaction of its own; returns how many were looked at."""
    async with database.sessions.begin() as session:
        due = await overdue_settlements(session, now_of(session))
    return await one_by_one(database, due, _tell, put_off=_later, failed="payer_not_reminded")


async def _tell(session: AsyncSession, settlement_id: UUID) -> None:
    settlement = await settlement_overdue(session, settlement_id)
    if settlement is not None:
        await record(session, settlement.remind(now_of(session)))


async def _later(session: AsyncSession, settlement_id: UUID) -> None:
    settlement = await settlement_overdue(session, settlement_id)
    if settlement is not None:
        settlement.remind_on = day_of(now_of(session)) + timedelta(days=1)


async def remind_for_ever(database: Database) -> None:
    """Remind whoever is late, for ever; any number of timers may run."""
    async for _ in every(TIMER_S):
        await remind_payers(database)
