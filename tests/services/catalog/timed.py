"""Fixtures of a catalog whose day a test chooses, and a publisher in it; a module takes them by importing all five."""

from collections.abc import AsyncIterator

import httpx
import pytest
from litestar import Litestar

from deploy.embedded.engines import Engines
from services.catalog.settings import Settings
from tests.services.catalog.conftest import SignUp
from tests.services.catalog.takers import Clock, an_app, at_a_time
from tests.support import Isolated


@pytest.fixture
async def timed(engines: Engines) -> AsyncIterator[tuple[Isolated, Clock]]:
    async with at_a_time(engines) as found:
        yield found


@pytest.fixture
def catalog_database(timed: tuple[Isolated, Clock]) -> Isolated:
    return timed[0]


@pytest.fixture
def clock(timed: tuple[Isolated, Clock]) -> Clock:
    return timed[1]


@pytest.fixture
def catalog_app(catalog_settings: Settings, catalog_database: Isolated) -> Litestar:
    return an_app(catalog_settings, catalog_database)


@pytest.fixture
async def publisher(sign_up: SignUp) -> httpx.AsyncClient:
    return await sign_up(organisation_name="Sogalog", roles=["publisher"])
