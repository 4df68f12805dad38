"""Signing in with an identity elsewhere: linked once, recognised by its subject, and nothing else believed."""

import html
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from litestar import Litestar
from pydantic import ValidationError
from sqlalchemy import text

from services.catalog.oidc.provider import CALLBACK, Oidc, Provider
from tests.services.catalog.conftest import SIRETS, SignUp, csrf_of
from tests.services.catalog.identity_provider import CLIENT, SECRET, IdentityProvider, identity_provider
from tests.services.catalog.test_persons import ask
from tests.services.catalog.test_second_factor import added
from tests.support import Isolated, client_for

ANOTHER = {"siret": SIRETS[4], "organisation_name": "Autre", "place": "31000 Toulouse", "roles": ["ess"]}
CAMILLE = {"sub": "9f1c", "email": "camille.durand@exemple.fr", "given_name": "Camille", "usual_name": "Durand"}


@pytest.fixture
async def provider(catalog_app: Litestar, tmp_path: Path) -> AsyncIterator[IdentityProvider]:
    """A provider that catalog knows."""
    secret = tmp_path / "client-secret"
    secret.write_text(f"{SECRET}\n")
    async with identity_provider() as standing:
        standing.person = dict(CAMILLE)
        settings = Oidc(issuer=standing.address, client_id=CLIENT, client_secret_file=secret, name="ProConnect")
        catalog_app.state.oidc = Provider(settings, "http://testserver.local")
        yield standing
        catalog_app.state.oidc = None


async def comes_back(
    client: httpx.AsyncClient, provider: IdentityProvider, begin: str = "/sign-in/oidc"
) -> httpx.Response:
    """To the provider and back."""
    left = await client.get(begin)
    assert left.status_code == 303, left.text
    return await client.get(f"{CALLBACK}?{provider.approve(left.headers['location'])}")


async def test_a_linked_identity_signs_in_and_lands_where_one_was_going(
    sign_up: SignUp, catalog_app: Litestar, provider: IdentityProvider
) -> None:
    member = await sign_up()
    assert "Relier" in (await member.get("/account")).text
    linked = await comes_back(member, provider, "/account/identity")
    assert linked.headers["location"] == "/account#identity"
    assert "Reliée" in (await member.get("/account")).text
    async with client_for(catalog_app) as browser:
        # Another address over there changes nothing: the subject is who it is.
        provider.person["email"] = "camille@ailleurs.example"
        answer = await comes_back(browser, provider, "/sign-in/oidc?next=/needs/new")
        assert answer.headers["location"] == "/needs/new"
        assert (await browser.get("/dashboard")).status_code == 200


async def test_an_unlinked_identity_opens_no_account_that_has_its_address(
    sign_up: SignUp, catalog_app: Litestar, provider: IdentityProvider
) -> None:
    """INVARIANT: an address proves nothing here; who signed up with somebody's address must not be joined to them."""
    member = await sign_up()
    provider.person["email"] = await address_of(member)
    async with client_for(catalog_app) as browser:
        answer = await comes_back(browser, provider)
        assert answer.headers["location"] == "/sign-in?next=%2Faccount%2Fidentity"
        assert (await browser.get("/dashboard")).status_code == 303
        assert "comme d&#39;habitude" in (page := (await browser.get(answer.headers["location"])).text) or (
            "comme d’habitude" in page
        )


async def test_somebody_new_signs_up_with_what_is_known_and_is_linked(
    catalog_app: Litestar, provider: IdentityProvider
) -> None:
    provider.person["siret"] = "21310555400017"
    async with client_for(catalog_app) as browser:
        answer = await comes_back(browser, provider)
        path, query = urlsplit(answer.headers["location"]).path, parse_qs(urlsplit(answer.headers["location"]).query)
        assert path == "/sign-up"
        assert query["person_name"] == ["Camille Durand"]
        assert query["siret"] == ["21310555400017"]
        form = (await browser.get(answer.headers["location"])).text
        assert 'value="camille.durand@exemple.fr"' in form
        assert 'name="next" value="/account/identity"' in form


async def test_an_identity_opens_one_account_only_and_is_taken_away(
    sign_up: SignUp, provider: IdentityProvider
) -> None:
    first, second = await sign_up(), await sign_up()
    await comes_back(first, provider, "/account/identity")
    refused = await comes_back(second, provider, "/account/identity")
    assert refused.headers["location"] == "/account"
    assert "ouvre déjà un autre compte" in (await second.get("/account")).text
    sent = {"_csrf": await csrf_of(first, "/account")}
    assert (await first.post("/account/identity/remove", data=sent)).status_code == 303
    assert (await comes_back(second, provider, "/account/identity")).headers["location"] == "/account#identity"


async def test_it_is_in_the_person_s_file_and_opens_nothing_once_they_are_erased(
    sign_up: SignUp, catalog_app: Litestar, provider: IdentityProvider
) -> None:
    member = await sign_up()
    await comes_back(member, provider, "/account/identity")
    assert CAMILLE["sub"] in (await member.get("/account/data/export")).text
    assert (await ask(member)).headers["location"] == "/"
    async with client_for(catalog_app) as browser:
        answer = await comes_back(browser, provider)
        assert urlsplit(answer.headers["location"]).path == "/sign-up"


@pytest.mark.parametrize("spoilt", ["nonce", "audience", "late", "issuer", "signature", "userinfo"])
async def test_what_does_not_hold_opens_nothing(
    sign_up: SignUp, catalog_app: Litestar, provider: IdentityProvider, spoilt: str
) -> None:
    await comes_back(await sign_up(), provider, "/account/identity")
    provider.spoilt = spoilt
    async with client_for(catalog_app) as browser:
        assert (await comes_back(browser, provider)).headers["location"] == "/sign-in"
        assert (await browser.get("/dashboard")).status_code == 303


