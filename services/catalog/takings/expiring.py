"""Takings in time: takers are warned before an option ends, then it does; who has not confirmed is reminded."""

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.catalog.takings.commands import fire_taking
from services.catalog.takings.queries import put_off, takings_due
from shared.database import Database, now_of
from shared.database.one_by_one import RETRY, one_by_one
from shared.observability.pulse import every

TIMER_S = 5.0
"""How late an option may end: whoever takes compares with the clock, so only what is left is told so late."""


async def fire_takings(database: Database) -> int:
    """Do what is due, each in a transaction of its own; returns how many were looked at. What fails is due later.

    Any number of timers may run: they wait for each other at the lot, and the second finds nothing to do.
    """
    async with database.sessions.begin() as session:
        due = await takings_due(session, now_of(session))
    return await one_by_one(database, due, _fire, put_off=_later, failed="taking_not_fired")


async def _fire(session: AsyncSession, due: tuple[UUID, UUID]) -> None:
    taking_id, lot_id = due
    await fire_taking(session, taking_id=taking_id, lot_id=lot_id, now=now_of(session))


async def _later(session: AsyncSession, due: tuple[UUID, UUID]) -> None:
    # An option is over by the clock, whenever the timer comes by.
    await put_off(session, due[0], until=now_of(session) + RETRY, now=now_of(session))


async def run_taking_timer(database: Database) -> None:
    """Fire what is due, for ever."""
    async for _ in every(TIMER_S):
        await fire_takings(database)
