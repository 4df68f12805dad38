"""Pauses that end by themselves: an offer is matched again on the day its author said."""

from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncSession

from services.catalog.audit.commands import note
from services.catalog.offers.models import Offer
from services.catalog.offers.queries import offers_to_resume
from shared.clock import day_of
from shared.database import Database, now_of
from shared.database.one_by_one import Turn, all_due
from shared.messaging.outbox import record
from shared.observability.pulse import every
from shared.refusal import Refusal

TIMER_S = 60.0
"""A pause ends on a day: a minute late is early enough."""


async def run_resume_timer(database: Database) -> None:
    """Resume what is due, for ever; any number of timers may run."""
    async for _ in every(TIMER_S):
        await resume_due(database)


async def resume_due(database: Database) -> int:
    """Resume the offers whose pause is over, each in a transaction of its own; returns how many there were."""
    return await all_due(database, _to_resume, _resume, failed="offer_not_resumed")


async def _to_resume(session: AsyncSession, turn: Turn) -> Sequence[Offer]:
    return await offers_to_resume(session, day_of(now_of(session)), turn)


async def _resume(session: AsyncSession, offer: Offer) -> None:
    now = now_of(session)
    try:
        offer.organisation.may_act()
        event = offer.resume(now)
    except Refusal:
        # What became incomplete meanwhile stays paused until its author looks at it.
        offer.resume_on = None
        return
    await record(session, event)
    await note(session, None, offer.organisation_id, "offer.resumed", about=offer.id)
