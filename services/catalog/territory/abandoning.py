"""What was sent back and not changed in ten days is abandoned, and its author told: nobody else knew of it."""

from sqlalchemy.ext.asyncio import AsyncSession

from services.catalog.audit.commands import note
from services.catalog.flows.models import Flow
from services.catalog.needs.models import Need
from services.catalog.posting.models import TO_CHANGE
from services.catalog.territory.queries import sent_back_until
from shared.database import Database, now_of
from shared.messaging.outbox import record
from shared.observability.pulse import every

ABANDONED = {Need: "need.abandoned", Flow: "flow.abandoned"}
TIMER_S = 3600.0
"""Its author was given days: an hour late is early enough."""


async def abandon_for_ever(database: Database) -> None:
    """Abandon what is due; any number of timers may run."""
    async for _ in every(TIMER_S):
        async with database.sessions.begin() as session:
            await abandon_unchanged(session)


async def abandon_unchanged(session: AsyncSession) -> int:
    """Abandon the needs and flows that wait for their author too long; returns how many."""
    now = now_of(session)
    needs = await sent_back_until(session, Need, now - TO_CHANGE)
    flows = await sent_back_until(session, Flow, now - TO_CHANGE)
    rows: list[Need | Flow] = [*needs, *flows]
    for row in rows:
        await record(session, row.abandon(now))
        await note(session, None, row.organisation_id, ABANDONED[type(row)], about=row.id)
    return len(needs) + len(flows)
