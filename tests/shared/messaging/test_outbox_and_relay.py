"""What is recorded is published: once, in order per aggregate, whatever happens in between."""

import asyncio
import json
from uuid import uuid4

import asyncpg
import nats.errors
import pytest
from nats.js.client import JetStreamContext
from sqlalchemy import text

from shared.events.catalog import NeedWithdrawn
from shared.messaging import relay as relaying
from shared.messaging.fresh import Fresh
from shared.messaging.outbox import record
from shared.messaging.relay import LOCK_KEY, Relay
from shared.messaging.worker import asyncpg_dsn
from tests.shared.messaging.conftest import PATIENCE_S, Core


@pytest.mark.promise(1)
async def test_a_rolled_back_change_tells_nothing(core: Core) -> None:
    """INVARIANT: state and event commit together."""
    core.producer.surround(outbox_fresh=(fresh := Fresh()))
    with pytest.raises(RuntimeError):
        async with core.producer.sessions.begin() as session:
            await record(session, NeedWithdrawn(version=1, need_id=uuid4(), organisation_id=uuid4()))
            raise RuntimeError
    assert await core.count("outbox", database=core.producer) == 0
    assert not fresh.filled.is_set()
    assert fresh.take() == []


async def test_a_commit_wakes_the_relay_of_its_process(core: Core) -> None:
    core.producer.surround(outbox_fresh=(fresh := Fresh()))
    need_id = await core.write()
    assert fresh.filled.is_set()
    assert [row.aggregate_id for row in fresh.take() or ()] == [need_id]


async def test_everything_recorded_is_published_and_marked(core: Core) -> None:
    for _ in range(20):
        await core.write()
    assert await core.relay_all() == 20
    assert await core.stored() == 20
    assert await core.count("outbox", where="published_at IS NULL OR stream_seq IS NULL", database=core.producer) == 0


@pytest.mark.promise(4)
async def test_an_aggregate_is_published_in_version_order(core: Core) -> None:
    """INVARIANT: stream order per aggregate is 1..n."""
    need = uuid4()
    for version in range(1, 30):
        await core.write(aggregate=need, version=version)
        await core.write()
    await core.relay_all()
    messages = [json.loads(await core.message(seq)) for seq in range(1, 59)]
    versions = [message["sequence"] for message in messages if message["subject"] == str(need)]
    assert versions == list(range(1, 30))


@pytest.mark.promise(3)
async def test_the_lower_id_that_commits_last_is_not_skipped(core: Core) -> None:
    """INVARIANT: a cursor on ids would lose the first one; the mark does not."""
    early = core.producer.sessions()
    await early.begin()
    await record(early, NeedWithdrawn(version=1, need_id=uuid4(), organisation_id=uuid4()))
    await core.write()
    assert await core.relay_all() == 1
    await early.commit()
    await early.close()
    assert await core.relay_all() == 1


@pytest.mark.promise(5)
async def test_an_unknown_outcome_is_retried_with_the_same_id(core: Core, monkeypatch: pytest.MonkeyPatch) -> None:
    """INVARIANT: the ack is lost after the broker stored; the stream still holds one copy."""
    await core.write()
    real = JetStreamContext.publish

    async def stored_but_unheard(self: JetStreamContext, *args: object, **kwargs: object) -> object:
        await real(self, *args, **kwargs)  # type: ignore[arg-type]
        raise nats.errors.TimeoutError

    monkeypatch.setattr(JetStreamContext, "publish", stored_but_unheard)
    assert await core.relay_all() == 0
    monkeypatch.setattr(JetStreamContext, "publish", real)
    assert await core.relay_all() == 1
    assert await core.stored() == 1


@pytest.mark.promise(11)
async def test_a_message_the_broker_refuses_is_kept_and_stops_its_aggregate_only(core: Core) -> None:
    need, other = uuid4(), uuid4()
    await core.write(aggregate=need)
    async with core.producer.sessions.begin() as session:
        await session.execute(
            text("UPDATE outbox SET payload = json_build_object('big', repeat('x', 300000)) WHERE aggregate_id = :id"),
            {"id": need},
        )
    await core.write(aggregate=need, version=2)
    await core.write(aggregate=other)
    await core.relay_all()
    await core.relay_all()
    assert await core.stored() == 1
    assert await core.count("dead_letter", where="consumer = 'relay'", database=core.producer) == 1
    assert await core.count("outbox", where="published_at IS NULL", database=core.producer) == 2
    # Resolved too soon: parked once more, its letter is open again.
    async with core.producer.sessions.begin() as session:
        await session.execute(text("UPDATE dead_letter SET resolved_at = now(), resolved_by = 'somebody'"))
        await session.execute(text("UPDATE outbox SET parked_at = NULL"))
    await core.relay_all()
    assert await core.count("dead_letter", where="resolved_at IS NULL AND attempts = 2", database=core.producer) == 1


