"""Compares a stream with the outbox of the service that writes it: what the broker lost, and what only it still knows.

Nothing is lost for a reader that had read before; but a stream with holes can fill no reader that is emptied. What only
the stream knows was published before the service's database was restored from a backup.
"""

import json
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from nats.aio.client import Client
from nats.js.api import AckPolicy, ConsumerConfig
from nats.js.errors import NotFoundError

from shared.database import Database
from shared.database.statement import Statement
from shared.events import Event, decode
from shared.events.envelope import UnknownType, Unreadable
from shared.messaging.reconciling import DETAILS, LISTED, NOT_SENT, PAGE, Traces
from shared.messaging.topology import StreamSpec, pattern_of

BATCH = 1_000
PAGE_OF = 10_000
# A damaged block makes the broker fall silent instead of saying so: what lies behind it counts as lost.
ANSWER_S = 5.0
# The stream forgets what is older than its `max_age`; so close to it nothing is said. What was published again within
# the duplicate window is as old as its first copy.
NEAR_THE_END_S = 7_200.0

PUBLISHED = Statement("""
    SELECT event_id FROM outbox
    WHERE id > :after AND id <= :upto AND subject ~ ANY(CAST(:patterns AS text[]))
      AND published_at < clock_timestamp() - make_interval(secs => :grace)
      AND published_at > clock_timestamp() - make_interval(secs => :age)
""")
# Two facts of one aggregate with one version: readers keep the one that they heard first.
TOLD_OTHERWISE = Statement("""
    SELECT event_id FROM unnest(CAST(:ids AS uuid[]), CAST(:aggregates AS uuid[]), CAST(:families AS text[]),
                                CAST(:versions AS bigint[])) AS untold (event_id, aggregate_id, family, version)
    WHERE EXISTS (
        SELECT FROM outbox WHERE outbox.aggregate_id = untold.aggregate_id AND outbox.version = untold.version
          AND split_part(outbox.type, '.', 1) || '.' || split_part(outbox.type, '.', 2) = untold.family)
""")


# A stream that keeps the last value only still has the older one while the newer is on its way.
REPLACED = Statement("""
    SELECT event_id FROM unnest(CAST(:ids AS uuid[]), CAST(:aggregates AS uuid[]), CAST(:families AS text[]),
                                CAST(:versions AS bigint[])) AS untold (event_id, aggregate_id, family, version)
    WHERE EXISTS (
        SELECT FROM outbox WHERE outbox.aggregate_id = untold.aggregate_id AND outbox.version > untold.version
          AND split_part(outbox.type, '.', 1) || '.' || split_part(outbox.type, '.', 2) = untold.family)
""")


@dataclass(frozen=True)
class Untold:
    """A message whose event the outbox does not know; a conflict when it knows another of that aggregate and version.

    What cannot be read has neither aggregate nor version, nor does it tell anything.
    """

    stream_seq: int
    event_id: UUID | None
    subject: str
    aggregate_id: UUID | None = None
    version: int | None = None
    at: datetime | None = None
    is_conflict: bool = False
    told: Event | None = None

    @property
    def family(self) -> str:
        """The kind of aggregate: versions are counted within it."""
        return ".".join(self.subject.split(".")[:2])


@dataclass
class Survey:
    """One stream: `lost` was published and is not there (any more), `untold` is there and unknown to its publisher."""

    stream: str
    messages: int = 0
    lost: Traces = field(default_factory=Traces)
    untold: list[Untold] = field(default_factory=list)

    @property
    def conflicts(self) -> int:
        return sum(each.is_conflict for each in self.untold)


