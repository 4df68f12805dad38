"""A session of matching whose clock stands still, and what its outbox says."""

from collections.abc import AsyncIterator

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from deploy.embedded.engines import Engines
from shared.clock import Calendar
from tests import support
from tests.services.matching.scenes import NOW
from tests.services.matching.stage import Stage


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
