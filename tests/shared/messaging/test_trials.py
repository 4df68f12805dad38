"""What costs an attempt and what does not: only a message's own fault may end as a dead letter."""

import asyncio

import asyncpg
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from shared.database.statement import Statement
from shared.events.catalog import NeedWithdrawn
from shared.messaging import consumer as consumer_module
from shared.messaging import trials as trials_module
from shared.messaging.trials import MAX_DEATHS, Trials
from shared.messaging.worker import asyncpg_dsn
from tests.shared.messaging.conftest import PATIENCE_S, Core
from tests.shared.messaging.test_consumer import drained, has

LOCK = Statement("SELECT pg_advisory_xact_lock(42)")


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(consumer_module, "RETRY_DELAYS_S", (0.01,) * 5)
    monkeypatch.setattr(consumer_module, "OUTAGE_PAUSE_S", 0.01)


async def test_a_lock_that_others_hold_costs_no_attempt(core: Core) -> None:
    await core.write()
    await core.relay_all()
    holder = await asyncpg.connect(asyncpg_dsn(core.reader.url), ssl=False)
    await holder.execute("SELECT pg_advisory_lock(42)")
    tries = 0

    async def handler(session: AsyncSession, event: NeedWithdrawn) -> None:
        nonlocal tries
        tries += 1
        if tries > 7:
            await holder.execute("SELECT pg_advisory_unlock_all()")
        await session.execute(text("SET LOCAL lock_timeout = '10ms'"))
        await LOCK.execute(session)
        await core.remember(session, event)

    await core.consume(handler, until=lambda: drained(core))
    await holder.close()
    assert (await core.count("effects"), await core.count("dead_letter")) == (1, 0)


@pytest.mark.promise(13)
async def test_an_outage_of_many_deliveries_costs_no_attempt(core: Core) -> None:
    """INVARIANT: each return of a message in an outage counts as a delivery, and none of them as its fault."""
    need = await core.write()
    await core.relay_all()
    outages = 20

    async def handler(session: AsyncSession, event: NeedWithdrawn) -> None:
        nonlocal outages
        if outages:
            outages -= 1
            raise ConnectionRefusedError
        await core.remember(session, event)

    await core.consume(handler, until=lambda: drained(core))
    assert core.seen == [need]
    assert (await core.count("dead_letter"), await core.count("attempt")) == (0, 0)


async def _begin_and_stop(core: Core) -> None:
    began = asyncio.Event()

    async def never(_session: AsyncSession, _event: NeedWithdrawn) -> None:
        began.set()
        await asyncio.sleep(60)

    task = asyncio.create_task(core.consumer(never).run())
    try:
        await asyncio.wait_for(began.wait(), PATIENCE_S)
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


@pytest.mark.promise(12)
async def test_a_message_that_kills_every_process_goes_aside(core: Core, monkeypatch: pytest.MonkeyPatch) -> None:
    async def a_killed_process_says_nothing(*_: object) -> None: ...

    monkeypatch.setattr(trials_module, "UNSUSPICIOUS_DELIVERIES", 0)
    monkeypatch.setattr(Trials, "survived", a_killed_process_says_nothing)
    await core.write()
    await core.relay_all()
    for _ in range(MAX_DEATHS):
        await _begin_and_stop(core)
    assert await core.count("dead_letter") == 0
    await core.consume(core.remember, until=lambda: drained(core))
    assert core.seen == []
    assert await core.count("dead_letter", where="reason LIKE '%died%'") == 1


@pytest.mark.promise(30)
async def test_an_orderly_stop_is_no_death(core: Core, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trials_module, "UNSUSPICIOUS_DELIVERIES", 0)
    need = await core.write()
    await core.relay_all()
    for _ in range(MAX_DEATHS + 1):
        await _begin_and_stop(core)
    await core.consume(core.remember, until=lambda: has(core, 1))
    assert core.seen == [need]


async def test_attempts_of_a_stream_that_was_made_anew_are_not_another_message_s(core: Core) -> None:
    """After a lost NATS store the numbers begin again."""
    async with core.reader.sessions.begin() as session:
        await session.execute(text("INSERT INTO attempt (consumer, stream_seq, n) VALUES ('CATALOG.matching', 1, 5)"))
    await core.write()
    await core.relay_all()
    failures = [True]

    async def fails_once(session: AsyncSession, event: NeedWithdrawn) -> None:
        if failures:
            failures.clear()
            raise ValueError
        await core.remember(session, event)

    await core.consume(fails_once, until=lambda: drained(core))
    assert (await core.count("effects"), await core.count("dead_letter"), await core.count("attempt")) == (1, 0, 0)
