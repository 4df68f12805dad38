"""Once a day, and by hand: everything that Stripe told since the last notice, so that none that got lost is missed."""

from datetime import datetime, timedelta

import structlog

from services.catalog.payments.online.applying import apply_account
from services.catalog.payments.online.gateway import Away, Gateway
from services.catalog.payments.online.hearing import SOURCE
from services.catalog.payments.online.queries import accounts_to_read, keep_event, known_events, last_told_at
from shared.database import Database, now_of
from shared.observability.pulse import every

log = structlog.get_logger(__name__)

TIMER_S = 24 * 3600.0
# Stripe keeps thirty days of events; some arrive after younger ones.
LONGEST, OVERLAP = timedelta(days=29), timedelta(days=3)


async def reconcile(gateway: Gateway, database: Database, since: datetime | None = None) -> int:
    """Keep what was told since a moment and never arrived, for the timer to work through; returns how many."""
    async with database.sessions.begin() as session:
        now, last = now_of(session), await last_told_at(session)
        accounts = await accounts_to_read(session)
    start = since or (max(now - LONGEST, last - OVERLAP) if last else now - LONGEST)
    missed = 0
    told = [event async for event in gateway.events_since(start)]
    async with database.sessions.begin() as session:
        known = await known_events(session, [each.event_id for each in told])
        for event in told:
            if event.event_id not in known:
                await keep_event(session, event, SOURCE, now)
                missed += 1
    for account_id in accounts:
        seen = await gateway.account(account_id)
        async with database.sessions.begin() as session:
            await apply_account(session, seen, now)
    if missed:
        log.warning("stripe_events_missed", missed=missed, since=start.isoformat())
    return missed


async def reconcile_for_ever(gateway: Gateway, database: Database) -> None:
    """Now and each day, for ever."""
    async for _ in every(TIMER_S):
        try:
            await reconcile(gateway, database)
        except Away as away:
            log.warning("stripe_away", what="events", said=str(away))
