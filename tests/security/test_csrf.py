"""INVARIANT: no request from elsewhere changes anything, whatever its body; the one open route changes nothing."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

import pytest

from shared.web.csrf import FIELD, HEADER, ForgedRequest, token_for
from shared.web.visit import VISITOR_COOKIE
from tests.security.conftest import OWNER
from tests.security.routes import Route
from tests.security.scene import Scene
from tests.support import client_for

# Changes nothing, reads no cookie and refuses foreign pages by itself: tests/services/catalog/test_mcp.py.
READS_ONLY = {("POST", "/mcp")}
# The first only sends back where the person was going, where the token is asked for. The second is asked by mail
# programs (RFC 8058): the key in its address is the proof, and `test_unsubscribing` says what another one does.
# The third is asked by Stripe: what it signed is the proof, and `test_payments_notices` says what anything else does.
OPEN_TO_ALL = {
    ("POST", "/session/renew"),
    ("POST", "/notifications/unsubscribe/{delivery_id}"),
    ("POST", "/webhooks/stripe"),
}
ELSEWHERE = "https://evil.example"
PLAIN, URLENCODED = {"content-type": "text/plain"}, {"content-type": "application/x-www-form-urlencoded"}
FORGED = ForgedRequest.__name__, ForgedRequest.sentence.partition(".")[0]
Forgery = Mapping[str, Any]


def forgeries(good: str, stale: str, foreign: str) -> dict[str, Forgery]:
    """What another site, or an old page, could have a browser send."""
    field = urlencode({FIELD: good})
    return {
        "no token": {},
        "an empty token": {"headers": {HEADER: ""}, "data": {FIELD: ""}},
        "a stale token": {"headers": {HEADER: stale}},
        "a stale token in the form": {"data": {FIELD: stale}},
        "another session's token": {"headers": {HEADER: foreign}},
        "another session's token in the form": {"data": {FIELD: foreign}},
        "a token in the address only": {"params": {FIELD: good}},
        "a token in JSON": {"json": {FIELD: good}},
        "a token in plain text": {"content": field, "headers": PLAIN},
        "a token in a body of no type": {"content": field},
        "a token in a cookie": {"headers": {"cookie": f"{FIELD}={good}; {HEADER}={good}"}},
        "a token that is no text": {"headers": [(HEADER.encode(), "é".encode())]},
        "another origin": {"headers": {HEADER: good, "origin": ELSEWHERE}},
        "another origin, in a form": {"data": {FIELD: good}, "headers": {"origin": ELSEWHERE}},
        "our name at another's": {"headers": {HEADER: good, "origin": "https://boucle.test.evil.example"}},
        "our name in another's address": {"headers": {HEADER: good, "origin": "https://boucle.test@evil.example"}},
        "another port": {"headers": {HEADER: good, "origin": "https://boucle.test:8443"}},
        "a hidden origin": {"headers": {HEADER: good, "origin": "null"}},
        "a cross-site request": {"headers": {HEADER: good, "sec-fetch-site": "cross-site"}},
        "a sister site's request": {"headers": {HEADER: good, "sec-fetch-site": "same-site"}},
        "an overridden method": {"headers": {"x-http-method-override": "GET"}, "params": {"_method": "GET"}},
    }


def is_open(scene: Scene, route: Route) -> bool:
    return (route.method, route.path) in OPEN_TO_ALL


@pytest.fixture
async def tokens(scene: Scene) -> tuple[str, str, str]:
    """The owner's own token, one of before they signed in, and one of somebody else."""
    secret = scene.app.csrf_secret
    visitor = scene.people[OWNER].cookies.get(VISITOR_COOKIE) or "v" * 32
    return str(scene.people[OWNER].headers.pop(HEADER)), token_for(secret, visitor), token_for(secret, str(uuid4()))


@pytest.mark.promise(50)
def test_the_open_routes_are_these(scene: Scene) -> None:
    """INVARIANT: a route is excused by name, never by a pattern."""
    routes = {
        ((method, route.path_format), "csrf_exempt" in handler.opt)
        for route in scene.app.routes
        for handler in getattr(route, "route_handlers", ())
        for method in handler.http_methods
    }
    excused = {each for each, is_excused in routes if is_excused}
    assert excused == (OPEN_TO_ALL | READS_ONLY) & {each for each, _ in routes}


