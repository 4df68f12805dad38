"""Fixtures of a catalog whose day a test chooses: a publisher with a lot, and two who take of it.

A module takes them by importing those that it asks for, and those that these are made of.
"""

from collections.abc import AsyncIterator

import httpx
import pytest
from litestar import Litestar

from deploy.embedded.engines import Engines
from services.catalog.settings import Settings
from tests.services.catalog.conftest import SignUp
from tests.services.catalog.takers import Clock, a_flow, an_app, at_a_time, lot_of
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


@pytest.fixture
async def flow(publisher: httpx.AsyncClient) -> str:
    return await a_flow(publisher)


@pytest.fixture
async def lot(publisher: httpx.AsyncClient, flow: str) -> str:
    return str((await lot_of(publisher, flow))["id"])


@pytest.fixture
async def taker(publisher: httpx.AsyncClient, sign_up: SignUp) -> httpx.AsyncClient:
    return await sign_up(organisation_name="Palettes Garonne", roles=["ess"])


@pytest.fixture
async def other(taker: httpx.AsyncClient, sign_up: SignUp) -> httpx.AsyncClient:
    return await sign_up(organisation_name="Les Ateliers de Muret", roles=["ess"])
