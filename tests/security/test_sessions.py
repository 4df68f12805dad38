"""INVARIANT: a session is known only by a secret of ours, new at each sign-in and dead at once when it ends."""

import re
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta

import httpx
import pytest
from litestar import Litestar
from sqlalchemy import text

from services.catalog.accounts.models import IDLE_LIFE, LIFE
from shared.web.application import Application
from shared.web.visit import IDENTITY_COOKIE, SESSION_COOKIE, VISITOR_COOKIE
from tests.e2e.conftest import Town, town
from tests.security.conftest import signed_in
from tests.services.catalog.conftest import SignUp, csrf_of, send_sign_up
from tests.services.catalog.letters import Mailbox, key_of, path_of
from tests.services.catalog.test_second_factor import added
from tests.support import Isolated, client_for, set_identity

__all__ = ["town"]

PASSWORD = "cheval agrafe pile"
PRIVATE = "/account"


@pytest.fixture
async def another(catalog_app: Litestar) -> AsyncIterator[httpx.AsyncClient]:
    """Another browser."""
    async with client_for(catalog_app) as client:
        yield client


async def sign_in(client: httpx.AsyncClient, *, number: int = 1, password: str = PASSWORD) -> httpx.Response:
    form = {"email": f"personne{number}@exemple.fr", "password": password, "_csrf": await csrf_of(client, "/sign-in")}
    return await client.post("/sign-in", data=form)


async def is_in(client: httpx.AsyncClient, secret: str) -> bool:
    """True when a browser that has only this secret is let in."""
    client.cookies.clear()
    client.cookies.set(SESSION_COOKIE, secret, domain="boucle.test")
    return (await client.get(PRIVATE)).status_code == 200


def test_lives_are_those_of_the_standard() -> None:
    assert timedelta(days=30) >= LIFE >= IDLE_LIFE


@pytest.mark.promise(49)
async def test_a_secret_planted_before_sign_in_opens_nothing(sign_up: SignUp, another: httpx.AsyncClient) -> None:
    """Fixation: what an attacker put into the browser is not what opens the account afterwards."""
    await sign_up()
    another.cookies.set(SESSION_COOKIE, "planted", domain="boucle.test")
    another.cookies.set(VISITOR_COOKIE, "planted", domain="boucle.test")
    assert (await sign_in(another)).status_code == 303
    assert another.cookies[SESSION_COOKIE] != "planted"
    assert len(another.cookies[SESSION_COOKIE]) >= 43  # 256 bits
    assert not await is_in(another, "planted")


@pytest.mark.promise(49)
async def test_an_attackers_own_session_does_not_become_the_victims(
    sign_up: SignUp, catalog_app: Application, another: httpx.AsyncClient
) -> None:
    attacker, _victim = await sign_up(), await sign_up()
    planted = attacker.cookies[SESSION_COOKIE]
    another.cookies.set(SESSION_COOKIE, planted, domain="boucle.test")
    assert (await sign_in(another, number=2)).status_code == 303
    assert (await signed_in(another, catalog_app)).person_name == "Personne 2"
    assert not await is_in(another, planted)


@pytest.mark.promise(49)
@pytest.mark.parametrize("again", [sign_in, lambda client: send_sign_up(client, 2)], ids=["sign-in", "sign-up"])
async def test_every_sign_in_brings_a_new_secret_and_ends_the_old_one(
    sign_up: SignUp, another: httpx.AsyncClient, again: Callable[[httpx.AsyncClient], Awaitable[httpx.Response]]
) -> None:
    member = await sign_up()
    old, old_token = member.cookies[SESSION_COOKIE], (await member.get(PRIVATE)).cookies[IDENTITY_COOKIE]
    assert old_token
    assert (await again(member)).status_code == 303
    new = member.cookies[SESSION_COOKIE]
    assert new != old
    assert not await is_in(another, old)
    assert await is_in(another, new)


