"""INVARIANT: ten wrong passwords close an address for a quarter of an hour, wherever they come from and arrive."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import httpx
import pytest
from litestar import Litestar
from sqlalchemy import text

from deploy.embedded.engines import Engines
from services.catalog.accounts.throttle import ATTEMPTS
from services.catalog.app import create_app
from services.catalog.settings import Settings
from shared.database import Database
from shared.web.visit import SESSION_COOKIE
from tests.services.catalog.conftest import csrf_of, send_sign_up
from tests.support import client_for, committing

EMAIL = "personne1@exemple.fr"
RIGHT, WRONG = "cheval agrafe pile", "wrong wrong wrong"
# What a proxy might add, and an attacker may write.
ORIGINS = ("x-forwarded-for", "x-real-ip", "forwarded", "x-client-ip", "true-client-ip", "cf-connecting-ip")


@pytest.fixture
async def two_processes(
    engines: Engines, catalog_settings: Settings, lasting_catalog: Litestar
) -> AsyncIterator[list[httpx.AsyncClient]]:
    """Two catalogs with nothing in common but their database, and a browser for each; somebody has an account."""
    async with AsyncExitStack() as stack:
        databases = await stack.enter_async_context(committing(engines.instance, "catalog"))
        apps = [lasting_catalog, create_app(catalog_settings, databases=databases)]
        browsers = [await stack.enter_async_context(client_for(app)) for app in apps]
        member = await stack.enter_async_context(client_for(lasting_catalog))
        assert (await send_sign_up(member)).status_code == 303
        yield browsers


async def tried(
    client: httpx.AsyncClient, password: str, *, number: int = 0, email: str = "personne1@exemple.fr"
) -> int:
    """The status of one sign-in, which pretends to come from an address of its own."""
    pretended = {name: f"for=203.0.113.{number}" if name == "forwarded" else f"203.0.113.{number}" for name in ORIGINS}
    form = {"email": email, "password": password, "_csrf": await csrf_of(client, "/sign-in")}
    return (await client.post("/sign-in", data=form, headers=pretended)).status_code


@pytest.mark.promise(52)
async def test_the_limit_holds_across_processes_browsers_and_pretended_addresses(
    two_processes: list[httpx.AsyncClient],
) -> None:
    one, other = two_processes
    statuses = []
    for number in range(ATTEMPTS):
        browser = (one, other)[number % 2]
        browser.cookies.clear()
        statuses.append(await tried(browser, WRONG, number=number))
    assert statuses == [422] * ATTEMPTS
    for browser in (one, other):
        assert await tried(browser, WRONG, number=99) == 429
        # Even the right one, whatever its capitals: otherwise the eleventh guess would still tell.
        assert await tried(browser, RIGHT, number=98) == 429
        assert await tried(browser, RIGHT, email=" PERSONNE1@Exemple.FR ") == 429
        assert SESSION_COOKIE not in browser.cookies


async def test_the_limit_is_for_one_address_and_for_a_time(
    two_processes: list[httpx.AsyncClient], lasting_catalog: Litestar
) -> None:
    one, other = two_processes
    for _ in range(ATTEMPTS):
        assert await tried(one, WRONG, email="personne2@exemple.fr") == 422
    assert await tried(one, WRONG, email="personne2@exemple.fr") == 429
    assert await tried(other, RIGHT) == 303
    database: Database = lasting_catalog.state.database
    async with database.sessions.begin() as session:
        await session.execute(text("UPDATE wrong_passwords SET at = at - interval '15 minutes'"))
    assert await tried(one, WRONG, email="personne2@exemple.fr") == 422


@pytest.mark.promise(52)
async def test_an_unknown_address_is_told_like_a_wrong_password(two_processes: list[httpx.AsyncClient]) -> None:
    """Same status, same words; only what was typed differs."""
    browser, _ = two_processes
    answers = []
    for email in (EMAIL, "inconnue1@exemple.fr"):
        form = {"email": email, "password": WRONG, "_csrf": await csrf_of(browser, "/sign-in")}
        answer = await browser.post("/sign-in", data=form)
        answers.append((answer.status_code, answer.text.replace(email, "")))
    assert answers[0] == answers[1]
    assert answers[0][0] == 422
