"""The town with its databases as their owners, and a morning of facts: for tests of what is kept and for how long."""

from collections.abc import Sequence
from typing import Any
from uuid import uuid4

from sqlalchemy import text

from deploy.embedded.engines import Engines
from shared.clock import Calendar, now
from shared.database import Database
from shared.events import Event
from shared.events.catalog import Ending, NeedClosed, NeedUpdated, OfferPaused, OfferUpdated, OfferWithdrawn
from shared.messaging.outbox import record
from shared.messaging.projection import Projection
from shared.messaging.rebuilding import Rebuilt, rebuild
from tests.e2e.conftest import SERVICES, Town
from tests.services.matching import scenes

DUMPS = {
    # a row that was written again has a newer number, and says the same
    "supplies": "SELECT to_jsonb(s) - 'changed' FROM supplies s ORDER BY id",
    "demands": "SELECT to_jsonb(d) - 'changed' FROM demands d ORDER BY id",
    "matches": "SELECT demand_id, offer_id, score, demand_version, offer_version FROM matches ORDER BY 1, 2",
}


class Site:
    """The town, and its databases as their owners."""

    def __init__(self, town: Town, engines: Engines) -> None:
        self.town = town
        around: dict[str, Any] = {"clock": now, "calendar": Calendar(always_open=True)}
        self.owners = {each: Database(engines.instance.database_url(each, "owner"), **around) for each in SERVICES}

    async def scalar(self, service: str, sql: str, **values: Any) -> Any:
        """One value from a service's database, as its owner sees it."""
        async with self.owners[service].connection() as connection:
            return await connection.scalar(text(sql), values)

    async def tell(self, *events: Event) -> None:
        """Catalog commits facts, each by itself."""
        for event in events:
            async with self.owners["catalog"].sessions.begin() as session:
                await record(session, event)

    async def rebuild(self, projection: Projection, **how: bool) -> Rebuilt:
        producer, reader = self.owners["catalog"], self.owners[projection.service]
        return await rebuild(projection, producer=producer, reader=reader, **how)

    async def sql(self, service: str, *statements: str, **values: Any) -> None:
        async with self.owners[service].sessions.begin() as session:
            for statement in statements:
                await session.execute(text(statement), values)

    async def dump(self, what: str) -> list[Any]:
        async with self.owners["matching"].connection() as connection:
            return list(map(tuple, await connection.execute(text(DUMPS[what]))))


def some_offers(many: int) -> list[Event]:
    return [scenes.offer(title=f"Réparation de palettes {number}") for number in range(many)]


def later(event: Any, **changed: Any) -> dict[str, Any]:
    """What an event said, one version on."""
    facts: dict[str, Any] = event.model_dump()
    return facts | {"version": event.version + 1} | changed


async def a_morning(site: Site) -> tuple[Sequence[Any], Sequence[Any]]:
    """Offers and needs in every state."""
    offers, needs = some_offers(8), [scenes.need() for _ in range(4)]
    await site.tell(*offers, *needs)
    paused, withdrawn, changed = offers[0], offers[1], offers[2]
    await site.tell(
        OfferPaused(version=2, offer_id=paused.aggregate_id, organisation_id=uuid4()),
        OfferWithdrawn(version=2, offer_id=withdrawn.aggregate_id, organisation_id=uuid4()),
        OfferUpdated(**later(changed, title="Réparation de caisses")),
        NeedUpdated(**later(needs[1], title="Palettes à réparer")),
        NeedClosed(version=2, need_id=needs[0].need_id, organisation_id=uuid4(), outcome=Ending.NO_SUPPLIER),
    )
    await site.town.settle()
    return offers, needs
