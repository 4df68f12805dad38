"""Takings in time: takers are warned before an option ends, then it does; who has not confirmed is reminded."""

import structlog

from services.catalog.takings.commands import fire_taking
from services.catalog.takings.queries import takings_due
from shared.database import Database, now_of
from shared.observability.pulse import every

log = structlog.get_logger(__name__)

TIMER_S = 5.0
"""How late an option may end: whoever takes compares with the clock, so only what is left is told so late."""


async def fire_takings(database: Database) -> int:
    """Do what is due, each in a transaction of its own; returns how many were looked at.

    Any number of timers may run: they wait for each other at the lot, and the second finds nothing to do.
    """
    async with database.sessions.begin() as session:
        due = await takings_due(session, now_of(session))
    for taking_id, lot_id in due:
        try:
            async with database.sessions.begin() as session:
                await fire_taking(session, taking_id=taking_id, lot_id=lot_id, now=now_of(session))
        except Exception:
            # One that fails must not keep the others.
            log.exception("taking_not_fired", taking=str(taking_id))
    return len(due)


async def run_taking_timer(database: Database) -> None:
    """Fire what is due, for ever."""
    async for _ in every(TIMER_S):
        await fire_takings(database)
