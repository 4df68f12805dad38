"""A notifications database that really commits (streams, senders, consumers), emptied after each test."""

from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from sqlalchemy import text

from deploy.embedded.engines import Engines
from services.notifications.app import create_app
from services.notifications.settings import Settings
from shared.database import Database
from shared.database.both import Databases
from shared.identity import Identity, Signer
from shared.web.application import Application
from tests.services.notifications.actors import Clock, Stage
from tests.services.notifications.hooks import author, courier, hook, owner, receiver, send, told
from tests.support import committing, csrf_headers, set_identity

# What tests of webhooks begin with.
__all__ = ["author", "courier", "hook", "owner", "receiver", "send", "told"]

TABLES = (
    "deliveries", "digests", "written_before", "preferences", "mail_hours", "security_letters", "readings", "notices",
    "live_events", "members", "contacts", "organisations", "outbox", "inbox", "dead_letter", "attempt",
    "webhooks",
)  # fmt: skip


@pytest.fixture
def clock() -> Clock:
    return Clock(datetime(2026, 11, 24, 9, 0, tzinfo=UTC))


@pytest.fixture
async def databases(engines: Engines, clock: Clock) -> AsyncIterator[Databases]:
    async with committing(engines.instance, "notifications", clock=clock) as databases:
        yield databases
        async with databases.at_work().sessions.begin() as session:
            for table in TABLES:
                await session.execute(text(f"DELETE FROM {table}"))


@pytest.fixture
def database(databases: Databases) -> Database:
    """As the worker has it."""
    return databases.at_work()


@pytest.fixture
def stage(database: Database) -> Stage:
    return Stage(database)


@pytest.fixture
def app(notifications_settings: Settings, databases: Databases, clock: Clock) -> Application:
    return create_app(notifications_settings, databases=databases, clock=clock)


@pytest.fixture
def client(app: Application, client_for: Callable[[Any], Any]) -> Any:
    return client_for(app)


@pytest.fixture
def token(signer: Signer) -> Callable[[Identity], str]:
    return signer.mint


@pytest.fixture
def visit(app: Application, client_for: Any, token: Callable[[Identity], str]) -> Callable[[Identity], Any]:
    """A signed-in browser whose unsafe requests carry their token."""

    def signed_in(identity: Identity) -> httpx.AsyncClient:
        client: httpx.AsyncClient = client_for(app)
        set_identity(client, token(identity))
        client.headers.update(csrf_headers(client, app, identity))
        return client

    return signed_in
