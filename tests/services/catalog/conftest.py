"""A catalog application in the test's transaction, and people who are signed up in it."""

import re
from collections.abc import AsyncIterator, Awaitable, Callable

import httpx
import pytest
from litestar import Litestar

from services.catalog.app import create_app
from services.catalog.settings import Settings
from tests.support import IsolatedDatabase, client_for

SignUp = Callable[..., Awaitable[httpx.AsyncClient]]

# Valid check digits, no real establishment behind them.
SIRETS = ("73282932000074", "55208131766522", "44306184100047", "40483304800022", "38012986646850", "33070384400036")


@pytest.fixture
def catalog_app(catalog_settings: Settings, catalog_database: IsolatedDatabase) -> Litestar:
    return create_app(catalog_settings, database=catalog_database)


@pytest.fixture
async def visitor(catalog_app: Litestar) -> AsyncIterator[httpx.AsyncClient]:
    async with client_for(catalog_app) as client:
        yield client


async def csrf_of(client: httpx.AsyncClient, path: str) -> str:
    """The token in a page's form."""
    found = re.search(r'name="_csrf" value="([0-9a-f]+)"', (await client.get(path)).text)
    assert found is not None, path
    return found[1]


@pytest.fixture
async def sign_up(catalog_app: Litestar) -> AsyncIterator[SignUp]:
    """Sign somebody up through the page, as a person does; each call is another person with their own browser."""
    clients: list[httpx.AsyncClient] = []

    async def sign(**changes: object) -> httpx.AsyncClient:
        client = client_for(catalog_app)
        clients.append(client)
        number = len(clients)
        form = {
            "roles": ["buyer"],
            "siret": SIRETS[number - 1],
            "organisation_name": f"Structure {number}",
            "place": "31000 Toulouse",
            "person_name": f"Personne {number}",
            "email": f"personne{number}@exemple.fr",
            "password": "cheval agrafe pile",
            "_csrf": await csrf_of(client, "/sign-up"),
            **changes,
        }
        answer = await client.post("/sign-up", data=form)
        assert answer.status_code == 303, answer.text
        return client

    yield sign
    for client in clients:
        await client.aclose()