@pytest.mark.promise(50)
async def test_every_unsafe_route_refuses_every_forgery(scene: Scene, tokens: tuple[str, str, str]) -> None:
    before, wrong = await scene.rows(), list[str]()
    for route in (each for each in scene.routes if each.is_unsafe and not is_open(scene, each)):
        address = next(route.addresses(scene.ids))
        for name, forged in forgeries(*tokens).items():
            answer = await scene.people[OWNER].request(route.method, address, **forged)
            if answer.status_code != 403:
                wrong.append(f"{name}: {route} answers {answer.status_code}")
    assert wrong == []
    assert await scene.rows() == before


async def test_the_same_routes_take_the_token_in_a_header_and_in_forms(
    scene: Scene, tokens: tuple[str, str, str]
) -> None:
    """Otherwise the refusals above would say nothing."""
    coordinators = str(scene.people["coordinator"].headers.pop(HEADER)) if "coordinator" in scene.people else ""
    for route in (each for each in scene.routes if each.is_unsafe):
        is_coordinators = route.path.startswith("/territory")
        person = scene.people["coordinator" if is_coordinators else OWNER]
        good = coordinators if is_coordinators else tokens[0]
        ways: list[Forgery] = [
            {"headers": {HEADER: good}},
            {"data": {FIELD: good}},
            {"files": {FIELD: (None, good)}},
        ]
        for way in ways:
            async with scene.aside():
                answer = await person.request(route.method, next(route.addresses(scene.ids)), **way)
            # Who may not write an agreement, say, is refused as well, for another reason.
            assert answer.status_code != 403 or not any(each in answer.text for each in FORGED), (route, way)


@pytest.mark.promise(50)
async def test_what_is_open_changes_nothing_and_keeps_the_body_for_its_own_check(catalog_scene: Scene) -> None:
    before = await catalog_scene.rows()
    need, *_ = catalog_scene.ids["need_id"]
    forged = {"origin": ELSEWHERE, "sec-fetch-site": "cross-site", HEADER: ""}
    renewed = await catalog_scene.people[OWNER].post(f"/session/renew?next=/needs/{need}/publish", headers=forged)
    assert (renewed.status_code, renewed.headers["location"]) == (307, f"/needs/{need}/publish")
    repeated = await catalog_scene.people[OWNER].post(renewed.headers["location"], headers=forged)
    assert repeated.status_code == 403
    assert await catalog_scene.rows() == before


@pytest.mark.promise(50)
async def test_no_visitor_takes_a_sessions_place(catalog_scene: Scene) -> None:
    """A visitor's mark is the browser's word: one that reads as a session's id must not bring that session's token."""
    session_id = next(mark for mark in catalog_scene.marks if mark == _session_of(catalog_scene))
    async with client_for(catalog_scene.app) as attacker:
        attacker.cookies.set(VISITOR_COOKIE, session_id, domain="boucle.test")
        page = await attacker.get("/sign-in")
    assert token_for(catalog_scene.app.csrf_secret, session_id) not in page.text
    assert 'name="_csrf"' in page.text


def _session_of(scene: Scene) -> str:
    good = scene.people[OWNER].headers[HEADER]
    return next(mark for mark in scene.marks if token_for(scene.app.csrf_secret, mark) == good)


BROKEN = {
    "empty": b"",
    "cut at once": b"--x",
    "cut in a field": b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n',
    "no text": b"\xff" * 99,
}


@pytest.mark.parametrize("body", BROKEN.values(), ids=BROKEN)
async def test_a_broken_body_is_refused_in_words(scene: Scene, body: bytes) -> None:
    scene.people[OWNER].headers.pop(HEADER)
    kinds = ("multipart/form-data; boundary=x", "multipart/form-data", "application/x-www-form-urlencoded; charset=no")
    for route in (each for each in scene.routes if each.is_unsafe and not is_open(scene, each)):
        for address in route.addresses(scene.ids):
            for kind in kinds:
                answer = await scene.people[OWNER].request(
                    route.method, address, content=body, headers={"content-type": kind}
                )
                assert answer.status_code in (400, 403, 422), (route, kind, answer.status_code)
