"""What was sent is sent again on request: the same ids, in order, and applied by nobody twice."""

import asyncio
import json
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text

from shared.events.catalog import MemberLeft
from shared.events.contacts import MemberContact
from shared.messaging import republishing
from shared.messaging.outbox import record
from shared.messaging.republishing import (
    Choice,
    extent,
    held_back,
    newest_of_each,
    of_aggregate,
    recorded_between,
    republish,
)
from shared.messaging.rewinding import rewind
from tests.shared.messaging.conftest import PATIENCE_S, TOPOLOGY, Core
from tests.shared.messaging.test_consumer import drained, has

EVERYTHING = recorded_between(None, None)


async def again(core: Core, choice: Choice) -> int:
    return await republish(core.producer, choice, last=(await extent(core.producer, choice)).last)


async def waiting(core: Core) -> list[tuple[UUID, int]]:
    async with core.producer.sessions() as session:
        rows = await session.execute(
            text("SELECT aggregate_id, version FROM outbox WHERE published_at IS NULL ORDER BY id")
        )
        return [(row.aggregate_id, row.version) for row in rows]


async def lose_the_stream(core: Core) -> None:
    await core.admin.jetstream().delete_stream("CATALOG")
    await core.provision()


async def at(core: Core, need: UUID, moment: datetime) -> None:
    """Let the events of a need have been recorded at that moment."""
    async with core.producer.sessions.begin() as session:
        await session.execute(
            text("UPDATE outbox SET created_at = :at WHERE aggregate_id = :id"), {"at": moment, "id": need}
        )


@pytest.mark.promise(22)
async def test_a_lost_stream_is_filled_again_in_order_and_nothing_is_applied_twice(core: Core) -> None:
    """INVARIANT: PostgreSQL is the record, JetStream the transport."""
    need = uuid4()
    first = [await core.write(), await core.write(aggregate=need)]
    await core.relay_all()
    await core.consume(core.remember, until=lambda: has(core, 2))
    unread = await core.write()
    for version in range(2, 6):
        await core.write(aggregate=need, version=version)
    await core.relay_all()
    await lose_the_stream(core)
    assert await again(core, EVERYTHING) == 7
    assert await core.relay_all() == 7
    stored = [json.loads(await core.message(seq)) for seq in range(1, 8)]
    assert [each["sequence"] for each in stored if each["subject"] == str(need)] == [1, 2, 3, 4, 5]
    handled = core.seen.copy()

    async def remember(_session: object, event: object) -> None:
        core.seen.append(event.need_id)  # type: ignore[attr-defined]

    await core.consume(remember, until=lambda: drained(core))
    assert handled == first
    assert sorted(core.seen[2:]) == sorted([unread, need, need, need, need])


async def test_the_ids_stay_the_same_and_every_mark_is_new(core: Core) -> None:
    await core.write()
    await core.relay_all()
    before = json.loads(await core.message(1))["id"]
    await lose_the_stream(core)
    await core.write()
    await core.relay_all()
    await again(core, EVERYTHING)
    assert await core.count("outbox", where="stream_seq IS NOT NULL", database=core.producer) == 0
    await core.relay_all()
    assert json.loads(await core.message(2))["id"] == before
    assert await core.count("outbox", where="stream_seq IN (1, 2)", database=core.producer) == 2


async def test_inside_the_window_the_broker_swallows_what_it_still_holds(core: Core) -> None:
    await core.write()
    await core.relay_all()
    assert (await extent(core.producer, EVERYTHING)).recent == 1
    await again(core, EVERYTHING)
    assert await core.relay_all() == 1
    assert await core.stored() == 1
    async with core.producer.sessions.begin() as session:
        await session.execute(text("UPDATE outbox SET published_at = now() - interval '61 minutes'"))
    assert (await extent(core.producer, EVERYTHING)).recent == 0


async def test_a_span_takes_what_was_recorded_in_it(core: Core) -> None:
    noon = datetime(2026, 11, 23, 12, tzinfo=UTC)
    needs = [await core.write() for _ in range(3)]
    for need, moment in zip(needs, (noon - timedelta(seconds=1), noon, noon + timedelta(hours=1)), strict=True):
        await at(core, need, moment)
    await core.relay_all()
    assert await again(core, recorded_between(noon, noon + timedelta(hours=1))) == 1
    assert await waiting(core) == [(needs[1], 1)]
    assert await again(core, recorded_between(noon + timedelta(hours=1), None)) == 1
    assert await again(core, recorded_between(None, noon)) == 1


