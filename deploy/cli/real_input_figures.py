"""What a run left in the three databases, when nothing moves any more, and how long a need takes to be told."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, fields
from typing import Any
from uuid import UUID

import asyncpg
from nats.aio.client import Client

from deploy.embedded.credentials import SERVICES
from deploy.embedded.instance import Instance
from shared.messaging.connection import close, connect
from shared.messaging.topology import CONSUMERS
from shared.messaging.worker import asyncpg_dsn

# Quiet in so many looks in a row, so far apart: an event on its way is in an outbox, in a stream or in hand.
LOOKS, LOOK_S = 3, 0.3

UNPUBLISHED = "SELECT count(*) FROM outbox WHERE published_at IS NULL AND parked_at IS NULL"
WAVES_DUE = "SELECT count(*) FROM waves WHERE done_at IS NULL AND due_at <= now()"
COUNTS: Mapping[str, tuple[str, str]] = {
    "organisations": ("catalog", "SELECT count(*) FROM organisations"),
    "offers": ("catalog", "SELECT count(*) FROM offers WHERE state = 'published'"),
    "needs": ("catalog", "SELECT count(*) FROM needs WHERE state = 'published'"),
    "flows": ("catalog", "SELECT count(*) FROM flows WHERE state = 'published'"),
    "matches": ("matching", "SELECT count(*) FROM matches"),
    "near_misses": ("matching", "SELECT count(*) FROM near_misses"),
    "demands_matched": ("matching", "SELECT count(DISTINCT demand_id) FROM matches"),
    "solicitations": ("matching", "SELECT count(*) FROM solicitations WHERE solicited_at IS NOT NULL"),
    "notifications": ("notifications", "SELECT count(*) FROM notices"),
}
EVENTS = "SELECT count(*) FROM outbox"
DEAD = "SELECT count(*) FROM dead_letter WHERE resolved_at IS NULL"
TOLD = "SELECT 1 FROM notices WHERE about_id = $1 LIMIT 1"

PUBLISHED = "SELECT id FROM needs WHERE state = 'published' UNION ALL SELECT id FROM flows WHERE state = 'published'"
JUDGED = """
SELECT DISTINCT aggregate_id FROM outbox
WHERE type IN ('matching.demand.matched.v1', 'matching.demand.unmatched.v1')
"""
ASKED = "SELECT id FROM solicitations WHERE solicited_at IS NOT NULL"
NOTICED = "SELECT told_for FROM notices WHERE topic = 'solicited'"

TOP = """
SELECT * FROM (
    SELECT m.demand_id AS id, m.score, m.reasons::text AS reasons, s.state ->> 'title' AS offer,
           s.state ->> 'supplier_name' AS supplier,
           row_number() OVER (PARTITION BY m.demand_id ORDER BY m.score DESC, m.offer_id) AS rank
    FROM matches m JOIN supplies s ON s.id = m.offer_id WHERE m.demand_id = ANY($1::uuid[])
) ranked WHERE rank <= $2 ORDER BY id, rank
"""
# Every nth open need, in the order of their publication.
SPREAD = """
SELECT * FROM (
    SELECT d.id, d.state ->> 'title' AS title, d.state -> 'place' ->> 'commune_name' AS place,
           (SELECT count(*) FROM matches m WHERE m.demand_id = d.id) AS fits,
           row_number() OVER (ORDER BY d.published_at, d.id) - 1 AS n, count(*) OVER () AS of
    FROM demands d WHERE d.kind = 'need' AND d.status = 'open'
) numbered WHERE n % greatest(of / $1, 1) = 0 ORDER BY n LIMIT $1
"""


@dataclass(frozen=True)
class Totals:
    """How many of each there are."""

    organisations: int
    offers: int
    needs: int
    flows: int
    events: int
    matches: int
    near_misses: int
    demands_matched: int
    solicitations: int
    notifications: int

    def since(self, before: Totals) -> dict[str, int]:
        """What came on top of an earlier count."""
        return {field.name: getattr(self, field.name) - getattr(before, field.name) for field in fields(self)}


@dataclass(frozen=True)
class Views:
    """Read-only connections to the three databases, and the broker's administrator."""

    databases: Mapping[str, asyncpg.Connection[Any]]
    broker: Client

    async def totals(self) -> Totals:
        """Count everything."""
        counted = {name: await self.databases[at].fetchval(query) for name, (at, query) in COUNTS.items()}
        events = [await self.databases[each].fetchval(EVENTS) for each in SERVICES]
        return Totals(**counted, events=sum(events))

    async def broken_promises(self) -> dict[str, int]:
        """What must be zero when nothing moves any more."""
        published, judged = await self._ids("catalog", PUBLISHED), await self._ids("matching", JUDGED)
        asked, noticed = await self._ids("matching", ASKED), await self._ids("notifications", NOTICED)
        dead = [await self.databases[each].fetchval(DEAD) for each in SERVICES]
        return {
            "dead_letters": sum(dead),
            "published_neither_matched_nor_unmatched": len(published - judged),
            "solicitations_without_notice": len(asked - noticed),
        }

    async def _ids(self, service: str, query: str) -> set[UUID]:
        return {row[0] for row in await self.databases[service].fetch(query)}

    async def outstanding(self) -> int:
        """Events that are recorded and not yet applied by everyone, and waves that are due."""
        waiting = [await self.databases[each].fetchval(UNPUBLISHED) for each in SERVICES]
        stream = self.broker.jetstream()
        for spec in CONSUMERS:
            info = await stream.consumer_info(spec.stream, spec.durable)
            waiting.append((info.num_pending or 0) + (info.num_ack_pending or 0))
        waiting.append(await self.databases["matching"].fetchval(WAVES_DUE))
        return sum(waiting)

    async def until_quiet(self, say: Callable[[int], None], *, seconds: float = 900.0) -> None:
        """Wait until nothing is outstanding; TimeoutError when it never ends."""
        async with asyncio.timeout(seconds):
            quiet = 0
            while quiet < LOOKS:
                waiting = await self.outstanding()
                say(waiting)
                quiet = 0 if waiting else quiet + 1
                await asyncio.sleep(LOOK_S)

    async def until_told(self, need_id: UUID, *, seconds: float = 30.0) -> float:
        """The moment (perf_counter) a notice about a need is committed."""
        async with asyncio.timeout(seconds):
            while not await self.databases["notifications"].fetchval(TOLD, need_id):  # noqa: ASYNC110 - a row in PostgreSQL
                await asyncio.sleep(0.002)
        return time.perf_counter()

    async def spread_of_needs(self, wanted: int) -> list[dict[str, Any]]:
        """So many open needs (id, title, place, fits), evenly spread over all of them."""
        return [dict(row) for row in await self.databases["matching"].fetch(SPREAD, wanted)]

    async def top(self, need_ids: list[UUID], *, of_each: int = 3) -> list[dict[str, Any]]:
        """The best suppliers of each need, with score and reasons."""
        rows = await self.databases["matching"].fetch(TOP, need_ids, of_each)
        return [{**dict(row), "reasons": json.loads(row["reasons"])} for row in rows]


@asynccontextmanager
async def views(instance: Instance) -> AsyncIterator[Views]:
    """Open for as long as one looks."""
    databases = {
        service: await asyncpg.connect(asyncpg_dsn(instance.database_url(service, "read")), ssl=False)
        for service in SERVICES
    }
    broker = await connect(instance.nats_url, user="admin", seed_file=instance.seed_file("admin"))
    try:
        yield Views(databases, broker)
    finally:
        await close(broker)
        for connection in databases.values():
            await connection.close()
