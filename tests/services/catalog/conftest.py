"""A catalog application in the test's transaction, and people who are signed up in it."""

import re
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from weakref import WeakKeyDictionary

import httpx
import pytest
from litestar import Litestar

from deploy.embedded.engines import Engines
from services.catalog.app import create_app
from services.catalog.settings import Settings
from shared.database import Database
from shared.web.visit import SESSION_COOKIE, VISITOR_COOKIE
from tests.support import Isolated, client_for, committing, emptied

SignUp = Callable[..., Awaitable[httpx.AsyncClient]]

# Valid check digits, no real establishment behind them.
SIRETS = ("73282932000074", "55208131766522", "44306184100047", "40483304800022", "38012986646850", "33070384400036")
LASTING_TABLES = (
    "gift_papers, gift_paper_counters, gift_profiles, gift_turnovers, gifts, "
    "stripe_events, kept_answers, files, pledges, campaigns, exchange_messages, exchange_reads, "
    "impact_entries, impact_exchanges, "
    "subscriptions, subscription_terms, takings, lots, "
    "ledger_moves, settlements, agreement_papers, agreement_signatures, agreements, participations, proposals, "
    "answers, questions, flows, needs, wrong_passwords, links, factors, recovery_codes, halfway, sessions, audit, "
    "members, accounts, organisations, legal_entities, outbox"
)


@pytest.fixture
def catalog_app(catalog_settings: Settings, catalog_database: Isolated, tmp_path: Path) -> Litestar:
    settings = catalog_settings.model_copy(update={"files_dir": tmp_path / "files"})
    return create_app(settings, databases=catalog_database.both)


@pytest.fixture
async def visitor(catalog_app: Litestar) -> AsyncIterator[httpx.AsyncClient]:
    async with client_for(catalog_app) as client:
        yield client


TOKENS = WeakKeyDictionary[httpx.AsyncClient, dict[tuple[str | None, ...], str]]()


async def csrf_of(client: httpx.AsyncClient, path: str) -> str:
    """The token in a page's form, which is that of the visit: a browser reads it once for all."""
    tokens, visit = TOKENS.setdefault(client, {}), visit_of(client)
    if visit not in tokens:
        read = await csrf_read(client, path)
        visit = visit_of(client)
        tokens[visit] = read
    return tokens[visit]


def visit_of(client: httpx.AsyncClient) -> tuple[str | None, ...]:
    """Whose visit it is, as the browser's cookies say."""
    return client.cookies.get(SESSION_COOKIE), client.cookies.get(VISITOR_COOKIE)


async def csrf_read(client: httpx.AsyncClient, path: str) -> str:
    found = re.search(r'name="_csrf" value="([0-9a-f]+)"', (await client.get(path)).text)
    assert found is not None, path
    return found[1]


async def hidden_of(client: httpx.AsyncClient, path: str) -> dict[str, str]:
    """What an edit form sends without being asked: its token and the version that it was filled in from."""
    shown = (await client.get(path)).text
    return dict(re.findall(r'name="(_csrf|_version)" value="([0-9a-f]+)"', shown))


async def send_sign_up(client: httpx.AsyncClient, number: int = 1, **changes: object) -> httpx.Response:
    """Send the sign-up form of the person of a number, and give the answer."""
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
    return await client.post("/sign-up", data=form)


@pytest.fixture
async def sign_up(catalog_app: Litestar) -> AsyncIterator[SignUp]:
    """Sign somebody up through the page, as a person does; each call is another person with their own browser."""
    clients: list[httpx.AsyncClient] = []

    async def sign(**changes: object) -> httpx.AsyncClient:
        client = client_for(catalog_app)
        clients.append(client)
        answer = await send_sign_up(client, len(clients), **changes)
        assert answer.status_code == 303, answer.text
        return client

    yield sign
    for client in clients:
        await client.aclose()


@pytest.fixture
async def lasting_catalog(engines: Engines, catalog_settings: Settings, tmp_path: Path) -> AsyncIterator[Litestar]:
    """Catalog on a pool and in a folder of its own, which commits, for requests side by side; emptied afterwards."""
    settings = catalog_settings.model_copy(update={"files_dir": tmp_path / "files"})
    async with committing(engines.instance, "catalog") as databases:
        app = create_app(settings, databases=databases)
        # For looking at what was done: the pages' role sees what everybody may see.
        app.state.work = databases.at_work()
        yield app
    owner = Database(engines.instance.database_url("catalog", "owner"))
    async with owner.sessions.begin() as session:
        await emptied(session, LASTING_TABLES)
    await owner.close()


@pytest.fixture
async def buyer(sign_up: SignUp) -> httpx.AsyncClient:
    """A member of a company."""
    return await sign_up(organisation_name="Hexaplane Systèmes")


@pytest.fixture
async def supplier(buyer: httpx.AsyncClient, sign_up: SignUp) -> httpx.AsyncClient:
    """A member of an enterprise of the social economy."""
    return await sign_up(organisation_name="Traiteur solidaire", roles=["ess"])


@pytest.fixture
async def other(supplier: httpx.AsyncClient, sign_up: SignUp) -> httpx.AsyncClient:
    """A member of another one, a competitor of the supplier's."""
    return await sign_up(organisation_name="Cuisine de quartier", roles=["ess"])


@pytest.fixture
async def need(buyer: httpx.AsyncClient) -> str:
    """The address of a need that the buyer published."""
    from tests.services.catalog.suppliers import a_need  # which imports this module

    return await a_need(buyer)
