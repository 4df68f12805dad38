"""What a process says of itself: alive while its jobs get on, ready while its own database answers."""

import asyncio
import json
import socket
from contextlib import suppress

import httpx
import pytest
from sqlalchemy import text

from deploy.embedded.engines import Engines
from deploy.embedded.ports import free_port
from services.matching.settings import Settings as MatchingSettings
from shared.database import Database
from shared.messaging.standing import standing_of
from shared.messaging.worker import for_ever, working
from shared.observability.door import Door, Page
from shared.observability.listener import answering
from shared.observability.pulse import LOOP_PATIENCE_S, PATIENCE_S, beat, in_turns
from shared.observability.signals import Signals


def reasons(page: Page) -> list[str]:
    said = json.loads(page.body)
    assert (page.status == 200) == (said["status"] == "ok") == ("reasons" not in said)
    return list(said.get("reasons", []))


async def stuck() -> None:
    """Said long ago that it got on, and waits for ever."""
    beat(rest_s=-PATIENCE_S - 1)
    await asyncio.Event().wait()


async def steady() -> None:
    beat()
    await asyncio.Event().wait()


async def broken() -> None:
    raise RuntimeError


@pytest.mark.parametrize(("job", "said"), [(stuck, ["catalog: stuck"]), (steady, []), (broken, [])])
async def test_a_job_that_stands_still_is_named(job: object, said: list[str]) -> None:
    signals = Signals("catalog")
    task = asyncio.create_task(for_ever(job, signals))  # type: ignore[arg-type]
    try:
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        assert reasons(await Door(lambda: {"catalog": signals}).livez()) == said
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
    assert reasons(await Door(lambda: {"catalog": signals}).livez()) == []


async def test_a_held_up_loop_is_told() -> None:
    door = Door(dict)
    door.lag._last_s = LOOP_PATIENCE_S + 1
    assert reasons(await door.livez()) == ["event loop, 6.0 s late"]


@pytest.mark.promise(16)
async def test_who_has_lost_the_broker_is_alive_and_ready(
    engines: Engines, matching_settings: MatchingSettings
) -> None:
    """INVARIANT: pages need the own database only, so nobody takes them away while NATS is down."""
    settings = matching_settings.model_copy(update={"nats_url": f"nats://127.0.0.1:{free_port()}"})
    database = Database(engines.instance.database_url("matching", "work"))
    signals = standing_of("matching", database)
    door = Door(lambda: {"matching": signals})
    async with working(settings, database, {}, signals=signals):
        await asyncio.sleep(0)
        answers = [await door.livez(), await door.readyz(), await door.startupz()]
    await database.close()
    assert [reasons(each) for each in answers] == [[], [], []]


async def test_who_has_lost_its_database_is_alive_and_not_ready(engines: Engines) -> None:
    url = engines.instance.database_url("catalog").replace(str(engines.instance.postgres_port), str(free_port()))
    database = Database(url)
    signals = standing_of("catalog", database)
    door = Door(lambda: {"catalog": signals})
    assert reasons(await door.livez()) == []
    (said, *_) = reasons(await door.readyz())
    assert said.startswith("catalog: its database does not answer")
    await database.close()


async def test_who_is_not_migrated_has_not_started(engines: Engines) -> None:
    database = Database(engines.instance.admin_database_url())
    signals = standing_of("catalog", database)
    (said,) = reasons(await Door(lambda: {"catalog": signals}).startupz())
    assert said.startswith("catalog: its schema is at nothing, the code's is ")
    await database.close()


@pytest.mark.promise(21)
async def test_who_is_not_proven_durable_has_not_started() -> None:
    doubts = ["NATS server boucle acknowledges before it syncs"]

    async def unproven() -> list[str]:
        return [*doubts]

    door = Door(dict, unproven)
    assert reasons(await door.startupz()) == doubts
    doubts.clear()
    assert reasons(await door.startupz()) == []
    doubts.append("asked no more")
    assert reasons(await door.startupz()) == []


async def test_a_service_that_is_down_is_named() -> None:
    door = Door(lambda: {"matching": None})
    assert reasons(await door.startupz()) == ["matching: is down"]
    assert reasons(await door.livez()) == []


async def test_the_listener_answers_these_addresses_and_no_others(engines: Engines) -> None:
    database = Database(engines.instance.database_url("catalog", "work"))
    signals = standing_of("catalog", database)
    listener = socket.create_server(("127.0.0.1", 0))
    url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    async with answering(Door(lambda: {"catalog": signals}), listener), httpx.AsyncClient(base_url=url) as client:
        paths = ("/livez", "/readyz", "/startupz", "/metrics", "/metrics?x=1", "/", "/needs")
        assert [(await client.get(path)).status_code for path in paths] == [200, 200, 200, 200, 200, 404, 404]
        assert (await client.post("/livez")).status_code == 405
        for nonsense in (b"\xff\xff\r\n\r\n", b"GET\r\n\r\n", b"x" * 20_000):
            reader, writer = await asyncio.open_connection("127.0.0.1", listener.getsockname()[1])
            writer.write(nonsense)
            with suppress(ConnectionError):
                assert await reader.read() == b""
            writer.close()
        assert (await client.get("/livez")).status_code == 200
    await database.close()


async def test_a_frozen_database_holds_one_connection_however_many_ask(engines: Engines) -> None:
    """INVARIANT: the question is asked once for all who wait."""
    database = Database(engines.instance.database_url("catalog", "work"), pool_size=3)
    signals = standing_of("catalog", database)
    door = Door(lambda: {"catalog": signals})
    await door.readyz()
    asked = 0

    async def count() -> None:
        nonlocal asked
        asked += 1
        async with database.connection() as connection:
            await connection.execute(text("SELECT pg_sleep(0.2)"))

    assert signals.health is not None
    signals.health._alive._ask = count
    signals.health._alive._answered_at = 0.0
    answers = await asyncio.gather(*(door.readyz() for _ in range(40)))
    assert {each.status for each in answers} == {200}
    assert asked == 1
    await database.close()


async def test_whoever_takes_in_many_rows_lets_others_come_between() -> None:
    others, done, between = 0, False, []

    async def answer() -> None:
        nonlocal others
        while not done:
            others += 1
            await asyncio.sleep(0)

    answering_meanwhile = asyncio.create_task(answer())
    async for row in in_turns(range(10), at_once=3):
        between.append((row, others))
    done = True
    await answering_meanwhile
    assert between == [(row, row // 3) for row in range(10)]
