"""A team: its owner, who is invited to it and joins it, and for whom a browser acts."""

import httpx
import pytest
from litestar import Litestar

from shared.identity import Verifier
from shared.web.visit import IDENTITY_COOKIE
from tests.services.catalog.conftest import SignUp
from tests.services.catalog.letters import Mailbox
from tests.services.catalog.test_flow_and_offer_wizards import post
from tests.services.catalog.test_links import OLD, pressed
from tests.support import Isolated

TEAM = "/organisation/team"
GUEST = "noemie@exemple.fr"


@pytest.fixture
def mailbox(catalog_app: Litestar, catalog_database: Isolated) -> Mailbox:
    return Mailbox(catalog_app, catalog_database)


@pytest.fixture
async def owner(sign_up: SignUp) -> httpx.AsyncClient:
    return await sign_up(organisation_name="Hexaplane")


async def invited(owner: httpx.AsyncClient, mailbox: Mailbox, *, email: str = GUEST, role: str = "editor") -> str:
    """The address of the link in the letter."""
    answer = await post(owner, f"{TEAM}/invitations", email=email, role=role)
    assert answer.status_code == 303, answer.text
    return (await mailbox.link("invitation")).replace("/links/", "/invitations/")


async def joined(
    owner: httpx.AsyncClient, mailbox: Mailbox, guest: httpx.AsyncClient, *, email: str = GUEST, role: str = "editor"
) -> None:
    """Somebody without an account comes by a letter."""
    link = await invited(owner, mailbox, email=email, role=role)
    answer = await pressed(guest, link, person_name="Noémie Barre", password=OLD)
    assert (answer.status_code, answer.headers["location"]) == (303, "/dashboard"), answer.text


async def member_ids(owner: httpx.AsyncClient) -> dict[str, str]:
    """The members of one's team by name."""
    return {each["name"]: each["id"] for each in (await owner.get("/api/v1/team")).json()["items"]}


async def organisation_of(client: httpx.AsyncClient, app: Litestar) -> str:
    """For whom a browser acts, by its token."""
    await client.get("/account")
    identity = Verifier(app.state.settings.identity_keys_file).read(client.cookies[IDENTITY_COOKIE])
    assert identity is not None
    return identity.organisation_name
