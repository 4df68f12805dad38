"""Statuses that end: the day after, the entity is no longer what it was, and readers hear of it."""

from sqlalchemy.ext.asyncio import AsyncSession

from services.catalog.portrait.commands import tell_entity
from services.catalog.portrait.queries import entities_ending
from shared.clock import day_of
from shared.database import Database, now_of
from shared.observability.pulse import every

TIMER_S = 300.0
"""A status ends on a day: five minutes after midnight is early enough."""


async def run_status_timer(database: Database) -> None:
    """Look after facts that end, for ever; any number of timers may run."""
    async for _ in every(TIMER_S):
        async with database.sessions.begin() as session:
            await end_statuses(session)


async def end_statuses(session: AsyncSession) -> int:
    """Let go of what no longer holds; returns of how many entities."""
    now = now_of(session)
    today = day_of(now)
    entities = await entities_ending(session, today)
    for entity in entities:
        entity.state_facts(entity.facts, today)
        await tell_entity(session, entity, now=now)
    return len(entities)
