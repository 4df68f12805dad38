"""A coordinator of the territory, a role that nobody gives themselves."""

import httpx
from sqlalchemy import text

from tests.services.catalog.conftest import SignUp, csrf_of
from tests.services.catalog.test_flow_and_offer_wizards import post
from tests.support import Isolated

MADE = "UPDATE organisations SET roles = :roles, state = 'verified' WHERE name = :name"


async def with_roles(
    sign_up: SignUp, database: Isolated, number: int, *, name: str, roles: list[str]
) -> httpx.AsyncClient:
    """Sign the person of a number up, give their organisation roles, and sign them in again."""
    client = await sign_up(organisation_name=name)
    async with database.sessions.begin() as session:
        await session.execute(text(MADE), {"roles": roles, "name": name})
    await post(client, "/session/end")
    token = await csrf_of(client, "/sign-in")
    signed = {"email": f"personne{number}@exemple.fr", "password": "cheval agrafe pile", "_csrf": token}
    assert (await client.post("/sign-in", data=signed)).status_code == 303
    return client


async def a_coordinator(sign_up: SignUp, database: Isolated, number: int = 1) -> httpx.AsyncClient:
    """Somebody of the metropolis."""
    return await with_roles(sign_up, database, number, name="Toulouse Métropole", roles=["territory"])
