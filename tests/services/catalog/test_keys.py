"""Keys: made by owners, shown once, good for what they are for, and over at the next request."""

import re
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest
from litestar import Litestar
from sqlalchemy import text

from services.catalog.keys import secret
from services.catalog.keys.models import NOUNS, Scope, role_of
from shared.identity import Role, Verifier
from shared.web.visit import SESSION_COOKIE
from tests.services.catalog.conftest import SignUp, csrf_of
from tests.services.catalog.letters import Mailbox
from tests.services.catalog.test_needs import MEALS
from tests.services.catalog.test_offers import AS_JSON as OFFER
from tests.support import Isolated, client_for

HOME = "/organisation/keys"
SHOWN = re.compile(r"<code [^>]*>(boucle_\w+)</code>")


async def make_key(owner: httpx.AsyncClient, *scopes: str, **fields: str) -> str:
    """Make a key on the page, and copy it from there."""
    form = {"name": "Gestion de stock", "scopes": scopes or ("read",), "_csrf": await csrf_of(owner, HOME), **fields}
    answer = await owner.post(HOME, data=form)
    found = SHOWN.search(answer.text)
    assert found is not None, answer.text
    return found[1]


async def revoke_address(owner: httpx.AsyncClient) -> str:
    found = re.search(rf'action="({HOME}/[0-9a-f-]+/revoke)"', (await owner.get(HOME)).text)
    assert found is not None
    return found[1]


@pytest.fixture
async def owner(sign_up: SignUp) -> httpx.AsyncClient:
    return await sign_up(roles=["ess", "buyer"])


@pytest.fixture
def program(catalog_app: Litestar) -> Any:
    """A program with a key and without cookies."""
    clients: list[httpx.AsyncClient] = []

    def with_key(key: str) -> httpx.AsyncClient:
        client = client_for(catalog_app)
        client.headers.update({"authorization": f"Bearer {key}"})
        for name in ("origin", "sec-fetch-site"):
            del client.headers[name]
        clients.append(client)
        return client

    return with_key


async def change(database: Isolated, statement: str, **values: object) -> None:
    async with database.connection() as connection:
        await connection.execute(text(statement), values)


class TestWriting:
    def test_a_key_is_recognised_by_its_name_and_checksum(self) -> None:
        keys = {secret.new_key() for _ in range(50)}
        assert len(keys) == 50
        for key in keys:
            assert re.fullmatch(r"boucle_[0-9A-Za-z]{49}", key)
            assert secret.is_like_one(key)
            other = "A" if key[10] != "A" else "B"
            assert not secret.is_like_one(key[:10] + other + key[11:])
        assert not secret.is_like_one("boucle_" + "A" * 49)

    def test_a_key_never_acts_as_an_owner_and_writes_what_its_scopes_say(self) -> None:
        assert role_of(["read"]) is role_of(["read"], "needs") is role_of(["needs"], "offers") is Role.VIEWER
        assert role_of(["read"], "read") is Role.VIEWER, "no address is a scope"
        assert role_of(["needs"]) is role_of(["needs"], "needs") is Role.EDITOR
        assert role_of(["write"]) is role_of(["write"], "token") is Role.EDITOR
        assert role_of(["needs"], "token") is Role.VIEWER, "a token is good everywhere else"
        assert {each.value for each in NOUNS} == {each.value for each in Scope} - {"read", "write"}


async def test_a_key_is_shown_once_and_kept_as_a_hash(owner: httpx.AsyncClient, catalog_database: Isolated) -> None:
    key = await make_key(owner, "needs")
    shown = (await owner.get(HOME)).text
    assert key not in shown
    assert key[: secret.SHOWN] in shown
    assert "Lire tout, écrire les besoins" in shown
    assert "Jamais" in shown
    async with catalog_database.sessions() as session:
        row = (await session.execute(text("SELECT api_keys::text AS line, scopes FROM api_keys"))).one()
        everything = str(await session.scalar(text("SELECT string_agg(a::text, '') FROM audit a")))
    assert row.scopes == ["read", "needs"]
    assert key not in row.line + everything
    assert "key.made" in everything


async def test_a_key_reads_and_writes_without_a_session_and_its_lines_name_it(
    owner: httpx.AsyncClient, program: Any, catalog_database: Isolated
) -> None:
    client = program(await make_key(owner, "write"))
    made = await client.post("/api/v1/needs", json=MEALS)
    assert made.status_code == 201, made.text
    assert (await client.get(f"/api/v1/needs/{made.json()['id']}")).json()["state"] == "draft"
    assert "set-cookie" not in made.headers
    async with catalog_database.sessions() as session:
        found = await session.execute(
            text("SELECT details->>'key', member_id FROM audit WHERE about = :id"), {"id": made.json()["id"]}
        )
        key_id, member_id = found.one()
        kept = await session.execute(text("SELECT id, member_id, used_at IS NOT NULL FROM api_keys"))
        assert kept.one() == (UUID(key_id), member_id, True)
    # By hand again, the line names no key.
    token = {"x-csrf-token": await csrf_of(owner, HOME)}
    by_hand = (await owner.post("/api/v1/needs", json=MEALS, headers=token)).json()["id"]
    async with catalog_database.sessions() as session:
        assert await session.scalar(text("SELECT details FROM audit WHERE about = :id"), {"id": by_hand}) == {}


