"""Real engines once a run, each test in a transaction of its own."""

import os
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import httpx
import pytest
import structlog
from argon2 import PasswordHasher
from xdist.workermanage import Producer

from deploy.embedded.engines import Engines, temporary_engines
from deploy.embedded.logs import for_people
from services.catalog.accounts import passwords
from services.catalog.settings import Settings as CatalogSettings
from services.matching.settings import Settings as MatchingSettings
from services.notifications.settings import Settings as NotificationsSettings
from shared.database.migrate import upgrade
from shared.identity import Identity, Signer
from shared.messaging.provision import provision
from shared.messaging.topology import Topology
from tests import beside, support

# Each crash with its variables in colours, which nobody reads, took half a second: a third of the tests of security.
structlog.configure(processors=for_people())
# Tests talk to this machine only, and so does whatever they start.
os.environ["BOUCLE_CATALOG_REGISTER_URL"] = ""
# The matrices ask thousands of things from one address.
UNLIMITED = {"member": 10**6, "organisation": 10**6, "address": 10**6}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items[:] = beside.in_turn(items)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> beside.Beside:
    return beside.scheduler(config, log)


@pytest.fixture(scope="session", autouse=True)
def registered_once() -> Iterator[None]:
    """Every test makes applications, and their routes are the same."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("shared.web.application.Application", support.RegisteredOnce())
        yield


@pytest.fixture(scope="session", autouse=True)
def hashed_quickly() -> Iterator[None]:
    """People sign up in most tests, and a tenth of their time went to hashing; houses that tests start hash as ever."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(passwords, "_hasher", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
        yield


@pytest.fixture(scope="session")
async def engines() -> AsyncIterator[Engines]:
    """PostgreSQL and NATS running, every database migrated, streams provisioned in memory."""
    async with temporary_engines() as running:
        for service in support.SERVICES:
            await upgrade(service, running.instance.database_url(service, "owner"))
        await provision(
            running.instance.nats_url,
            admin_seed_file=running.instance.seed_file("admin"),
            topology=Topology().in_memory(),
        )
        yield running
        await support.OUTER.close(running.instance)


def _settings(engines: Engines, service: str, **changes: Any) -> dict[str, Any]:
    return {
        **engines.instance.settings(service),
        "worker": False,
        "always_open": True,
        "rate_limits": UNLIMITED,
        **changes,
    }


@pytest.fixture(scope="session")
def catalog_settings(engines: Engines) -> CatalogSettings:
    return CatalogSettings(**_settings(engines, "catalog"))


@pytest.fixture(scope="session")
def matching_settings(engines: Engines) -> MatchingSettings:
    return MatchingSettings(**_settings(engines, "matching"))


@pytest.fixture(scope="session")
def notifications_settings(engines: Engines) -> NotificationsSettings:
    return NotificationsSettings(**_settings(engines, "notifications"))


@pytest.fixture
async def catalog_database(engines: Engines) -> AsyncIterator[support.Isolated]:
    async with support.isolated(engines.instance, "catalog") as database:
        yield database


@pytest.fixture
async def matching_database(engines: Engines) -> AsyncIterator[support.Isolated]:
    async with support.isolated(engines.instance, "matching") as database:
        yield database


@pytest.fixture
async def notifications_database(engines: Engines) -> AsyncIterator[support.Isolated]:
    async with support.isolated(engines.instance, "notifications") as database:
        yield database


@pytest.fixture
def client_for() -> Callable[[Any], httpx.AsyncClient]:
    return support.client_for


@pytest.fixture(scope="session")
def signer(catalog_settings: CatalogSettings) -> Signer:
    return Signer(catalog_settings.identity_private_key_file)


@pytest.fixture
def sign_in_as(signer: Signer) -> Callable[[httpx.AsyncClient, Identity], None]:
    """Give a client the token that catalog would mint for an identity."""
    return lambda client, identity: support.set_identity(client, signer.mint(identity))


@pytest.fixture
def identity() -> Callable[..., Identity]:
    return support.an_identity