@pytest.mark.promise(31)
async def test_one_relay_leads_and_another_takes_over(core: Core) -> None:
    first = Relay(asyncpg_dsn(core.producer.url), core.publishing, fresh=Fresh())
    second = Relay(asyncpg_dsn(core.producer.url), core.publishing, fresh=Fresh())
    leading = asyncio.create_task(first.run())
    await _until(lambda: first.is_leader)
    waiting = asyncio.create_task(second.run())
    await asyncio.sleep(0.2)
    assert not second.is_leader
    leading.cancel()
    await asyncio.gather(leading, return_exceptions=True)
    await _until(lambda: second.is_leader)
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)


@pytest.mark.promise(31)
async def test_what_another_replica_commits_does_not_wait_for_the_poll(
    core: Core, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(relaying, "POLL_S", 60.0)
    leader = Relay(asyncpg_dsn(core.producer.url), core.publishing, fresh=Fresh())
    core.producer.surround(outbox_fresh=(fresh := Fresh()))
    other = Relay(asyncpg_dsn(core.producer.url), core.publishing, fresh=fresh)
    tasks = [asyncio.create_task(leader.run())]
    await _until(lambda: leader.is_leader)
    tasks.append(asyncio.create_task(other.run()))
    await asyncio.sleep(0.2)
    for number in (1, 2, 3):
        await core.write()
        await _until(lambda: leader.published == number)  # noqa: B023 - asked in the same turn
    assert not other.is_leader
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def test_the_lock_survives_nothing_but_its_own_connection(core: Core) -> None:
    relay = Relay(asyncpg_dsn(core.producer.url), core.publishing, fresh=Fresh())
    task = asyncio.create_task(relay.run())
    await _until(lambda: relay.is_leader)
    probe = await asyncpg.connect(asyncpg_dsn(core.producer.url), ssl=False)
    assert not await probe.fetchval("SELECT pg_try_advisory_lock($1)", LOCK_KEY)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert await probe.fetchval("SELECT pg_try_advisory_lock($1)", LOCK_KEY)
    await probe.close()


async def _until(claim: object) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while not claim():  # type: ignore[operator]
            await asyncio.sleep(0.02)


@pytest.mark.promise(19)
async def test_a_relay_that_cannot_even_mark_gives_its_lock_back(core: Core, monkeypatch: pytest.MonkeyPatch) -> None:
    """INVARIANT: the rig found a relay that, on a full disk, locked itself out for ever."""
    relay = Relay(asyncpg_dsn(core.producer.url), core.publishing, fresh=Fresh())
    task = asyncio.create_task(relay.run())
    await _until(lambda: relay.is_leader)
    marks = relaying.MARK
    monkeypatch.setattr(relaying, "MARK", "SELECT 1 / 0, $1::uuid[], $2::bigint[]")
    await core.write()
    await _until(lambda: not relay.is_leader)
    monkeypatch.setattr(relaying, "MARK", marks)
    async with asyncio.timeout(PATIENCE_S):
        while await core.count("outbox", where="published_at IS NULL", database=core.producer):
            await asyncio.sleep(0.02)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


@pytest.mark.promise(17)
async def test_a_full_stream_holds_back_and_resumes(core: Core) -> None:
    """INVARIANT: "maximum bytes exceeded" is back-pressure, not poison."""
    streams = core.admin.jetstream()
    await core.write()
    await core.relay_all()
    roomy = (await streams.stream_info("CATALOG")).config
    full = (await streams.stream_info("CATALOG")).state.bytes + 10
    await streams.update_stream(roomy.evolve(max_bytes=full))
    for _ in range(3):
        await core.write()
    assert await core.relay_all() == 0
    assert await core.count("dead_letter", database=core.producer) == 0
    await streams.update_stream(roomy)
    assert await core.relay_all() == 3
    assert await core.stored() == 4