async def test_a_refused_sign_in_opens_nothing_and_ends_nothing(
    sign_up: SignUp, catalog_database: Isolated, another: httpx.AsyncClient
) -> None:
    member = await sign_up()
    assert (await sign_in(another, password="wrong wrong wrong")).status_code == 422
    assert (await sign_in(member, password="wrong wrong wrong")).status_code == 422
    assert SESSION_COOKIE not in another.cookies
    assert (await member.get(PRIVATE)).status_code == 200
    async with catalog_database.sessions() as session:
        assert await session.scalar(text("SELECT count(*) FROM sessions")) == 1


async def test_the_database_knows_no_secret(sign_up: SignUp, catalog_database: Isolated) -> None:
    member = await sign_up()
    async with catalog_database.sessions() as session:
        stored = await session.scalar(text("SELECT string_agg(s::text, '') FROM sessions s"))
    assert member.cookies[SESSION_COOKIE] not in str(stored)
    assert member.cookies[SESSION_COOKIE].encode().hex() not in str(stored)


@pytest.mark.promise(49)
async def test_two_browsers_sign_out_one_by_one(sign_up: SignUp, another: httpx.AsyncClient) -> None:
    member = await sign_up()
    await sign_in(another)
    secret = member.cookies[SESSION_COOKIE]
    await member.post("/session/end", data={"_csrf": await csrf_of(member, PRIVATE)})
    assert SESSION_COOKIE not in member.cookies
    assert IDENTITY_COOKIE not in member.cookies
    assert (await another.get(PRIVATE)).status_code == 200
    assert not await is_in(member, secret)


ENDINGS = {
    "idle": f"UPDATE sessions SET seen_at = now() - interval '{IDLE_LIFE.days} days 1 minute'",
    "too old": "UPDATE sessions SET expires_at = now() - interval '1 second'",
    "revoked": "UPDATE sessions SET revoked_at = now()",
    "left": "UPDATE members SET left_at = now()",
}


@pytest.mark.promise(49)
@pytest.mark.parametrize("ending", ENDINGS.values(), ids=ENDINGS)
async def test_a_session_that_is_over_opens_nothing_and_renews_no_token(
    sign_up: SignUp, catalog_database: Isolated, ending: str
) -> None:
    member = await sign_up()
    assert (await member.get(PRIVATE)).status_code == 200
    async with catalog_database.connection() as connection:
        await connection.execute(text(ending))
    renewed = await member.get("/session/renew?next=/matching/for-you")
    assert renewed.headers["location"].startswith("/sign-in")
    assert IDENTITY_COOKIE not in member.cookies
    assert (await member.get(PRIVATE)).headers["location"].startswith("/sign-in")


@pytest.mark.promise(49)
async def test_who_has_left_cannot_sign_in(
    sign_up: SignUp, catalog_database: Isolated, another: httpx.AsyncClient
) -> None:
    await sign_up()
    async with catalog_database.connection() as connection:
        await connection.execute(text(ENDINGS["left"]))
    # Whose password is right is told that they act for nobody.
    assert (await sign_in(another)).status_code == 403
    assert SESSION_COOKIE not in another.cookies


async def test_cookies_are_ours_alone(sign_up: SignUp, another: httpx.AsyncClient) -> None:
    await sign_up()
    answer = await sign_in(another)
    cookies = [*answer.headers.get_list("set-cookie"), *(await another.get(PRIVATE)).headers.get_list("set-cookie")]
    assert {cookie.partition("=")[0] for cookie in cookies} == {SESSION_COOKIE, IDENTITY_COOKIE}
    for cookie in cookies:
        attributes = {part.strip().lower() for part in cookie.split(";")[1:]}
        assert {"secure", "httponly", "samesite=lax", "path=/"} <= attributes, cookie
        assert not any(each.startswith("domain") for each in attributes), cookie


@pytest.mark.promise(49)
@pytest.mark.parametrize("service", ["matching", "notifications"])
async def test_a_session_ended_in_catalog_is_over_in_the_other_services(town: Town, service: str) -> None:
    """The token lives on for less than a minute; the event that ends the session is faster."""
    page = {"matching": "/matching/api/v1/for-you", "notifications": "/notifications/api/v1/unread"}[service]
    member, elsewhere, kept = town.client(), town.client(service), town.client(service)
    await send_sign_up(member)
    await member.get(PRIVATE)
    set_identity(elsewhere, member.cookies[IDENTITY_COOKIE])
    other = town.client()
    await sign_in(other)
    await other.get(PRIVATE)
    set_identity(kept, other.cookies[IDENTITY_COOKIE])
    assert (await elsewhere.get(page)).status_code == 200
    await member.post("/session/end", data={"_csrf": await csrf_of(member, PRIVATE)})
    await town.settle()
    assert (await elsewhere.get(page)).status_code == 401
    assert (await kept.get(page)).status_code == 200


