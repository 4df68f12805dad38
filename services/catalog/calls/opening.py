"""Calls open and close on their days."""

from sqlalchemy.ext.asyncio import AsyncSession

from services.catalog.calls.queries import calls_to_move
from shared.clock import day_of
from shared.database import Database, now_of
from shared.messaging.outbox import record
from shared.observability.pulse import every

TIMER_S = 300.0
"""A call opens on a day: five minutes after midnight is early enough, and whoever applies is judged by the day."""


async def run_call_timer(database: Database) -> None:
    """Look after calls whose day has come, for ever; any number of timers may run."""
    async for _ in every(TIMER_S):
        async with database.sessions.begin() as session:
            await move_calls_on(session)


async def move_calls_on(session: AsyncSession) -> int:
    """Open and close what is due; returns how many calls."""
    now = now_of(session)
    calls = await calls_to_move(session, day_of(now))
    for call in calls:
        await record(session, *call.move_on(day_of(now), now))
    await session.flush()
    return len(calls)
