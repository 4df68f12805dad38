"""Who claims an establishment that nobody acts for, and who answers them."""

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

import httpx
import pytest
from litestar import Litestar
from sqlalchemy import text

from services.catalog.claims.proving import print_letter
from services.catalog.claims.queries import claim_for_update
from services.catalog.organisations.commands import register_establishment
from services.catalog.organisations.places import resolved_place
from services.catalog.organisations.schemas import EstablishmentFacts
from shared.clock import now
from shared.database import Database
from shared.events.facts import Origin
from shared.identity import LinkKeys
from tests.services.catalog.conftest import SIRETS, SignUp, csrf_of
from tests.services.catalog.letters import Mailbox, key_of, path_of
from tests.services.catalog.test_flow_and_offer_wizards import post
from tests.support import Isolated, an_identity

IMPORTED = SIRETS[5]
Sql = Callable[..., Awaitable[Any]]


@pytest.fixture
def mailbox(catalog_app: Litestar, catalog_database: Isolated) -> Mailbox:
    return Mailbox(catalog_app, catalog_database)


@pytest.fixture
def sql(catalog_database: Isolated) -> Sql:
    async def run(statement: str, **values: object) -> Any:
        async with catalog_database.sessions.begin() as session:
            found = await session.execute(text(statement), values)
            return [tuple(row) for row in found] if statement.startswith("SELECT") else None

    return run


async def imported(database: Database, *, website: str | None = "https://www.regie-reynerie.fr/", **facts: Any) -> UUID:
    """An establishment of a list, for which nobody acts."""
    values = {"siret": IMPORTED, "organisation_name": "Régie de Reynerie", "place": "31100 Toulouse", "roles": ["ess"]}
    establishment = EstablishmentFacts.model_validate({**values, **facts})
    async with database.sessions.begin() as session:
        made = await register_establishment(
            session,
            establishment,
            siret=establishment.siret,
            place=resolved_place(establishment.place),
            now=now(),
            origin=Origin.IMPORT,
        )
        made.website = website
        return made.id


@pytest.fixture
async def regie(catalog_database: Isolated) -> UUID:
    return await imported(catalog_database)


async def claimed(client: httpx.AsyncClient, organisation_id: UUID | str, **form: str) -> str:
    """The address of a new claim."""
    answer = await post(client, f"/organisations/{organisation_id}/claim", **form)
    assert answer.status_code == 303, answer.text
    return str(answer.headers["location"])


async def a_coordinator(sign_up: SignUp, sql: Sql, **facts: str) -> httpx.AsyncClient:
    client = await sign_up(organisation_name="Métropole", **facts)
    await sql("UPDATE organisations SET roles = '{territory}' WHERE name = 'Métropole'")
    return client


async def opened(client: httpx.AsyncClient, link: str) -> httpx.Response:
    """Somebody signed in presses the button of a claim's letter."""
    path = path_of(link).replace("/links/", "/claims/links/")
    token = await csrf_of(client, "/account")
    return await client.post(path, data={"key": key_of(link), "_csrf": token})


async def code_of(app: Litestar, database: Database, claim: str) -> str:
    """What the letter on paper says."""
    keys: LinkKeys = app.state.link_keys
    async with database.sessions.begin() as session:
        row = await claim_for_update(session, UUID(claim.rsplit("/", 1)[-1]))
        await print_letter(session, an_identity(), row, now=now())
        assert row.code_id is not None
        return keys.code(row.code_id)
