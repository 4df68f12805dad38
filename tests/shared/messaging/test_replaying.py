"""A dead letter reaches its consumer's handler again, once, or stays open and says why."""

import asyncio
import json
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from shared.database import new_id
from shared.events.catalog import NeedWithdrawn
from shared.events.envelope import cause
from shared.messaging import consumer as consumer_module
from shared.messaging import replaying
from shared.messaging.fresh import Fresh
from shared.messaging.letters import OpenedLetter, letter_by_id, letters, open_letters
from shared.messaging.outbox import record
from shared.messaging.relay import Relay
from shared.messaging.replaying import NoSuchLetter, Outcome, replay
from shared.messaging.topology import MIB
from shared.messaging.worker import asyncpg_dsn
from tests.shared.messaging.conftest import Core
from tests.shared.messaging.test_consumer import drained
from tests.shared.messaging.test_consumer import letters as letters_are

ME = "operator@here"


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(consumer_module, "RETRY_DELAYS_S", (0.01,) * 5)
    monkeypatch.setattr(replaying, "RELAY_POLLS", 5)


async def broken(_session: AsyncSession, _event: NeedWithdrawn) -> None:
    raise ValueError("not mended yet")


async def a_letter(core: Core) -> UUID:
    """An event whose handler failed each time; the id of its letter."""
    await core.write()
    await core.relay_all()
    await core.consume(broken, until=lambda: letters_are(core, 1))
    async with core.reader.sessions() as session:
        (letter_id,) = await open_letters(session)
    return letter_id


async def opened(core: Core, letter_id: UUID) -> OpenedLetter:
    async with core.reader.sessions() as session:
        letter = await letter_by_id(session, letter_id)
    assert letter is not None
    return letter


def mended(core: Core) -> Any:
    return {NeedWithdrawn: core.remember}


@pytest.mark.promise(11)
async def test_a_replayed_letter_is_applied_and_resolved(core: Core) -> None:
    letter_id = await a_letter(core)
    assert (await replay(core.reader, mended(core), letter_id, by=ME)).outcome is Outcome.APPLIED
    letter = await opened(core, letter_id)
    assert core.seen == [UUID(json.loads(letter.payload)["subject"])]
    assert await core.count("inbox", where="outcome = 'replayed'") == 1
    assert (letter.resolved_by, letter.replay_count, letter.resolved_at is not None) == (ME, 1, True)


async def test_a_second_replay_has_no_second_effect(core: Core) -> None:
    letter_id = await a_letter(core)
    await replay(core.reader, mended(core), letter_id, by=ME)
    before = await opened(core, letter_id)
    assert (await replay(core.reader, mended(core), letter_id, by="somebody else")).outcome is Outcome.CLOSED
    assert len(core.seen) == 1
    assert await opened(core, letter_id) == before


async def test_two_replays_at_once_apply_once(core: Core) -> None:
    """INVARIANT: the letter's row lock orders them; without it both would find the letter open."""
    letter_id = await a_letter(core)

    async def slow(session: AsyncSession, event: NeedWithdrawn) -> None:
        await asyncio.sleep(0.2)
        core.seen.append(event.need_id)

    both = await asyncio.gather(*(replay(core.reader, {NeedWithdrawn: slow}, letter_id, by=ME) for _ in range(2)))
    assert sorted(each.outcome for each in both) == [Outcome.APPLIED, Outcome.CLOSED]
    assert len(core.seen) == 1


async def test_a_redelivery_after_a_replay_changes_nothing(core: Core) -> None:
    letter_id = await a_letter(core)
    await replay(core.reader, mended(core), letter_id, by=ME)
    letter = await opened(core, letter_id)
    await core.publishing.jetstream().publish(letter.subject or "", letter.payload, headers={"Nats-Msg-Id": "again"})
    await core.consume(core.remember, until=lambda: drained(core))
    assert len(core.seen) == 1


async def test_a_letter_whose_event_was_applied_meanwhile_is_only_resolved(core: Core) -> None:
    """INVARIANT: the inbox decides, not the letter: an older version could not read what a newer one applied."""
    letter_id = await a_letter(core)
    async with core.reader.sessions.begin() as session:
        await session.execute(text("UPDATE inbox SET outcome = 'applied'"))
    assert (await replay(core.reader, mended(core), letter_id, by=ME)).outcome is Outcome.KNOWN
    assert core.seen == []
    assert (await opened(core, letter_id)).resolved_at is not None


