"""What is published is applied: once per consumer, after the commit, and poison goes aside with its reason."""

import asyncio
import contextlib
import json
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from shared.database import Database
from shared.events.catalog import NeedWithdrawn
from shared.events.envelope import cause
from shared.messaging import consumer as consumer_module
from shared.messaging import provision
from shared.messaging.consumer import Consumer
from shared.messaging.handling import Foretellers, Handler
from shared.messaging.outbox import record
from tests.shared.messaging.conftest import PATIENCE_S, TOPOLOGY, Core


@pytest.fixture(autouse=True)
def quick_retries(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(consumer_module, "RETRY_DELAYS_S", (0.01,) * 5)


@pytest.mark.promise(7)
async def test_an_event_is_applied_once_with_its_inbox_row(core: Core) -> None:
    need = await core.write()
    await core.relay_all()
    await core.consume(core.remember, until=lambda: has(core, 1))
    assert core.seen == [need]
    assert await core.count("inbox", where="outcome = 'applied'") == 1


@pytest.mark.promise(6, 9)
async def test_a_duplicate_changes_nothing(core: Core) -> None:
    """INVARIANT: the dedupe window is an optimisation; the inbox is the guarantee."""
    await core.write()
    await core.relay_all()
    payload = await core.message(1)
    for copy in range(3):
        await core.publishing.jetstream().publish(
            f"catalog.need.withdrawn.v1.{uuid4()}", payload, headers={"Nats-Msg-Id": f"copy-{copy}"}
        )
    assert await core.stored() == 4
    await core.consume(core.remember, until=lambda: drained(core))
    assert len(core.seen) == 1


@pytest.mark.promise(11)
async def test_a_failing_handler_is_retried_then_quarantined_and_never_in_the_way(core: Core) -> None:
    poison = await core.write()
    await core.relay_all()

    async def handler(session: AsyncSession, event: NeedWithdrawn) -> None:
        await core.remember(session, event)
        if event.need_id == poison:
            raise ValueError("cannot be applied")

    good = await core.write()
    await core.relay_all()
    await core.consume(handler, until=lambda: letters(core, 1))
    assert core.seen.count(poison) == 6
    assert good in core.seen
    assert await core.count("effects") == 1  # the failed attempts were undone
    assert await core.count("dead_letter", where="reason LIKE '%cannot be applied%' AND attempts = 6") == 1
    assert await core.count("attempt") == 0


@pytest.mark.parametrize(
    "payload",
    [b"not json", b'{"type": "catalog.need.withdrawn.v1"}', b"\xff\xfe", b"[]"],
    ids=["not json", "no envelope", "not text", "a list"],
)
@pytest.mark.promise(11)
async def test_what_cannot_be_read_is_kept_whole(core: Core, payload: bytes) -> None:
    await core.publishing.jetstream().publish(f"catalog.need.withdrawn.v1.{uuid4()}", payload)
    await core.consume(core.remember, until=lambda: letters(core, 1))
    async with core.reader.sessions() as session:
        assert await session.scalar(text("SELECT payload FROM dead_letter")) == payload


async def test_a_letter_is_kept_although_the_stream_was_made_anew(core: Core) -> None:
    """A letter is known by what it holds: after a lost NATS store the numbers begin again."""
    for payload in (b"first poison", b"second poison"):
        await core.admin.jetstream().delete_stream("CATALOG")
        await core.provision()
        await core.publishing.jetstream().publish("catalog.need.withdrawn.v1.x", payload)
        await core.consume(core.remember, until=lambda: drained(core))
    async with core.reader.sessions() as session:
        kept = (await session.scalars(text("SELECT payload FROM dead_letter"))).all()
    assert sorted(kept) == [b"first poison", b"second poison"]


async def test_the_same_poison_again_opens_its_letter_again(core: Core) -> None:
    for _ in range(2):
        await core.publishing.jetstream().publish("catalog.need.withdrawn.v1.x", b"poison")
        await core.consume(core.remember, until=lambda: drained(core))
        assert await core.count("dead_letter", where="resolved_at IS NULL") == 1
        async with core.reader.sessions.begin() as session:
            await session.execute(text("UPDATE dead_letter SET resolved_at = now()"))


@pytest.mark.parametrize(
    ("kind", "ignored", "letters_left"),
    [("catalog.need.applauded.v1", 1, 0), ("catalog.need.withdrawn.v2", 0, 1)],
    ids=["a fact we do not read", "a fact we read, in a form we do not know"],
)
@pytest.mark.promise(36)
async def test_an_unknown_type_is_passed_over_and_an_unknown_major_waits(
    core: Core, kind: str, ignored: int, letters_left: int
) -> None:
    await core.write()
    await core.relay_all()
    known = json.loads(await core.message(1))
    newer = {**known, "id": str(uuid4()), "type": kind}
    await core.publishing.jetstream().publish(
        f"{kind}.{uuid4()}", json.dumps(newer).encode(), headers={"Nats-Msg-Id": newer["id"]}
    )
    await core.consume(core.remember, until=lambda: drained(core))
    assert await core.count("inbox", where="outcome = 'ignored'") == ignored
    assert await core.count("dead_letter", where="reason LIKE '%major version%'") == letters_left


async def test_a_handler_s_own_events_carry_the_cause(core: Core) -> None:
    await core.write()
    await core.relay_all()
    first = json.loads(await core.message(1))
    causes = []

    async def handler(session: AsyncSession, event: NeedWithdrawn) -> None:
        causes.append(cause.get())
        await record(session, NeedWithdrawn(version=1, need_id=uuid4(), organisation_id=uuid4()))
        await core.remember(session, event)

    await core.consume(handler, until=lambda: has(core, 1))
    (own,) = causes
    assert own is not None
    assert str(own.causation) == first["id"]
    assert str(own.correlation) == first["correlationid"]
    assert cause.get() is None or cause.get() != own


@pytest.mark.promise(13)
async def test_an_outage_of_the_database_costs_no_attempt(core: Core, monkeypatch: pytest.MonkeyPatch) -> None:
    """INVARIANT: transient errors never lead to a dead letter."""
    monkeypatch.setattr(consumer_module, "OUTAGE_PAUSE_S", 0.01)
    need = await core.write()
    await core.relay_all()
    outages = 12

    async def handler(session: AsyncSession, event: NeedWithdrawn) -> None:
        nonlocal outages
        if outages:
            outages -= 1
            raise ConnectionRefusedError
        await core.remember(session, event)

    await core.consume(handler, until=lambda: has(core, 1))
    assert core.seen == [need]
    assert await core.count("dead_letter") == 0
    assert await core.count("attempt") == 0


@pytest.mark.promise(7)
async def test_acknowledging_before_the_commit_would_lose_events(core: Core, monkeypatch: pytest.MonkeyPatch) -> None:
    """INVARIANT: a crash before the commit leaves the event unacknowledged, so it comes back."""
    crashes = [True]

    async def dies_once(session: AsyncSession, event: NeedWithdrawn) -> None:
        await core.remember(session, event)
        if crashes:
            crashes.clear()
            raise asyncio.CancelledError

    await core.write()
    await core.relay_all()
    task = asyncio.create_task(core.consumer(dies_once).run())
    await asyncio.gather(task, return_exceptions=True)
    info = await core.admin.jetstream().consumer_info("CATALOG", "matching")
    assert await core.count("effects") == 0
    assert info.num_ack_pending == 1  # it comes back after ack_wait


def _identity(event: NeedWithdrawn) -> UUID:
    return event.need_id


async def has(core: Core, effects: int) -> bool:
    return await core.count("effects") == effects


async def letters(core: Core, number: int) -> bool:
    return await core.count("dead_letter") == number


async def drained(core: Core) -> bool:
    """Everything stored was acknowledged; what was stored just now is not counted as pending at once."""
    last = (await core.admin.jetstream().stream_info("CATALOG")).state.last_seq
    info = await core.admin.jetstream().consumer_info("CATALOG", "matching")
    acknowledged = info.ack_floor.stream_seq if info.ack_floor else 0
    return info.num_pending == 0 and info.num_ack_pending == 0 and acknowledged >= last


@pytest.mark.promise(15)
async def test_a_handler_that_takes_longer_than_its_lease_keeps_it(core: Core, monkeypatch: pytest.MonkeyPatch) -> None:
    short = timedelta(seconds=1.5)
    for module in (consumer_module, provision):
        monkeypatch.setattr(module, "ACK_WAIT", short)
    await core.provision()
    deliveries = []

    async def slow(session: AsyncSession, event: NeedWithdrawn) -> None:
        deliveries.append(event.need_id)
        await asyncio.sleep(3 * short.total_seconds())
        await core.remember(session, event)

    need = await core.write()
    await core.relay_all()
    await core.consume(slow, until=lambda: drained(core))
    assert deliveries == [need]


@pytest.mark.promise(7)
async def test_what_can_be_told_is_told_before_the_event_is_applied(core: Core) -> None:
    """INVARIANT: who applies it is whom the foreteller names, also when the event comes again after a death between."""
    told: list[UUID] = []
    deaths = [asyncio.CancelledError()]

    async def foretell(_database: Database, event: NeedWithdrawn) -> Handler:
        because = cause.get()
        assert because is not None
        told.append(event.need_id)
        if deaths:
            raise deaths.pop()
        return core.remember

    async def alone(_session: AsyncSession, _event: NeedWithdrawn) -> None:
        raise AssertionError("the foreteller names who applies it")

    need = await core.write()
    await core.relay_all()
    foretellers: Foretellers = {NeedWithdrawn: foretell}
    for _ in range(2):
        consumer = Consumer(
            TOPOLOGY.consumers[0], core.reader, core.reading, {NeedWithdrawn: alone}, foretellers=foretellers
        )
        with contextlib.suppress(TimeoutError, asyncio.CancelledError):
            async with asyncio.timeout(PATIENCE_S):
                task = asyncio.create_task(consumer.run())
                while not (core.seen or task.done()):
                    await asyncio.sleep(0.02)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    assert told == [need, need]
    assert core.seen == [need]


async def test_nothing_is_foretold_while_more_waits(core: Core) -> None:
    """INVARIANT: of many at once each is written once; telling first is for when nobody waits behind."""
    told: list[UUID] = []

    async def foretell(_database: Database, event: NeedWithdrawn) -> Handler:
        told.append(event.need_id)
        return core.remember

    needs = [await core.write() for _ in range(5)]
    await core.relay_all()
    consumer = Consumer(
        TOPOLOGY.consumers[0],
        core.reader,
        core.reading,
        {NeedWithdrawn: core.remember},
        foretellers={NeedWithdrawn: foretell},
    )
    task = asyncio.create_task(consumer.run())
    async with asyncio.timeout(PATIENCE_S):
        while len(core.seen) < len(needs):
            await asyncio.sleep(0.02)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert sorted(core.seen) == sorted(needs)
    assert len(told) < len(needs)