async def survey(client: Client, spec: StreamSpec, *, producer: Database, grace_s: float = 60.0) -> Survey:
    """Walk the whole stream by its ids, then the outbox; `client` has the rights of the administrator."""
    found, held = Survey(spec.name), set[bytes]()
    async for ids in _ids_in(client, spec.name):
        found.messages += len(ids)
        held |= {each.bytes for each in ids.values() if each is not None}
        strangers = set(await _ask(producer, NOT_SENT, ids=[each for each in ids.values() if each is not None]))
        for sequence, event_id in ids.items():
            if event_id is None or event_id in strangers:
                found.untold.append(await _read(client, spec.name, sequence, event_id))
    conflicts = await _among(producer, TOLD_OTHERWISE, found.untold)
    replaced = await _among(producer, REPLACED, found.untold) if spec.last_only else set()
    found.untold = [
        replace(each, is_conflict=each.event_id in conflicts)
        for each in found.untold
        if each.event_id is None or each.event_id not in replaced
    ]
    async for sent in _published(producer, spec, grace_s):
        if missing := [each for each in sent if each.bytes not in held]:
            async with producer.sessions() as session:
                found.lost.add(await DETAILS.fetch(session, ids=missing))
    return found


async def _ids_in(client: Client, stream: str) -> AsyncIterator[dict[int, UUID | None]]:
    """Event ids by their place in the stream, a thousand at a time: only headers travel."""
    jetstream, arrived = client.jetstream(), await client.subscribe(client.new_inbox())
    config = ConsumerConfig(ack_policy=AckPolicy.NONE, headers_only=True, inactive_threshold=60, mem_storage=True)
    consumer = await jetstream.add_consumer(stream, config)
    try:
        where = f"$JS.API.CONSUMER.MSG.NEXT.{stream}.{consumer.name}"
        request = json.dumps({"batch": BATCH, "no_wait": True}).encode()
        while True:
            ids: dict[int, UUID | None] = {}
            await client.publish(where, request, reply=arrived.subject)
            with suppress(TimeoutError):
                while len(ids) < BATCH:
                    message = await arrived.next_msg(timeout=ANSWER_S)
                    if "Status" in (message.headers or {}):
                        break
                    ids[message.metadata.sequence.stream] = _id_in(message.headers)
            if not ids:
                return
            yield ids
    finally:
        await arrived.unsubscribe()
        await jetstream.delete_consumer(stream, consumer.name)


def _id_in(headers: dict[str, str] | None) -> UUID | None:
    try:
        return UUID((headers or {}).get("Nats-Msg-Id", ""))
    except ValueError:
        return None


async def _read(client: Client, stream: str, sequence: int, event_id: UUID | None) -> Untold:
    try:
        message = await client.jetstream().get_msg(stream, seq=sequence)
    except NotFoundError:
        return Untold(sequence, event_id, "")
    try:
        envelope = decode(message.data or b"")
    except (Unreadable, UnknownType):
        return Untold(sequence, event_id, message.subject or "")
    return Untold(
        sequence,
        event_id,
        message.subject or "",
        envelope.subject,
        envelope.sequence,
        envelope.time.astimezone(UTC),
        told=envelope.data,
    )


async def _among(producer: Database, statement: Statement, untold: list[Untold]) -> set[UUID]:
    readable, found = [each for each in untold if each.event_id and each.aggregate_id], set[UUID]()
    for first in range(0, len(readable), PAGE_OF):
        page = readable[first : first + PAGE_OF]
        found |= set(
            await _ask(
                producer,
                statement,
                ids=[each.event_id for each in page],
                aggregates=[each.aggregate_id for each in page],
                families=[each.family for each in page],
                versions=[each.version for each in page],
            )
        )
    return found


async def _published(producer: Database, spec: StreamSpec, grace_s: float) -> AsyncIterator[list[UUID]]:
    after, patterns = 0, [pattern_of(subject) for subject in spec.subjects]
    age = spec.max_age.total_seconds() - NEAR_THE_END_S if spec.max_age else 1e10
    while (upto := (await _ask(producer, PAGE, after=after, limit=PAGE_OF))[0]) is not None:
        yield await _ask(producer, PUBLISHED, after=after, upto=upto, patterns=patterns, grace=grace_s, age=age)
        after = upto


async def _ask(database: Database, statement: Statement, **values: Any) -> list[Any]:
    async with database.sessions() as session:
        return await statement.scalars(session, **values)


def listed(untold: list[Untold]) -> list[Untold]:
    """The first of them, conflicts before the others."""
    return sorted(untold, key=lambda each: (not each.is_conflict, each.stream_seq))[:LISTED]
