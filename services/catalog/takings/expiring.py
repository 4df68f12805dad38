"""Options in time: their takers are warned before they end, and what they kept is free again when they do."""

import structlog

from services.catalog.takings.commands import fire_hold
from services.catalog.takings.queries import holds_due
from shared.database import Database, now_of
from shared.observability.pulse import every

log = structlog.get_logger(__name__)

TIMER_S = 5.0
"""How late an option may end: whoever takes compares with the clock, so only what is left is told so late."""


async def fire_holds(database: Database) -> int:
    """Do what is due, each option in a transaction of its own; returns how many were looked at.

    Any number of timers may run: they wait for each other at the lot, and the second finds nothing to do.
    """
    async with database.sessions.begin() as session:
        due = await holds_due(session, now_of(session))
    for taking_id, lot_id in due:
        try:
            async with database.sessions.begin() as session:
                await fire_hold(session, taking_id=taking_id, lot_id=lot_id, now=now_of(session))
        except Exception:
            # One option that fails must not keep the others.
            log.exception("hold_not_fired", taking=str(taking_id))
    return len(due)


async def run_hold_timer(database: Database) -> None:
    """Fire what is due, for ever."""
    async for _ in every(TIMER_S):
        await fire_holds(database)