async def test_an_aggregate_takes_its_whole_story(core: Core) -> None:
    need = uuid4()
    for version in (1, 2, 3):
        await core.write(aggregate=need, version=version)
        await core.write()
    await core.relay_all()
    assert await again(core, of_aggregate(need)) == 3
    assert await waiting(core) == [(need, 1), (need, 2), (need, 3)]


async def test_latest_takes_the_newest_of_each_aggregate_and_family(core: Core) -> None:
    """A member and its contact share an id, and each has a state of its own."""
    shared = uuid4()
    for version in (1, 2, 3):
        async with core.producer.sessions.begin() as session:
            await record(session, MemberLeft(version=version, member_id=shared, organisation_id=shared, role="viewer"))
    await core.write(aggregate=shared, version=5)
    async with core.producer.sessions.begin() as session:
        contact = MemberContact(version=9, member_id=shared, organisation_id=shared, email=None, name=None)
        await record(session, contact)
    other = await core.write()
    async with core.producer.sessions.begin() as session:
        await session.execute(text("UPDATE outbox SET published_at = now(), stream_seq = id"))
    assert await again(core, newest_of_each()) == 4
    assert await waiting(core) == [(shared, 3), (shared, 5), (shared, 9), (other, 1)]


async def test_latest_leaves_an_aggregate_alone_whose_newest_is_on_its_way(core: Core) -> None:
    need = await core.write()
    await core.relay_all()
    await core.write(aggregate=need, version=2)
    assert await again(core, newest_of_each()) == 0
    assert await waiting(core) == [(need, 2)]


async def test_batches_take_everything_once_while_a_relay_marks_behind_them(
    core: Core, monkeypatch: pytest.MonkeyPatch
) -> None:
    """INVARIANT: bounded by the id that was last, or it would run after a relay that marks as fast as it frees."""
    monkeypatch.setattr(republishing, "BATCH", 2)
    for _ in range(7):
        await core.write()
    await core.relay_all()
    last = (await extent(core.producer, EVERYTHING)).last
    await core.write()
    await core.relay_all()
    freeing = asyncio.create_task(republish(core.producer, EVERYTHING, last=last))
    while not freeing.done():
        await core.relay_all()
    assert await freeing == 7


async def test_what_waits_behind_a_parked_event_is_told(core: Core) -> None:
    need = await core.write()
    await core.relay_all()
    await core.write(aggregate=need, version=2)
    async with core.producer.sessions.begin() as session:
        await session.execute(text("UPDATE outbox SET parked_at = now() WHERE version = 2"))
    assert await held_back(core.producer) == 0
    await again(core, EVERYTHING)
    assert await held_back(core.producer) == 1
    assert await core.relay_all() == 0


@pytest.mark.promise(34)
async def test_a_restored_reader_gets_again_what_the_broker_would_swallow(core: Core) -> None:
    """Its database forgot; within the window republishing stores nothing, so the durable goes back instead."""
    needs = [await core.write() for _ in range(3)]
    await core.relay_all()
    await core.consume(core.remember, until=lambda: has(core, 3))
    async with core.reader.sessions.begin() as session:
        for table, column in (("effects", "id"), ("inbox", "event_id")):
            await session.execute(
                text(f"DELETE FROM {table} WHERE {column} IN (SELECT {column} FROM {table} ORDER BY {column} LIMIT 2)")
            )
    await again(core, EVERYTHING)
    await core.relay_all()
    assert await drained(core)
    place = core.engines.instance
    seed = place.seed_file("admin")
    assert await rewind(place.nats_url, admin_seed_file=seed, durables=TOPOLOGY.consumers) == 3
    core.seen.clear()

    async def remember(_session: object, event: object) -> None:
        core.seen.append(event.need_id)  # type: ignore[attr-defined]

    await core.consume(remember, until=lambda: drained(core))
    assert len(core.seen) == 2
    assert set(core.seen) < set(needs)


async def test_a_durable_is_rewound_under_a_running_reader(core: Core) -> None:
    place = core.engines.instance
    for _ in range(3):
        await core.write()
    await core.relay_all()
    task = asyncio.create_task(core.consumer(core.remember).run())
    try:
        async with asyncio.timeout(2 * PATIENCE_S):
            while not (await has(core, 3) and await drained(core)):
                await asyncio.sleep(0.02)
            async with core.reader.sessions.begin() as session:
                for table in ("effects", "inbox"):
                    await session.execute(text(f"DELETE FROM {table}"))
            await rewind(place.nats_url, admin_seed_file=place.seed_file("admin"), durables=TOPOLOGY.consumers)
            while not (await has(core, 3) and await drained(core)):
                await asyncio.sleep(0.02)
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
