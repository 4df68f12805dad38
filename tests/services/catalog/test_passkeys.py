"""A passkey as a second proof: bound to this site, to one sign-in, and to who added it."""

import html
import json
import re
from typing import Any

import httpx
import pytest
from litestar import Litestar

from services.catalog.accounts.passkeys import Site, site_of
from services.catalog.accounts.throttle import ATTEMPTS
from shared.web.visit import SESSION_COOKIE
from tests.services.catalog.authenticator import Authenticator, base64url
from tests.services.catalog.conftest import SignUp, csrf_of
from tests.services.catalog.test_links import OLD, sent
from tests.services.catalog.test_second_factor import HOME, SECOND, halfway
from tests.support import Isolated, client_for

HERE = Site("localhost", "http://localhost:8000")
ELSEWHERE = "http://localhost.evil.example:8000"


def options_on(page: httpx.Response) -> dict[str, Any]:
    """What a page has the browser asked."""
    found = re.search(r'data-passkey-options="([^"]+)"', page.text)
    assert found is not None, page.text[:2000]
    options: dict[str, Any] = json.loads(html.unescape(found[1]))
    return options


async def begun(member: httpx.AsyncClient, **proof: str) -> str:
    """The address of the page that makes a passkey."""
    form = {"password": OLD, **proof, "_csrf": await csrf_of(member, HOME)}
    answer = await member.post(f"{HOME}/passkey", data=form)
    assert answer.status_code == 303, answer.text
    return str(answer.headers["location"])


async def added(member: httpx.AsyncClient) -> tuple[Authenticator, list[str]]:
    """Add a passkey; with it come the recovery codes."""
    key, address = Authenticator(HERE.origin), await begun(member)
    credential = key.create(options_on(await member.get(address)))
    answer = await sent(member, address, credential=credential)
    assert answer.status_code == 200, answer.text
    return key, re.findall(r'<code class="code text-base">([a-z0-9-]+)</code>', answer.text)


async def test_a_passkey_opens_what_the_password_does_not(
    sign_up: SignUp, visitor: httpx.AsyncClient, catalog_app: Litestar
) -> None:
    key, codes = await added(await sign_up())
    assert len(codes) == 10
    await halfway(visitor)
    credential = key.get(options_on(await visitor.get(SECOND)))
    answer = await sent(visitor, SECOND, credential=credential)
    assert (answer.status_code, answer.headers["location"]) == (303, "/needs/new")
    assert (await visitor.get("/account")).status_code == 200
    # Heard on the way, it opens nothing else: the next sign-in asks another question.
    async with client_for(catalog_app) as thief:
        await halfway(thief)
        refused = await sent(thief, SECOND, credential=credential)
        assert refused.status_code == 422
        assert "n’est pas reconnue" in refused.text
        assert SESSION_COOKIE not in thief.cookies
        assert (await sent(thief, SECOND, code=codes[0])).status_code == 303


def garbage(key: Authenticator, value: str) -> str:
    """An answer of the right shape that holds nothing."""
    name, parts = base64url(key.id), ("clientDataJSON", "authenticatorData", "signature")
    return json.dumps({"id": name, "rawId": name, "type": "public-key", "response": dict.fromkeys(parts, value)})


async def test_what_proves_nothing_opens_nothing(sign_up: SignUp, visitor: httpx.AsyncClient) -> None:
    """A key of somebody else, one fooled by another site, a copy that counts backwards, and no key at all."""
    key, _ = await added(await sign_up())
    strangers, _ = await added(await sign_up())
    await halfway(visitor)
    options = options_on(await visitor.get(SECOND))
    fooled = Authenticator(ELSEWHERE)
    fooled.id, fooled._key = key.id, key._key
    forged = Authenticator(HERE.origin)
    forged.id = key.id
    other_site = key.get({**options, "rpId": "evil.example"})
    for credential in (
        strangers.get(options), fooled.get(options), forged.get(options), other_site, "{}",
        '{"id": "!"}', "[" * 9999, garbage(key, "AA"), garbage(key, "!"),
    ):  # fmt: skip
        refused = await sent(visitor, SECOND, credential=credential)
        assert refused.status_code == 422, credential
        assert SESSION_COOKIE not in visitor.cookies
    assert (await sent(visitor, SECOND, credential=key.get(options))).status_code == 303


async def test_a_copy_of_a_passkey_is_noticed_by_its_count(
    sign_up: SignUp, visitor: httpx.AsyncClient, catalog_app: Litestar
) -> None:
    key, _ = await added(await sign_up())
    key.count = 40
    await halfway(visitor)
    assert (await sent(visitor, SECOND, credential=key.get(options_on(await visitor.get(SECOND))))).status_code == 303
    key.count = 7
    async with client_for(catalog_app) as thief:
        await halfway(thief)
        assert (await sent(thief, SECOND, credential=key.get(options_on(await thief.get(SECOND))))).status_code == 422


async def test_wrong_passkeys_are_counted_like_wrong_codes(sign_up: SignUp, visitor: httpx.AsyncClient) -> None:
    key, codes = await added(await sign_up())
    await halfway(visitor)
    for _ in range(ATTEMPTS):
        assert (await sent(visitor, SECOND, credential="{}")).status_code == 422
    options = options_on(await visitor.get(SECOND))
    for proof in ({"credential": key.get(options)}, {"code": codes[0]}):
        assert "Trop d’essais" in (await sent(visitor, SECOND, **proof)).text
    assert SESSION_COOKIE not in visitor.cookies


async def test_adding_one_takes_the_answer_to_this_very_question(sign_up: SignUp) -> None:
    member = await sign_up()
    first = await begun(member)
    options = options_on(await member.get(first))
    old = Authenticator(HERE.origin).create(options)
    # Beginning again drops the first question.
    second = await begun(member)
    assert (await member.get(first)).status_code == 404
    for credential in (old, Authenticator(ELSEWHERE).create(options_on(await member.get(second))), "{}"):
        refused = await sent(member, second, credential=credential)
        assert refused.status_code == 422
        assert "n’est pas reconnue" in refused.text
    good = Authenticator(HERE.origin).create(options_on(await member.get(second)))
    assert (await sent(member, second, credential=good)).status_code == 200
    token = {"_csrf": await csrf_of(member, HOME), "credential": good}
    assert (await member.post(second, data=token)).status_code == 422


async def test_a_second_one_takes_a_code_and_brings_no_new_codes(sign_up: SignUp, catalog_database: Isolated) -> None:
    member = await sign_up()
    key, codes = await added(member)
    address = await begun(member, code=codes[0])
    options = options_on(await member.get(address))
    assert [each["id"] for each in options["excludeCredentials"]] == [
        json.loads(key.get({**options, "rpId": ""}))["id"]
    ]
    answer = await sent(member, address, credential=Authenticator(HERE.origin).create(options))
    assert (answer.status_code, answer.headers["location"]) == (303, HOME)


@pytest.mark.parametrize(
    ("address", "site"),
    [
        ("https://boucle.example", Site("boucle.example", "https://boucle.example")),
        ("https://boucle.example:8443/", Site("boucle.example", "https://boucle.example:8443")),
        ("http://127.0.0.1:8000", HERE),
        ("http://localhost:8000", HERE),
        ("http://boucle.example", None),
        ("https://192.0.2.7", None),
    ],
)
def test_passkeys_are_for_names_that_are_reached_safely(address: str, site: Site | None) -> None:
    assert site_of(address) == site
