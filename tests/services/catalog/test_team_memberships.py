"""Several organisations of one person: founding, switching and leaving them."""

from uuid import uuid4

import httpx
import pytest
from litestar import Litestar

from shared.web.visit import SESSION_COOKIE
from tests.services.catalog.conftest import SIRETS, SignUp
from tests.services.catalog.letters import Mailbox
from tests.services.catalog.pages import shown
from tests.services.catalog.teams import TEAM, invited, mailbox, member_ids, organisation_of, owner
from tests.services.catalog.test_flow_and_offer_wizards import post
from tests.services.catalog.test_links import pressed, sign_in
from tests.support import client_for

__all__ = ["mailbox", "owner"]


class TestSeveral:
    @pytest.fixture
    async def both(self, owner: httpx.AsyncClient) -> httpx.AsyncClient:
        """Somebody who founded two organisations; the second one is acted for."""
        form = {
            "roles": ["ess"],
            "siret": SIRETS[4],
            "organisation_name": "Atelier",
            "place": "Muret",
        }
        answer = await post(owner, "/organisations/new", **form)
        assert (answer.status_code, answer.headers["location"]) == (303, "/dashboard"), answer.text
        return owner

    async def test_founding_another_acts_for_it_at_once(
        self, both: httpx.AsyncClient, catalog_app: Litestar, mailbox: Mailbox
    ) -> None:
        assert await organisation_of(both, catalog_app) == "Atelier"
        assert [each["name"] for each in await mailbox.told("catalog.organisation.registered.v1")] == [
            "Hexaplane", "Atelier",
        ]  # fmt: skip

    async def test_founding_what_somebody_holds_asks_them(self, owner: httpx.AsyncClient, sign_up: SignUp) -> None:
        await sign_up(organisation_name="Voisine")
        form = {"roles": ["ess"], "siret": SIRETS[1], "organisation_name": "La mienne", "place": "Muret"}
        answer = await post(owner, "/organisations/new", **form)
        assert (answer.status_code, answer.headers["location"].startswith("/claims/")) == (303, True)
        wrong = await post(owner, "/organisations/new", **{**form, "siret": "123"})
        assert wrong.status_code == 422
        assert 'href="#siret"' in wrong.text
        assert 'value="La mienne"' in wrong.text

    async def test_switching_gives_a_new_session_and_a_token_of_the_other_organisation(
        self, both: httpx.AsyncClient, catalog_app: Litestar, mailbox: Mailbox
    ) -> None:
        places = (await both.get("/api/v1/memberships")).json()["items"]
        assert [(each["organisation_name"], each["is_current"]) for each in places] == [
            ("Hexaplane", False), ("Atelier", True),
        ]  # fmt: skip
        secret, ended = both.cookies[SESSION_COOKIE], len(await mailbox.told("catalog.session.revoked.v1"))
        answer = await post(both, "/organisations/switch", organisation_id=places[0]["organisation_id"])
        assert answer.headers["location"] == "/dashboard"
        assert both.cookies[SESSION_COOKIE] != secret
        assert await organisation_of(both, catalog_app) == "Hexaplane"
        assert len(await mailbox.told("catalog.session.revoked.v1")) == ended + 1
        page = await shown(both, "/organisations/mine")
        assert 'Agir pour elle<span class="sr-only"> Atelier</span></button>' in page

    async def test_signing_in_comes_back_to_the_organisation_used_last(
        self, both: httpx.AsyncClient, catalog_app: Litestar
    ) -> None:
        places = (await both.get("/api/v1/memberships")).json()["items"]
        await post(both, "/organisations/switch", organisation_id=places[0]["organisation_id"])
        async with client_for(catalog_app) as elsewhere:
            assert await sign_in(elsewhere) == 303
            assert await organisation_of(elsewhere, catalog_app) == "Hexaplane"

    async def test_nobody_acts_for_an_organisation_that_is_not_theirs(
        self, owner: httpx.AsyncClient, sign_up: SignUp, catalog_app: Litestar
    ) -> None:
        stranger = await sign_up(organisation_name="Voisine")
        (theirs,) = (await owner.get("/api/v1/memberships")).json()["items"]
        for wanted in (theirs["organisation_id"], str(uuid4()), "x"):
            assert (await post(stranger, "/organisations/switch", organisation_id=wanted)).status_code == 404
        assert await organisation_of(stranger, catalog_app) == "Voisine"

    async def test_leaving_one_goes_on_for_the_other(
        self, owner: httpx.AsyncClient, sign_up: SignUp, mailbox: Mailbox, catalog_app: Litestar
    ) -> None:
        friend = await sign_up(organisation_name="Atelier")
        await pressed(friend, await invited(owner, mailbox, email="personne2@exemple.fr"))
        assert (await post(friend, f"{TEAM}/leave")).headers["location"] == "/dashboard"
        assert await organisation_of(friend, catalog_app) == "Atelier"

    async def test_who_is_taken_out_of_one_keeps_the_session_of_the_other(
        self, owner: httpx.AsyncClient, sign_up: SignUp, mailbox: Mailbox, catalog_app: Litestar
    ) -> None:
        friend = await sign_up(organisation_name="Atelier")
        async with client_for(catalog_app) as elsewhere:
            assert await sign_in(elsewhere, email="personne2@exemple.fr") == 303
            await pressed(friend, await invited(owner, mailbox, email="personne2@exemple.fr"))
            guest = (await member_ids(owner))["Personne 2"]
            await post(owner, f"{TEAM}/{guest}/remove")
            assert (await friend.get("/dashboard")).headers["location"].startswith("/sign-in")
            assert await organisation_of(elsewhere, catalog_app) == "Atelier"
