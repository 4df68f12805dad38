"""A page is told what is new whichever replica it is connected to."""

import asyncio
from contextlib import suppress
from uuid import uuid4

import pytest
from sqlalchemy import text

from deploy.embedded.engines import Engines
from services.notifications.live import hub as hub_module
from services.notifications.live.commands import Kind, News, announce
from services.notifications.live.hub import Hub, Stream
from shared.clock import now
from shared.database import Database
from shared.database.both import Databases
from shared.identity.revocations import Revocations
from tests.support import an_identity


async def test_what_another_process_commits_does_not_wait_for_the_poll(
    engines: Engines, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hub_module, "POLL_S", 60.0)
    url = engines.instance.database_url("notifications", "work")
    here, elsewhere = Database(url, clock=now), Database(url, clock=now)
    reader = an_identity(organisation_name="Traiteur solidaire")
    hub, stream, stopping = Hub(Databases(here, here), Revocations(), now), Stream(reader, "fr"), asyncio.Event()
    running = asyncio.create_task(hub.run(stopping))
    await hub.started.wait()
    hub.join(stream)
    try:
        assert await heard(elsewhere, stream)
    finally:
        stopping.set()
        await running
        async with elsewhere.sessions.begin() as session:
            await session.execute(
                text("DELETE FROM live_events WHERE organisation_id = :id"), {"id": reader.organisation_id}
            )
        await asyncio.gather(here.close(), elsewhere.close())


async def heard(database: Database, stream: Stream) -> bool:
    """Say something until it is heard: at first the hub may not listen yet."""
    payload = {"about_id": str(uuid4()), "about_kind": "need"}
    for _ in range(60):
        async with database.sessions.begin() as session:
            await announce(session, [News(stream.identity.organisation_id, Kind.NEW_FOR_YOU, payload)], now=now())
        with suppress(TimeoutError):
            async with asyncio.timeout(0.5):
                return bool(await stream.take())
    return False
