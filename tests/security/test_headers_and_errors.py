"""INVARIANT: every answer, good or bad, carries the security headers, and no answer tells how it was made."""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

import httpx
import pytest
from sqlalchemy.exc import ProgrammingError
from structlog.testing import capture_logs

from shared.web.urls import is_api
from tests.security.conftest import OWNER
from tests.security.routes import Route
from tests.security.scene import BAIT, FRAGMENT, Scene
from tests.services.catalog.test_pages import Page
from tests.shared.web.test_doors import Away

INTERNALS = re.compile(
    r'[Tt]raceback|File "|\.py\b|\bline \d+|site-packages|sqlalchemy|asyncpg|litestar|pydantic|msgspec|jinja'
    r'|\bSELECT\b|\bINSERT INTO\b|relation "|/home/|/srv/|/usr/|/tmp/|object at 0x'
)
HEADERS = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
}
POLICY = {"script-src": "'self'", "style-src": "'self'", "object-src": "'none'", "base-uri": "'none'"} | {
    "default-src": "'self'", "form-action": "'self'", "frame-ancestors": "'none'", "connect-src": "'self'",
}  # fmt: skip
# A file that somebody sent may do nothing at all.
FILE_POLICY = {"sandbox": "", "default-src": "'none'", "form-action": "'none'", "base-uri": "'none'"} | {
    "frame-ancestors": "'none'",
}
FILE_CACHE = {"inline": "private, max-age=3600", "attachment": "private, no-store"}
DESCRIPTION = "/api/v1/docs"
SECRET = "SELECT password_hash FROM accounts -- /srv/boucle/services/catalog/accounts/queries.py"


def policy_of(answer: httpx.Response) -> dict[str, str]:
    directives = answer.headers["content-security-policy"].split(";")
    return {name: value for name, _, value in (each.strip().partition(" ") for each in directives) if name}


def check_headers(answer: httpx.Response, *, is_member: bool) -> None:
    where = f"{answer.request.method} {answer.request.url}"
    assert {name: answer.headers.get(name) for name in HEADERS} == HEADERS, where
    policy = policy_of(answer)
    shown, _, named = answer.headers.get("content-disposition", "").partition(";")
    is_file = bool(named) and answer.status_code == 200
    if is_file:
        assert policy == FILE_POLICY, where
    else:
        assert {name: policy.get(name) for name in POLICY} == POLICY, where
    assert not re.search(r"unsafe-|\*|http:|https:|blob:", answer.headers["content-security-policy"]), where
    assert "server" not in answer.headers, where
    assert "x-powered-by" not in answer.headers, where
    if is_member:
        assert answer.headers["cache-control"] == (FILE_CACHE[shown] if is_file else "no-store"), where


def check_body(answer: httpx.Response) -> None:
    is_page = answer.headers.get("content-type", "").startswith("text/html")
    where = f"{answer.request.method} {answer.request.url} {answer.status_code}"
    assert wrong_with(answer.text, is_page=is_page) == [], where


@lru_cache(maxsize=1000)
def wrong_with(text: str, *, is_page: bool) -> list[object]:
    """What a body gives away, and what of a page may run: a page that refuses in the same words is read once."""
    wrong: list[object] = INTERNALS.findall(text)
    for tag, attributes in Page(text).tags if is_page else ():
        is_ours = tag != "script" or attributes.get("src", "").startswith("/static/")
        if tag in ("style", "iframe", "object", "embed", "base") or not is_ours:
            wrong.append((tag, attributes))
        wrong += [(tag, name) for name in attributes if name == "style" or name.startswith("on")]
    return wrong


@pytest.mark.promise(62)
@pytest.mark.parametrize("who", [OWNER, "nobody"])
async def test_every_page_and_every_answer_to_a_program(scene: Scene, who: str) -> None:
    """Looking changes nothing, either."""
    before = await scene.rows()
    for route in (each for each in scene.routes if not each.is_unsafe):
        for address in route.addresses(scene.ids, words=BAIT):
            for headers in ({}, FRAGMENT):
                answer = await scene.ask(who, route, address, headers=headers)
                assert answer.status_code < 500, address
                check_headers(answer, is_member=who == OWNER)
                check_body(answer)
    assert await scene.rows() == before


async def test_the_description_of_the_interface_too(scene: Scene) -> None:
    paths = {route.path_format for route in scene.app.routes if DESCRIPTION in route.path_format}
    assert paths
    for path in paths:
        answer = await scene.people["nobody"].get(path.format(path="x"))
        check_headers(answer, is_member=False)
        assert "Traceback" not in answer.text


@pytest.mark.promise(62)
@pytest.mark.parametrize("who", [OWNER, "nobody"])
async def test_our_own_mistakes_are_told_without_what_they_are(
    scene: Scene, who: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    error = ProgrammingError(SECRET, {"email": SECRET}, Exception(SECRET))
    monkeypatch.setattr(scene.database.both.pages, "sessions", Away(error))
    crashed = 0
    with capture_logs() as logged:
        for route in scene.routes:
            for address in route.addresses(scene.ids, words=BAIT):
                answer = await scene.ask(who, route, address)
                check_headers(answer, is_member=who == OWNER)
                check_body(answer)
                crashed += answer.status_code == 500
                if answer.status_code == 500 and is_api(route.path):
                    assert answer.headers["content-type"] == "application/problem+json"
    # That a provider elsewhere is away is no mistake of ours.
    logged = [each for each in logged if each["log_level"] == "error"]
    assert crashed == len(logged) >= (len(scene.routes) // 3 if who == OWNER else 1)
    assert {each["exc_info"] for each in logged} == {error}


@pytest.mark.promise(62)
async def test_a_mistake_at_the_door_is_told_so_too(catalog_scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(catalog_scene.database.both.pages, "connection", Away(ValueError(SECRET)))
    for path in ("/needs", "/api/v1/needs", "/nowhere"):
        with capture_logs():
            answer = await catalog_scene.people[OWNER].get(path)
        assert answer.status_code == 500
        check_headers(answer, is_member=False)
        check_body(answer)


def spoilt(route: Route, address: str) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """What a careless or a curious program might send to a route."""
    yield "DELETE", address, {}
    yield route.method, f"{address}/nowhere", {}
    if route.takes:
        yield route.method, re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}", "no-id", address), {}
        yield route.method, re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}", "%ff%fe", address), {}
    for name in route.query:
        yield route.method, f"{address}?{name}=%ff%27%22%3C&{name}=no", {}
    if route.is_unsafe and is_api(route.path):
        for body in (b"{", b"[]", b'"x"', b"null", b'{"title": {"a": [1]}}', b'{"title": 1e999}', b"\xff", b"[" * 9999):
            yield route.method, address, {"content": body, "headers": {"content-type": "application/json"}}
        yield route.method, address, {"content": b"{}", "headers": {"content-type": "application/x-msgpack"}}


async def test_what_cannot_be_understood_is_told_in_our_words(scene: Scene) -> None:
    for route in scene.routes:
        for method, address, sent in spoilt(route, next(route.addresses(scene.ids))):
            async with scene.aside():
                answer = await scene.people[OWNER].request(method, address, **sent)
            assert answer.status_code < 500, (method, address, sent, answer.text[:300])
            check_headers(answer, is_member=True)
            check_body(answer)
