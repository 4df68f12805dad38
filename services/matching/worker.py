"""What matching does beside answering: publish its facts, hear catalog's, ask suppliers in waves."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial

from sqlalchemy.ext.asyncio import AsyncSession

from services.matching.allocation.recalling import recall_accepted
from services.matching.demands.handlers import FORETELLERS
from services.matching.demands.handlers import HANDLERS as DEMANDS
from services.matching.exposure.commands import measure_for_ever
from services.matching.index.compiled.keeping import kept_index, read_for_ever, write_for_ever
from services.matching.learning.handlers import HANDLERS as ANSWERS
from services.matching.organisations.handlers import HANDLERS as ORGANISATIONS
from services.matching.preview.answering import answers as previews
from services.matching.ranking.queries import read_weights
from services.matching.search.answering import answers as searches
from services.matching.search.answering import read_for_ever as read_postings
from services.matching.search.warming import warm_up
from services.matching.settings import Settings
from services.matching.supplies.handlers import HANDLERS as SUPPLIES
from services.matching.waves.recalling import recall_asked
from services.matching.waves.timer import WaveTimer
from shared.clock import Calendar, Clock, now
from shared.database import Database
from shared.database.both import work_database_of
from shared.events.catalog import FlowPublished, FlowUpdated, NeedPublished, NeedUpdated, SessionRevoked
from shared.events.matching import AllocationAccepted, SupplierSolicited
from shared.identity.revocations import Revocations
from shared.messaging.answering import Answerer
from shared.messaging.handling import Handlers
from shared.messaging.overtaking import Counts
from shared.messaging.standing import standing_of
from shared.messaging.worker import Job, Link, working
from shared.observability.signals import Signals, unheard
from shared.web.upkeep import WITH_ANSWERS, forget_for_ever

HANDLERS: Handlers = {**DEMANDS, **SUPPLIES, **ORGANISATIONS, **ANSWERS}

# Where the rankings of a demand are counted; a solicitation is told once.
COUNTS: Counts = {"matching.demand": "demands.revision"}
# Who was asked is known to matching alone: a week's budget and a turn depend on it. So is who said yes to a split.
RECALLS: Handlers = {SupplierSolicited: recall_asked, AllocationAccepted: recall_accepted}


def signals_of(settings: Settings, work: Database | None, pages: Database | None = None) -> Signals:
    """What matching tells of itself, in a process with its worker or without."""
    signals = standing_of(settings.service, work, pages)
    facts = (NeedPublished, NeedUpdated, FlowPublished, FlowUpdated)
    words = "From a need or flow that was told to its stored matches."
    signals.metrics.time_effect("match_latency_seconds", words, *(fact.type for fact in facts))
    return signals


@asynccontextmanager
async def working_matching(
    settings: Settings, database: Database, *, timer: WaveTimer, revocations: Revocations, signals: Signals
) -> AsyncIterator[Link]:
    """Relay, consumer, waves and previews until the block ends; tokens of revoked sessions are refused meanwhile."""

    async def on_session_revoked(_session: AsyncSession, event: SessionRevoked) -> None:
        revocations.add(event.session_id)

    handlers: Handlers = {**HANDLERS, SessionRevoked: on_session_revoked}
    timers: list[Job] = [
        timer.run,
        partial(forget_for_ever, database, WITH_ANSWERS),
        partial(measure_for_ever, database),
        partial(read_for_ever, database),
        partial(read_postings, database),
    ]
    if settings.index_dir is not None:
        timers.append(partial(write_for_ever, database, settings.index_dir))
    answerer = Answerer(settings.service, {**previews(database), **searches(database)}, signals.metrics)
    async with (
        kept_index(database, settings.index_dir),
        working(settings, database, handlers, foretellers=FORETELLERS, timers=timers, signals=signals) as link,
        answerer.linked(settings, signals),
    ):
        yield link


async def work_alone(settings: Settings, *, clock: Clock = now, told: Callable[[Signals], object] = unheard) -> None:
    """The worker without pages, until cancelled: judging many pairs then keeps no page waiting.

    `told` hears what it tells of itself before it begins.
    """
    planned = asyncio.Event()
    calendar = Calendar(settings.always_open)
    database = work_database_of(settings, clock=clock, calendar=calendar, wave_planned=planned)
    timer = WaveTimer(database, clock=clock, planned=planned)
    try:
        await read_weights(database)
        warm_up()
        signals = signals_of(settings, database)
        told(signals)
        async with working_matching(settings, database, timer=timer, revocations=Revocations(), signals=signals):
            await asyncio.Event().wait()
    finally:
        await database.close()
