"""What every service's application promises at its door: tokens renewed, our own links, headers, outages in words."""

import re

import httpx
import pytest
from asyncpg import CannotConnectNowError
from litestar import Litestar
from sqlalchemy.exc import TimeoutError as PoolTimeout

from services.matching.app import create_app as create_matching
from services.matching.settings import Settings as MatchingSettings
from shared.web.assets import asset_url
from shared.web.bounce import BOUNCES
from shared.web.urls import service_for, split_language
from shared.web.visit import SESSION_COOKIE
from tests.services.catalog.conftest import SignUp, catalog_app, sign_up
from tests.support import Isolated, client_for

__all__ = ["catalog_app", "sign_up"]

PAGE = "/matching/for-you"
FRAGMENT = {"hx-request": "true"}


@pytest.fixture
def matching_app(matching_settings: MatchingSettings, matching_database: Isolated) -> Litestar:
    return create_matching(matching_settings, databases=matching_database.both)


def forgets_the_session(answer: httpx.Response) -> bool:
    return any(each.startswith(f'{SESSION_COOKIE}=""') for each in answer.headers.get_list("set-cookie"))


async def test_fragments_side_by_side_are_all_renewed(matching_app: Litestar) -> None:
    """A page's fragments find an expired token together: the later ones find the guard, and no token yet."""
    async with client_for(matching_app) as browser:
        browser.cookies.set(SESSION_COOKIE, "a secret", domain="boucle.test")
        answers = [await browser.get(PAGE, headers=FRAGMENT) for _ in range(4)]
        for _ in range(BOUNCES):
            last = await browser.get(PAGE)
    assert {answer.headers["location"].partition("?")[0] for answer in answers} == {"/session/renew"}
    # A token that never comes ends at the sign-in page, with the session's cookie left to catalog.
    assert last.headers["location"].startswith("/sign-in")
    assert not any(forgets_the_session(answer) for answer in [*answers, last])


async def test_only_catalog_forgets_an_ended_session(catalog_app: Litestar) -> None:
    async with client_for(catalog_app) as browser:
        browser.cookies.set(SESSION_COOKIE, "a secret", domain="boucle.test")
        assert forgets_the_session(await browser.get("/dashboard"))


@pytest.mark.parametrize(
    "path", ["//evil.example/", "/en//evil.example/", "/%5Cevil.example/", "/en/%09/evil.example/"]
)
async def test_no_page_links_to_another_site(catalog_app: Litestar, path: str) -> None:
    """Browsers read a backslash as a slash and skip tabs."""
    async with client_for(catalog_app) as client:
        answer = await client.get(f"https://boucle.test{path}")
    links = re.findall(r'href="([^"]*evil[^"]*)"', answer.text)
    assert answer.status_code == 404
    assert links
    assert [link for link in links if not re.match(r"/[\w%]", link)] == []
    assert [link for link in links if re.search(r"[\\\s]", link)] == []


def test_slashes_in_front_are_one() -> None:
    assert split_language("/en//needs") == ("en", "/needs")
    assert split_language("//needs") == (None, "/needs")
    assert split_language("/en") == ("en", "/")
    assert service_for("//matching/for-you") == service_for("/en//matching/for-you") == "matching"


async def test_private_answers_are_not_stored(catalog_app: Litestar, sign_up: SignUp) -> None:
    member = await sign_up()
    async with client_for(catalog_app) as visitor:
        public = await visitor.get("/api/v1/needs/")
    assert (await member.get("/api/v1/needs/")).headers["cache-control"] == "no-store"
    assert "cache-control" not in public.headers


async def test_built_files_are_what_they_say(catalog_app: Litestar) -> None:
    async with client_for(catalog_app) as client:
        answer = await client.get(asset_url("app.css"))
    assert (answer.status_code, answer.headers["x-content-type-options"]) == (200, "nosniff")
    assert "immutable" in answer.headers["cache-control"]


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/organisations?q=%00", 400),
        ("/api/v1/needs/?kind=%00", 400),
        ("/api/v1/organisations?limit=99999999999999999999", 422),
        ("/organisations?start=99999999999999999999", 422),
        ("/static/%00", 400),
    ],
)
async def test_addresses_no_query_can_ask_for_are_refused(catalog_app: Litestar, path: str, status: int) -> None:
    async with client_for(catalog_app) as client:
        assert (await client.get(path)).status_code == status


class Away:
    """A database that cannot be reached."""

    def __init__(self, error: Exception) -> None:
        self.error = error

    def __call__(self, **_surroundings: object) -> None:
        raise self.error


@pytest.mark.parametrize("error", [ConnectionRefusedError(), PoolTimeout(), CannotConnectNowError("starting up")])
async def test_a_database_away_says_so_and_when_to_come_back(
    catalog_app: Litestar, catalog_database: Isolated, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    monkeypatch.setattr(catalog_database.both.pages, "connection", Away(error))
    monkeypatch.setattr(catalog_database.both.pages, "sessions", Away(error))
    async with client_for(catalog_app) as client:
        page, json = await client.get("/needs"), await client.get("/api/v1/needs/")
        client.cookies.set(SESSION_COOKIE, "a secret", domain="boucle.test")
        at_the_door = await client.get("/en/needs")
    for answer in (page, json, at_the_door):
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
    assert "Ce service redémarre" in page.text
    assert json.json()["type"].endswith("ServiceUnavailable")
    assert "restarting" in at_the_door.text
    assert not forgets_the_session(at_the_door)


@pytest.mark.parametrize("error", [ValueError("ours"), FileNotFoundError("a template")])
async def test_our_own_mistakes_promise_no_return(
    catalog_app: Litestar, catalog_database: Isolated, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    monkeypatch.setattr(catalog_database.both.pages, "sessions", Away(error))
    async with client_for(catalog_app) as client:
        answer = await client.get("/needs")
    assert answer.status_code == 500
    assert "retry-after" not in answer.headers