async def test_a_replay_that_fails_keeps_the_letter_open_with_its_new_reason(core: Core) -> None:
    letter_id = await a_letter(core)
    before = await opened(core, letter_id)

    async def fails_late(session: AsyncSession, event: NeedWithdrawn) -> None:
        await core.remember(session, event)
        raise RuntimeError("another trouble")

    replayed = await replay(core.reader, {NeedWithdrawn: fails_late}, letter_id, by=ME)
    after = await opened(core, letter_id)
    assert (replayed.outcome, replayed.words) == (Outcome.FAILED, "RuntimeError('another trouble')")
    assert (after.reason, after.attempts, after.replay_count) == (replayed.words, before.attempts + 1, 1)
    assert after.resolved_at is None
    assert await core.count("effects") == 0
    assert (await replay(core.reader, mended(core), letter_id, by=ME)).outcome is Outcome.APPLIED
    assert await core.count("effects") == 1


async def test_an_outage_during_a_replay_is_no_failure_of_the_letter(core: Core) -> None:
    letter_id = await a_letter(core)
    before = await opened(core, letter_id)

    async def away(_session: AsyncSession, _event: NeedWithdrawn) -> None:
        raise ConnectionRefusedError

    with pytest.raises(ConnectionRefusedError):
        await replay(core.reader, {NeedWithdrawn: away}, letter_id, by=ME)
    assert (await opened(core, letter_id)).reason == before.reason


async def test_a_replay_that_kills_its_process_is_counted_and_leaves_the_letter_open(core: Core) -> None:
    """INVARIANT: counted before it is tried; whoever asked again and again can be seen to have."""
    letter_id = await a_letter(core)

    async def dies(session: AsyncSession, event: NeedWithdrawn) -> None:
        await core.remember(session, event)
        raise asyncio.CancelledError

    with pytest.raises(asyncio.CancelledError):
        await replay(core.reader, {NeedWithdrawn: dies}, letter_id, by=ME)
    letter = await opened(core, letter_id)
    assert (letter.replay_count, letter.resolved_at) == (1, None)
    assert await core.count("effects") == 0


async def test_what_still_cannot_be_read_stays_open(core: Core) -> None:
    await core.publishing.jetstream().publish(f"catalog.need.withdrawn.v1.{uuid4()}", b"\xff not text")
    await core.consume(core.remember, until=lambda: letters_are(core, 1))
    async with core.reader.sessions() as session:
        (letter,) = await letters(session, limit=10)
    replayed = await replay(core.reader, mended(core), letter.id, by=ME)
    assert replayed.outcome is Outcome.FAILED
    assert replayed.words.startswith("unreadable: ")
    assert (await opened(core, letter.id)).payload == b"\xff not text"


async def test_what_the_consumer_keeps_nothing_of_is_resolved_and_named(core: Core) -> None:
    letter_id = await a_letter(core)
    replayed = await replay(core.reader, {}, letter_id, by=ME)
    assert (replayed.outcome, replayed.words) == (Outcome.IGNORED, "catalog.need.withdrawn.v1")


@pytest.mark.promise(36)
async def test_a_major_version_that_is_still_unknown_stays_open(core: Core) -> None:
    """INVARIANT: what waits for a newer reader is not thrown away by an older one."""
    letter_id = await a_letter(core)
    newer = "convert_to(replace(convert_from(payload, 'UTF8'), '.v1', '.v2'), 'UTF8')"
    async with core.reader.sessions.begin() as session:
        await session.execute(text(f"UPDATE dead_letter SET payload = {newer}"))
    replayed = await replay(core.reader, {NeedWithdrawn: core.remember}, letter_id, by=ME)
    assert replayed.outcome is Outcome.FAILED
    assert "major version" in replayed.words