async def test_a_key_writes_only_what_it_is_for(owner: httpx.AsyncClient, program: Any) -> None:
    reader, of_needs = program(await make_key(owner, "read")), program(await make_key(owner, "needs"))
    assert (await of_needs.post("/api/v1/needs", json=MEALS)).status_code == 201
    for client, path, body in ((reader, "needs", MEALS), (of_needs, "offers", OFFER)):
        assert (await client.get(f"/api/v1/{path}")).status_code == 200
        refused = await client.post(f"/api/v1/{path}", json=body)
        assert (refused.status_code, refused.json()["type"]) == (403, "urn:boucle:problem:ScopeTooSmall")
        assert refused.headers["content-type"].startswith("application/problem+json")
        assert refused.headers["www-authenticate"] == (
            'Bearer realm="Boucle", error="insufficient_scope", scope="write"'
        )


ENDINGS = {
    "revoked": "UPDATE api_keys SET revoked_at = now()",
    "expired": "UPDATE api_keys SET expires_at = now()",
    "its maker left": "UPDATE members SET left_at = now()",
    "its maker only looks now": "UPDATE members SET role = 'viewer'",
}


@pytest.mark.parametrize("ending", ENDINGS.values(), ids=ENDINGS)
async def test_a_key_that_is_over_is_refused_at_the_next_request(
    owner: httpx.AsyncClient, program: Any, catalog_database: Isolated, ending: str
) -> None:
    client = program(await make_key(owner, "write"))
    assert (await client.get("/api/v1/needs")).status_code == 200
    await change(catalog_database, ending)
    refused = await client.get("/api/v1/needs")
    never = await program(secret.new_key()).get("/api/v1/needs")
    assert refused.status_code == never.status_code == 401
    assert refused.json() == never.json(), "nobody is told which it is"
    assert refused.headers["www-authenticate"] == 'Bearer realm="Boucle", error="invalid_token"'


async def test_a_reading_key_outlives_that_its_maker_only_looks(
    owner: httpx.AsyncClient, program: Any, catalog_database: Isolated
) -> None:
    client = program(await make_key(owner, "read"))
    await change(catalog_database, "UPDATE members SET role = 'viewer'")
    assert (await client.get("/api/v1/needs")).status_code == 200


async def test_revoking_on_the_page_is_told_to_the_other_services(
    owner: httpx.AsyncClient, program: Any, catalog_app: Litestar, catalog_database: Isolated
) -> None:
    client, mailbox = program(await make_key(owner)), Mailbox(catalog_app, catalog_database)
    address = await revoke_address(owner)
    answer = await owner.post(address, data={"_csrf": await csrf_of(owner, HOME)})
    assert (answer.status_code, answer.headers["location"]) == (303, HOME)
    assert (await client.get("/api/v1/needs")).status_code == 401
    assert [each["session_id"] for each in await mailbox.told("catalog.session.revoked.v1")] == [address.split("/")[3]]
    assert "Aucune clé" in (await owner.get(HOME)).text
    again = await owner.post(address, data={"_csrf": await csrf_of(owner, HOME)})
    assert again.status_code == 404


async def test_a_key_opens_no_page_and_no_cookie_is_read_beside_it(owner: httpx.AsyncClient, program: Any) -> None:
    client = program(await make_key(owner, "write"))
    for path in ("/dashboard", "/account", HOME, "/account/data/export"):
        assert (await client.get(path)).headers["location"].startswith("/sign-in"), path
    assert "Structure 1" not in (await client.get("/api/v1/docs")).text
    # A good session beside a bad key helps nothing, for reading nor for writing.
    owner.headers.update({"authorization": "Bearer boucle_no", "x-csrf-token": await csrf_of(owner, HOME)})
    assert SESSION_COOKIE in owner.cookies
    assert (await owner.get("/api/v1/needs")).status_code == 401
    assert (await owner.post("/api/v1/needs", json=MEALS)).status_code == 401
    assert (await owner.get("/account")).status_code == 200, "on a page the header is not read"


async def test_a_session_still_needs_its_token(owner: httpx.AsyncClient) -> None:
    """Otherwise the exception for programs would be one for everybody."""
    for headers in ({}, {"authorization": "Basic x"}, {"authorization": "bearer"}):
        answer = await owner.post("/api/v1/needs", json=MEALS, headers=headers)
        assert answer.status_code in (401, 403), headers