@pytest.mark.promise(49)
async def test_a_new_password_ends_every_session_everywhere(town: Town) -> None:
    """The reset is done in one browser; what another one holds is refused by every service."""
    page = "/notifications/api/v1/unread"
    member, elsewhere = town.client(), town.client("notifications")
    await send_sign_up(member)
    await member.get(PRIVATE)
    set_identity(elsewhere, member.cookies[IDENTITY_COOKIE])
    assert (await elsewhere.get(page)).status_code == 200
    mailbox, visitor = Mailbox(town.apps["catalog"], town.databases["catalog"]), town.client()
    form = {"email": "personne1@exemple.fr", "_csrf": await csrf_of(visitor, "/sign-in/forgotten")}
    await visitor.post("/sign-in/forgotten", data=form)
    link = await mailbox.link("reset_password")
    form = {"key": key_of(link), "password": "lanterne sel boussole", "_csrf": await csrf_of(visitor, link)}
    assert (await visitor.post(path_of(link), data=form)).status_code == 303
    await town.settle()
    assert (await elsewhere.get(page)).status_code == 401
    assert (await member.get(PRIVATE)).status_code == 303


@pytest.mark.promise(49)
async def test_one_sees_where_one_is_signed_in_and_ends_it_there(
    sign_up: SignUp, catalog_database: Isolated, another: httpx.AsyncClient
) -> None:
    member = await sign_up()
    another.headers["user-agent"] = "Mozilla/5.0 (Android 15; Mobile; rv:144.0) Gecko/144.0 Firefox/144.0"
    await sign_in(another)
    page = (await member.get(PRIVATE)).text
    assert "Firefox, Android" in page
    (ending,) = set(re.findall(r'action="(/account/sessions/[0-9a-f-]{36}/end)"', page))
    token = {"_csrf": await csrf_of(member, PRIVATE)}
    assert (await member.post(ending, data=token)).status_code == 303
    assert (await another.get(PRIVATE)).headers["location"].startswith("/sign-in")
    assert (await member.get(PRIVATE)).status_code == 200
    assert (await member.post(ending, data=token)).status_code == 404
    async with catalog_database.sessions() as session:
        told = await session.scalar(text("SELECT count(*) FROM outbox WHERE type = 'catalog.session.revoked.v1'"))
        assert told == 1


@pytest.mark.promise(49)
async def test_all_the_others_end_at_once_and_this_one_stays(
    sign_up: SignUp, catalog_app: Litestar, another: httpx.AsyncClient
) -> None:
    member, stranger = await sign_up(), await sign_up()
    async with client_for(catalog_app) as third:
        for browser in (another, third):
            assert (await sign_in(browser)).status_code == 303
        await member.post("/account/sessions/end", data={"_csrf": await csrf_of(member, PRIVATE)})
        for browser in (another, third):
            assert (await browser.get(PRIVATE)).status_code == 303
    for browser in (member, stranger):
        assert (await browser.get(PRIVATE)).status_code == 200
    assert "Fermer toutes les autres" not in (await member.get(PRIVATE)).text


@pytest.mark.promise(49)
async def test_a_second_proof_ends_what_was_open_without_it_and_renews_the_secret(
    sign_up: SignUp, catalog_app: Litestar, catalog_database: Isolated, another: httpx.AsyncClient
) -> None:
    """Privilege change: who knows the old secret does not go on with what is now better guarded."""
    member = await sign_up()
    await sign_in(another)
    old = member.cookies[SESSION_COOKIE]
    await added(member, catalog_database)
    assert member.cookies[SESSION_COOKIE] != old
    assert (await member.get(PRIVATE)).status_code == 200
    assert (await another.get(PRIVATE)).status_code == 303
    async with client_for(catalog_app) as thief:
        assert not await is_in(thief, old)
