"""A notifications database that really commits (streams, senders, consumers), emptied after each test."""

from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import text

from deploy.embedded.engines import Engines
from services.notifications.app import create_app
from services.notifications.settings import Settings
from shared.clock import Calendar
from shared.database import Database
from shared.identity import Identity, Signer
from shared.web.application import Application
from tests.services.notifications.actors import Clock, Stage

TABLES = (
    "deliveries", "security_letters", "readings", "notices", "live_events", "members", "contacts", "organisations",
    "outbox", "inbox", "dead_letter", "attempt",
)  # fmt: skip


@pytest.fixture
def clock() -> Clock:
    return Clock(datetime(2026, 11, 24, 9, 0, tzinfo=UTC))


@pytest.fixture
async def database(engines: Engines, clock: Clock) -> AsyncIterator[Database]:
    database = Database(
        engines.instance.database_url("notifications"), clock=clock, calendar=Calendar(always_open=True)
    )
    yield database
    async with database.sessions.begin() as session:
        for table in TABLES:
            await session.execute(text(f"DELETE FROM {table}"))
    await database.close()


@pytest.fixture
def stage(database: Database) -> Stage:
    return Stage(database)


@pytest.fixture
def app(notifications_settings: Settings, database: Database, clock: Clock) -> Application:
    return create_app(notifications_settings, database=database, clock=clock)


@pytest.fixture
def client(app: Application, client_for: Callable[[Any], Any]) -> Any:
    return client_for(app)


@pytest.fixture
def token(signer: Signer) -> Callable[[Identity], str]:
    return signer.mint