async def test_a_key_of_another_organisation_sees_nothing(
    owner: httpx.AsyncClient, sign_up: SignUp, program: Any
) -> None:
    token = {"x-csrf-token": await csrf_of(owner, HOME)}
    draft = (await owner.post("/api/v1/needs", json=MEALS, headers=token)).json()["id"]
    address, stranger = await _address_of_a_key(owner), await sign_up()
    client = program(await make_key(stranger, "write"))
    assert (await client.get(f"/api/v1/needs/{draft}")).status_code == 404
    for path in ("publish", "withdraw"):
        assert (await client.post(f"/api/v1/needs/{draft}/{path}", headers={"if-match": "*"})).status_code == 404
    assert (await stranger.post(address, data={"_csrf": await csrf_of(stranger, HOME)})).status_code == 404
    assert (await stranger.get(HOME)).text.count("/revoke") == 1


async def _address_of_a_key(owner: httpx.AsyncClient) -> str:
    await make_key(owner)
    return await revoke_address(owner)


@pytest.mark.parametrize("role", ["editor", "viewer"])
async def test_only_owners_manage_keys(owner: httpx.AsyncClient, catalog_database: Isolated, role: str) -> None:
    address, token = await _address_of_a_key(owner), {"_csrf": await csrf_of(owner, HOME)}
    await change(catalog_database, "UPDATE members SET role = :role", role=role)
    assert (await owner.get(HOME)).status_code == 403
    assert (await owner.post(HOME, data={"name": "Stock", "scopes": ["read"], **token})).status_code == 403
    assert (await owner.post(address, data=token)).status_code == 403
    assert HOME not in (await owner.get("/organisation")).text


async def test_a_form_keeps_what_was_typed_and_names_what_is_missing(owner: httpx.AsyncClient) -> None:
    answer = await owner.post(HOME, data={"name": "Stock", "lasts": "90", "_csrf": await csrf_of(owner, HOME)})
    assert answer.status_code == 422
    assert 'href="#scopes"' in answer.text
    assert 'value="Stock"' in answer.text
    assert 'value="90" selected' in answer.text
    for wrong in ({"lasts": "9999"}, {"scopes": ["admin"]}):
        form = {"name": "Stock", "scopes": ["read"], "_csrf": await csrf_of(owner, HOME), **wrong}
        assert (await owner.post(HOME, data=form)).status_code == 422


async def test_a_key_lasts_a_year_unless_said_and_there_are_twenty_at_most(
    owner: httpx.AsyncClient, catalog_database: Isolated
) -> None:
    await make_key(owner)
    async with catalog_database.sessions() as session:
        lasts = await session.scalar(text("SELECT expires_at - created_at FROM api_keys"))
    assert lasts == timedelta(days=365)
    for _ in range(19):
        await make_key(owner, lasts="730")
    form = {"name": "Une de trop", "scopes": ["read"], "_csrf": await csrf_of(owner, HOME)}
    refused = await owner.post(HOME, data=form)
    assert refused.status_code == 422
    assert "20" in refused.text
    assert 'value="Une de trop"' in refused.text


class TestExchange:
    async def test_a_key_becomes_a_token_of_what_it_may_do(
        self, owner: httpx.AsyncClient, program: Any, catalog_app: Any, catalog_database: Isolated
    ) -> None:
        verifier = Verifier(catalog_app.state.settings.identity_keys_file)
        for scopes, role in ((("read",), Role.VIEWER), (("needs",), Role.VIEWER), (("write",), Role.EDITOR)):
            answer = await program(await make_key(owner, *scopes)).post("/api/v1/token")
            assert answer.status_code == 200, answer.text
            told = answer.json()
            assert (told["token_type"], told["expires_in"]) == ("Bearer", 50)
            assert answer.headers["cache-control"] == "no-store"
            identity = verifier.read(told["access_token"])
            assert identity is not None
            assert identity.role is role
            async with catalog_database.sessions() as session:
                newest = "SELECT id FROM api_keys ORDER BY created_at DESC, id DESC LIMIT 1"
                assert identity.session_id == await session.scalar(text(newest))

    async def test_a_token_is_no_key_and_a_session_gets_none(self, owner: httpx.AsyncClient, program: Any) -> None:
        token = (await program(await make_key(owner)).post("/api/v1/token")).json()["access_token"]
        assert (await program(token).get("/api/v1/needs")).status_code == 401
        refused = await owner.post("/api/v1/token", headers={"x-csrf-token": await csrf_of(owner, HOME)})
        assert (refused.status_code, refused.json()["type"]) == (401, "urn:boucle:problem:KeyNeeded")
        assert (await owner.post("/api/v1/token")).status_code == 403


async def test_a_key_counts_for_its_member_and_organisation(owner: httpx.AsyncClient, program: Any) -> None:
    client = program(await make_key(owner))
    policy = (await client.get("/api/v1/needs")).headers["ratelimit-policy"]
    assert '"member"' in policy
    assert '"organisation"' in policy


async def test_the_document_names_keys(visitor: httpx.AsyncClient) -> None:
    document = (await visitor.get("/api/v1/docs/openapi.json")).json()
    scheme = document["components"]["securitySchemes"]["bearer"]
    assert (scheme["type"], scheme["scheme"]) == ("http", "bearer")
    assert {"bearer": []} in document["paths"]["/api/v1/needs"]["post"]["security"]
    assert document["paths"]["/api/v1/token"]["post"]["security"] == [{"bearer": []}]