async def test_only_the_browser_that_began_it_ends_it(
    sign_up: SignUp, catalog_app: Litestar, provider: IdentityProvider
) -> None:
    await comes_back(await sign_up(), provider, "/account/identity")
    async with client_for(catalog_app) as victim, client_for(catalog_app) as attacker:
        back = provider.approve((await attacker.get("/sign-in/oidc")).headers["location"])
        forged = back.replace("state=", "state=x")
        assert (await attacker.get(f"{CALLBACK}?{forged}")).headers["location"] == "/sign-in"
        await victim.get("/sign-in/oidc")
        assert (await victim.get(f"{CALLBACK}?{back}")).headers["location"] == "/sign-in"
        assert (await victim.get(f"{CALLBACK}?{back}")).headers["location"] == "/sign-in"
        assert (await victim.get("/dashboard")).status_code == 303


async def test_a_provider_that_is_away_is_said(catalog_app: Litestar, provider: IdentityProvider) -> None:
    provider.spoilt = "away"
    async with client_for(catalog_app) as browser:
        answer = await browser.get("/sign-in/oidc")
        assert answer.headers["location"] == "/sign-in"
        assert "ne répond pas" in (await browser.get("/sign-in")).text


async def came_through_it(member: httpx.AsyncClient, browser: httpx.AsyncClient, provider: IdentityProvider) -> None:
    """Somebody whose session in this browser was opened through the provider."""
    await comes_back(member, provider, "/account/identity")
    await comes_back(browser, provider)
    assert (await browser.get("/dashboard")).status_code == 200


async def signs_out(browser: httpx.AsyncClient) -> httpx.Response:
    return await browser.post("/session/end", data={"_csrf": await csrf_of(browser, "/account")})


async def test_who_came_through_it_signs_out_there_too(
    sign_up: SignUp, catalog_app: Litestar, catalog_database: Isolated, provider: IdentityProvider
) -> None:
    member = await sign_up()
    async with client_for(catalog_app) as browser:
        await came_through_it(member, browser, provider)
        async with catalog_database.sessions() as session:
            kept = await session.scalar(text("SELECT id_token FROM sessions WHERE id_token IS NOT NULL"))
        assert str(kept).startswith("v1:"), "sealed"
        answer = await signs_out(browser)
        assert (answer.status_code, "ProConnect" in answer.text) == (200, True)
        address = answer.headers["refresh"].removeprefix("0; url=")
        assert html.escape(address, quote=False) in answer.text, "for whom the browser does not take there"
        back = urlsplit(provider.signed_out(address))
        assert f"{back.scheme}://{back.netloc}{back.path}" == "http://testserver.local/sign-in/oidc/ended"
        assert (await browser.get(f"{back.path}?{back.query}")).headers["location"] == "/"
        assert "de Boucle et de ProConnect" in (await browser.get("/")).text
        assert (await browser.get("/dashboard")).status_code == 303
        async with catalog_database.sessions() as session:
            assert await session.scalar(text("SELECT count(*) FROM sessions WHERE id_token IS NOT NULL")) == 0
    assert (await signs_out(member)).headers["location"] == "/", "that session was opened with a password"


async def test_the_way_out_survives_the_second_proof_and_another_organisation(
    sign_up: SignUp, catalog_app: Litestar, catalog_database: Isolated, provider: IdentityProvider
) -> None:
    member = await sign_up()
    phone, _, _ = await added(member, catalog_database)
    await comes_back(member, provider, "/account/identity")
    async with client_for(catalog_app) as browser:
        assert (await comes_back(browser, provider)).headers["location"] == "/sign-in/second"
        sent = {"_csrf": await csrf_of(browser, "/sign-in/second"), "code": await phone.code()}
        assert (await browser.post("/sign-in/second", data=sent)).status_code == 303
        founded = {"_csrf": await csrf_of(browser, "/organisations/new"), **ANOTHER}
        assert (await browser.post("/organisations/new", data=founded)).status_code == 303
        assert provider.signed_out((await signs_out(browser)).headers["refresh"].removeprefix("0; url="))


@pytest.mark.parametrize("spoilt", ["no way out", "away"])
async def test_without_a_way_out_over_there_one_signs_out_here(
    sign_up: SignUp, catalog_app: Litestar, provider: IdentityProvider, spoilt: str
) -> None:
    async with client_for(catalog_app) as browser:
        await came_through_it(await sign_up(), browser, provider)
        provider.spoilt = spoilt
        catalog_app.state.oidc._discovered = None
        assert (await signs_out(browser)).headers["location"] == "/"
        assert (await browser.get("/dashboard")).status_code == 303


async def test_without_a_provider_there_is_no_button_and_no_door(catalog_app: Litestar) -> None:
    async with client_for(catalog_app) as browser:
        assert "Continuer avec" not in (await browser.get("/sign-in")).text
        assert (await browser.get("/sign-in/oidc")).headers["location"] == "/sign-in"


@pytest.mark.parametrize(
    "changed", [{"issuer": "http://idp.example"}, {"client_id": None}, {"client_secret_file": None}, {"name": None}]
)
def test_half_a_provider_is_refused_at_the_start(changed: dict[str, Any]) -> None:
    whole = {"issuer": "https://idp.example", "client_id": "x", "client_secret_file": "/x", "name": "ProConnect"}
    with pytest.raises(ValidationError):
        Oidc.model_validate({name: value for name, value in {**whole, **changed}.items() if value is not None})


async def address_of(client: httpx.AsyncClient) -> str:
    page = (await client.get("/account")).text
    return page.partition('<p class="font-semibold break-words">')[2].partition("<")[0]
