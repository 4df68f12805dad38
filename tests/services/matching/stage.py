"""What tests of matching do and look at: tell an event, move the clock, read the outbox."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import TypeVar
from uuid import UUID

import httpx
from sqlalchemy import text

from services.matching.demands.handlers import HANDLERS as DEMANDS
from services.matching.exposure.commands import measure_exposure
from services.matching.learning.handlers import HANDLERS as ANSWERS
from services.matching.organisations.handlers import HANDLERS as ORGANISATIONS
from services.matching.supplies.handlers import HANDLERS as SUPPLIES
from services.matching.waves.asking import ask_due
from services.matching.worker import RECALLS
from shared.events import Event, decode
from shared.events.catalog import NeedPublished, OfferPublished
from shared.events.matching import DemandMatched, SupplierSolicited
from tests.support import Isolated

HANDLERS = {**DEMANDS, **SUPPLIES, **ORGANISATIONS, **ANSWERS}
Told = TypeVar("Told", bound=Event)
# A client signed in for an organisation; without one, a visitor.
Enter = Callable[..., httpx.AsyncClient]


class Stage:
    """The database, and a clock that only the test moves."""

    database: Isolated

    def __init__(self, now: datetime) -> None:
        self.now = now

    def clock(self) -> datetime:
        return self.now

    def wait(self, **duration: float) -> None:
        self.now += timedelta(**duration)

    async def tell(self, *events: Event) -> None:
        """As the consumer would: each event in a transaction of its own."""
        for event in events:
            async with self.database.sessions.begin() as session:
                await HANDLERS[type(event)](session, event)

    async def ask(self) -> int:
        async with self.database.sessions.begin() as session:
            return await ask_due(session)

    async def measure(self, fair: Mapping[UUID, float] | None = None) -> None:
        """Count exposure, as the worker does hourly; `fair` are shares beside those counted."""
        async with self.database.sessions.begin() as session:
            await measure_exposure(session)
            for organisation_id, share in (fair or {}).items():
                await session.execute(
                    text("INSERT INTO exposures VALUES (:whose, :share, :at)"),
                    {"whose": organisation_id, "share": share, "at": self.now},
                )

    async def forget_demands(self) -> None:
        """Go back to before any demand was heard and anybody asked: only the stream knows what was told."""
        async with self.database.sessions.begin() as session:
            for table in ("solicitations", "waves", "matches", "near_misses", "match_history", "demands", "outbox"):
                await session.execute(text(f"DELETE FROM {table}"))

    async def recall(self, events: Sequence[SupplierSolicited]) -> None:
        """As a restored matching does, from its stream."""
        async with self.database.sessions.begin() as session:
            for event in events:
                await RECALLS[SupplierSolicited](session, event)

    async def heard(self, kind: type[Told], about: UUID | None = None) -> list[Told]:
        """The events of a kind in the outbox, oldest first."""
        events = [decode(payload.encode()).data for payload in await self.payloads(kind)]
        return [each for each in events if isinstance(each, kind) and about in (None, each.aggregate_id)]

    async def payloads(self, kind: type[Event]) -> list[str]:
        """What would be published of a kind, oldest first."""
        async with self.database.sessions.begin() as session:
            rows = await session.scalars(
                text("SELECT payload::text FROM outbox WHERE type = :type ORDER BY id"), {"type": kind.type}
            )
            return list(rows)

    async def ranking(self, need: NeedPublished) -> list[UUID]:
        """The offers of the ranking told last."""
        told = await self.heard(DemandMatched, need.need_id)
        return [match.offer_id for match in told[-1].matches] if told else []

    async def solicited(self, *offers: OfferPublished) -> list[int]:
        """The wave in which each was asked; 0 for never."""
        asked = {event.organisation_id: event.wave for event in await self.heard(SupplierSolicited)}
        return [asked.get(offer.supplier.organisation_id, 0) for offer in offers]
