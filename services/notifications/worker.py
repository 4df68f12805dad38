"""What notifications does besides answering requests: relay, consumers, the loops that deliver and pruning."""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from functools import partial

from services.notifications.agreements import handlers as agreements
from services.notifications.audience import handlers as audience
from services.notifications.calls import handlers as calls
from services.notifications.calls.telling import tell_calls_for_ever
from services.notifications.channels import channels_for
from services.notifications.deliveries.loop import deliver_for_ever
from services.notifications.deliveries.recalling import recall_sent
from services.notifications.inbox import handlers as inbox
from services.notifications.live import handlers as live
from services.notifications.live.commands import prune
from services.notifications.payments import handlers as payments
from services.notifications.postings import handlers as postings
from services.notifications.proposals import handlers as proposals
from services.notifications.security import handlers as security
from services.notifications.settings import Settings
from services.notifications.takings import handlers as takings
from services.notifications.takings import subscribing
from services.notifications.webhooks.handlers import and_programs
from services.notifications.webhooks.loop import SENDERS, send_for_ever
from services.notifications.webhooks.sending import Courier
from services.notifications.webhooks.settling import prune as prune_webhooks
from shared.clock import Calendar, Clock, now
from shared.database import Database
from shared.database.both import work_database_of
from shared.events.matching import DemandMatched, SupplierSolicited
from shared.events.notifications import LetterSent
from shared.messaging.handling import Handlers
from shared.messaging.overtaking import Counts
from shared.messaging.standing import standing_of
from shared.messaging.worker import Job, Link, working
from shared.observability.pulse import every
from shared.observability.signals import Signals, unheard
from shared.web.upkeep import forget_for_ever

PRUNE_EVERY_S = 3600

# Whatever it tells is told once.
COUNTS: Counts = {}
RECALLS: Handlers = {LetterSent: recall_sent}

HANDLERS: Handlers = and_programs(
    {
        **audience.HANDLERS,
        **inbox.HANDLERS,
        **postings.HANDLERS,
        **proposals.HANDLERS,
        **agreements.HANDLERS,
        **payments.HANDLERS,
        **calls.HANDLERS,
        **takings.HANDLERS,
        **subscribing.HANDLERS,
        **live.HANDLERS,
        **security.HANDLERS,
    }
)


def signals_of(settings: Settings, work: Database | None, pages: Database | None = None) -> Signals:
    """What notifications tells of itself."""
    signals = standing_of(settings.service, work, pages)
    words = "From a match or a question to a supplier to its stored notices."
    signals.metrics.time_effect("notify_latency_seconds", words, DemandMatched.type, SupplierSolicited.type)
    return signals


def at_work(
    settings: Settings, database: Database, clock: Clock, signals: Signals
) -> AbstractAsyncContextManager[Link]:
    """Everything of the worker, until the block ends."""
    courier = Courier(clock, to_loopback=settings.webhooks_to_loopback)
    timers: Sequence[Job] = (
        partial(deliver_for_ever, database, channels_for(settings), clock, signals.metrics.mail_total),
        *(partial(send_for_ever, database, courier, clock, signals.metrics.webhook_delivery_total),) * SENDERS,
        partial(tell_calls_for_ever, database),
        partial(prune_for_ever, database, clock),
        partial(forget_for_ever, database),
    )
    return working(settings, database, HANDLERS, timers=timers, signals=signals)


async def prune_for_ever(database: Database, clock: Clock) -> None:
    """Forget old live events and old messages to webhooks every hour."""
    async for _ in every(PRUNE_EVERY_S):
        async with database.sessions.begin() as session:
            await prune(session, now=clock())
            await prune_webhooks(session, now=clock())


async def work_alone(settings: Settings, *, told: Callable[[Signals], object] = unheard) -> None:
    """The worker without pages, until cancelled; `told` hears what it tells of itself before it begins."""
    database = work_database_of(settings, clock=now, calendar=Calendar(settings.always_open))
    try:
        signals = signals_of(settings, database)
        told(signals)
        async with at_work(settings, database, now, signals):
            await asyncio.Event().wait()
    finally:
        await database.close()


if __name__ == "__main__":
    asyncio.run(work_alone(Settings()))  # type: ignore[call-arg] # read from its file and environment
