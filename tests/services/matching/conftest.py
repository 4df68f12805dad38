"""A session of matching whose clock stands still, and what its outbox says."""

from collections.abc import AsyncIterator, Callable
from typing import Any

import httpx
import pytest
from litestar import Litestar
from sqlalchemy.ext.asyncio import AsyncSession

from deploy.embedded.engines import Engines
from services.matching.app import create_app
from services.matching.settings import Settings
from shared.clock import Calendar
from shared.identity import Identity
from tests import support
from tests.services.matching.scenes import NOW
from tests.services.matching.stage import Enter, Stage


@pytest.fixture
async def stage(engines: Engines) -> AsyncIterator[Stage]:
    """Matching's database with a clock that only the test moves."""
    stage = Stage(NOW)
    async with support.isolated(engines.instance, "matching", clock=stage.clock, calendar=Calendar()) as database:
        stage.database = database
        yield stage


@pytest.fixture
async def session(stage: Stage) -> AsyncIterator[AsyncSession]:
    async with stage.database.sessions.begin() as session:
        yield session


@pytest.fixture
def app(stage: Stage, matching_settings: Settings) -> Litestar:
    return create_app(matching_settings, databases=stage.database.both, clock=stage.clock)


@pytest.fixture
async def enter(
    app: Litestar, client_for: Any, sign_in_as: Any, identity: Callable[..., Identity]
) -> AsyncIterator[Enter]:
    """A client signed in for an organisation; without one, a visitor."""
    opened: list[httpx.AsyncClient] = []

    def _enter(organisation_id: Any = None, **facts: Any) -> httpx.AsyncClient:
        client: httpx.AsyncClient = client_for(app)
        if organisation_id is not None:
            sign_in_as(client, identity(organisation_id=organisation_id, **facts))
        opened.append(client)
        return client

    yield _enter
    for client in opened:
        await client.aclose()
