"""Calls open and close on their days."""

from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncSession

from services.catalog.calls.models import Call
from services.catalog.calls.queries import calls_to_move
from shared.clock import day_of
from shared.database import Database, now_of
from shared.database.one_by_one import Turn, all_due
from shared.messaging.outbox import record
from shared.observability.pulse import every

TIMER_S = 300.0
"""A call opens on a day: five minutes after midnight is early enough, and whoever applies is judged by the day."""


async def run_call_timer(database: Database) -> None:
    """Look after calls whose day has come, for ever; any number of timers may run."""
    async for _ in every(TIMER_S):
        await move_calls_on(database)


async def move_calls_on(database: Database) -> int:
    """Open and close what is due, each in a transaction of its own; returns how many calls."""
    return await all_due(database, _to_move, _move, failed="call_not_moved")


async def _to_move(session: AsyncSession, turn: Turn) -> Sequence[Call]:
    return await calls_to_move(session, day_of(now_of(session)), turn)


async def _move(session: AsyncSession, call: Call) -> None:
    now = now_of(session)
    await record(session, *call.move_on(day_of(now), now))
    await session.flush()