async def test_the_events_of_a_replayed_handler_carry_their_cause(core: Core) -> None:
    letter_id = await a_letter(core)
    envelope = json.loads((await opened(core, letter_id)).payload)

    async def tells(session: AsyncSession, _event: NeedWithdrawn) -> None:
        await record(session, NeedWithdrawn(version=1, need_id=uuid4(), organisation_id=uuid4()))

    await replay(core.reader, {NeedWithdrawn: tells}, letter_id, by=ME)
    async with core.reader.sessions() as session:
        told = json.loads(await session.scalar(text("SELECT payload::text FROM outbox")) or "")
    assert (told["causationid"], told["correlationid"]) == (envelope["id"], envelope["correlationid"])
    assert cause.get() is None or str(cause.get()) != envelope["id"]


async def test_letters_are_listed_oldest_first_and_without_the_resolved(core: Core) -> None:
    ids = [new_id() for _ in range(3)]
    async with core.reader.sessions.begin() as session:
        for number, letter_id in enumerate(ids):
            await session.execute(
                text("""
                    INSERT INTO dead_letter (id, consumer, subject, payload, reason, fingerprint, attempts, first_at)
                    VALUES (:id, 'c', :subject, '', 'r', 'r', 1, now() - make_interval(mins => :age))
                """),
                {"id": letter_id, "subject": str(number), "age": number},
            )
        await session.execute(text("UPDATE dead_letter SET resolved_at = now() WHERE subject = '1'"))
    async with core.reader.sessions() as session:
        assert [letter.subject for letter in await letters(session, limit=10)] == ["2", "0"]
        assert [letter.subject for letter in await letters(session, also_resolved=True, limit=2)] == ["2", "1"]


async def test_an_unknown_letter_is_refused(core: Core) -> None:
    with pytest.raises(NoSuchLetter):
        await replay(core.reader, {}, uuid4(), by=ME)


async def too_large(core: Core) -> UUID:
    """An event that the broker refuses, a second one of its need behind it; the id of its letter."""
    need = await core.write()
    async with core.producer.sessions.begin() as session:
        await session.execute(text("UPDATE outbox SET payload = json_build_object('big', repeat('x', 300000))"))
    await core.write(aggregate=need, version=2)
    await core.relay_all()
    async with core.producer.sessions() as session:
        (letter_id,) = await open_letters(session)
    return letter_id


async def replay_beside_a_relay(core: Core, letter_id: UUID) -> replaying.Replayed:
    relay = Relay(asyncpg_dsn(core.producer.url), core.publishing, fresh=Fresh())
    task = asyncio.create_task(relay.run())
    try:
        return await replay(core.producer, {}, letter_id, by=ME)
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def test_a_parked_event_leaves_with_what_waits_behind_it(core: Core, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(replaying, "RELAY_POLLS", 50)
    letter_id = await too_large(core)
    config = (await core.admin.jetstream().stream_info("CATALOG")).config
    config.max_msg_size = MIB
    await core.admin.jetstream().update_stream(config)
    assert (await replay_beside_a_relay(core, letter_id)).outcome is Outcome.SENT
    async with core.producer.sessions() as session:
        letter = await letter_by_id(session, letter_id)
    assert letter is not None
    assert letter.resolved_by == ME
    await core.relay_all()
    assert await core.stored() == 2


async def test_a_parked_event_that_is_refused_again_keeps_its_letter(
    core: Core, monkeypatch: pytest.MonkeyPatch
) -> None:
    """INVARIANT: resolved is what was sent; the relay leaves a letter that is there as it is."""
    monkeypatch.setattr(replaying, "RELAY_POLLS", 50)
    letter_id = await too_large(core)
    replayed = await replay_beside_a_relay(core, letter_id)
    assert (replayed.outcome, replayed.words) == (Outcome.FAILED, "message too large for the stream")
    assert await core.count("dead_letter", where="resolved_at IS NULL", database=core.producer) == 1
    assert await core.count("outbox", where="parked_at IS NOT NULL", database=core.producer) == 1


async def test_a_parked_event_that_no_relay_takes_stays_open_until_it_was_sent(core: Core) -> None:
    letter_id = await too_large(core)
    async with core.producer.sessions.begin() as session:
        await session.execute(text("UPDATE outbox SET payload = '{}' WHERE parked_at IS NOT NULL"))
    assert (await replay(core.producer, {}, letter_id, by=ME)).outcome is Outcome.WAITING
    assert await core.count("dead_letter", where="resolved_at IS NULL", database=core.producer) == 1
    assert await core.relay_all() == 2
    assert (await replay(core.producer, {}, letter_id, by=ME)).outcome is Outcome.SENT
