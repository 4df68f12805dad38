"""What matching does beside answering: publish its facts, hear catalog's, ask suppliers in waves."""

import asyncio
from contextlib import AbstractAsyncContextManager

from sqlalchemy.ext.asyncio import AsyncSession

from services.matching.demands.handlers import HANDLERS as DEMANDS
from services.matching.ranking.words import warm_up
from services.matching.settings import Settings
from services.matching.supplies.handlers import HANDLERS as SUPPLIES
from services.matching.waves.timer import WaveTimer
from shared.clock import Calendar, Clock, now
from shared.database import Database
from shared.events.catalog import SessionRevoked
from shared.identity.revocations import Revocations
from shared.messaging.handling import Handlers
from shared.messaging.worker import Link, working

HANDLERS: Handlers = {**DEMANDS, **SUPPLIES}


def working_matching(
    settings: Settings, database: Database, *, timer: WaveTimer, revocations: Revocations
) -> AbstractAsyncContextManager[Link]:
    """Relay, consumer and wave timer until the block ends; tokens of revoked sessions are refused meanwhile."""

    async def on_session_revoked(_session: AsyncSession, event: SessionRevoked) -> None:
        revocations.add(event.session_id)

    return working(settings, database, {**HANDLERS, SessionRevoked: on_session_revoked}, timers=[timer.run])


async def work_alone(settings: Settings, *, clock: Clock = now) -> None:
    """The worker without pages, until cancelled: judging many pairs then keeps no page waiting."""
    planned = asyncio.Event()
    calendar = Calendar(settings.always_open)
    url = settings.database_url.get_secret_value()
    database = Database(url, clock=clock, calendar=calendar, wave_planned=planned)
    warm_up()
    timer = WaveTimer(database, clock=clock, planned=planned)
    try:
        async with working_matching(settings, database, timer=timer, revocations=Revocations()):
            await asyncio.Event().wait()
    finally:
        await database.close()
