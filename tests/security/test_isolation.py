"""INVARIANT: of what belongs to another organisation nobody reads or changes anything, on any route, in any role."""

import re

import httpx
import pytest
from sqlalchemy import text

from shared.web.csrf import SAFE_METHODS
from shared.web.urls import is_api
from tests.security.conftest import OWNER, SERVICES, STRANGERS
from tests.security.routes import Route
from tests.security.scene import BAIT, FRAGMENT, Scene

# What the OpenAPI document leaves out, and why nothing of anybody's is in it.
UNDESCRIBED = {
    r"/(livez|readyz)$": "whether the service lives, for the operator",
    r"^/api/capabilities$": "what this instance can do, the same for everybody; described under /api/v1",
    r"/api/v1/docs(/.*)?$": "the OpenAPI document itself, and the page that shows it",
    r"^/api/asyncapi\.json$": "the document of the events, the same for everybody",
    r"^/api/open-data(\.json$|/)": "files of what is public, without anybody's session",
    r"^/api/calendars/": "calendars at secret addresses: tests/services/catalog/collecting/test_agenda.py",
    r"^/webhooks/stripe$": "what Stripe tells, proved by its signature: tests/services/catalog/test_payments_notices",
    r"^/mcp$": "assistants' questions, which read no session: tests/services/catalog/test_mcp.py",
    r"^/matching/map/outlines/": "the outlines of communes",
    r"^/matching/map/picture\.svg$": "a drawing of what its own address says",
}
# Who fits is a secret of the need; that somebody has an open offer is none, and these list all that is open.
EVERYTHING_OPEN = frozenset(
    {
        "GET /matching/map",
        "GET /matching/search",
        "GET /matching/search/export",
        "GET /matching/api/v1/search",
    }
)
SUCCEEDED = 0.3
# Looking at others' records, and judging them, is a coordinator's work: by these routes alone.
COORDINATORS = frozenset(
    {
        "GET /territory",
        "GET /territory/organisations/{organisation_id}/post",
        "POST /territory/organisations/{organisation_id}/post",
        *(f"POST /api/v1/territory/organisations/{{organisation_id}}/{kind}" for kind in ("needs", "flows", "offers")),
        "GET /territory/audit",
        "GET /territory/audit/file",
        "GET /api/v1/territory/audit",
        "GET /territory/stuck",
        "GET /territory/stuck/file",
        "GET /api/v1/territory/stuck",
        "GET /territory/organisations",
        "GET /territory/organisations/{organisation_id}",
        "POST /territory/organisations/{organisation_id}",
        "GET /territory/organisations/{organisation_id}/files/{file_id}",
        "POST /territory/organisations/{organisation_id}/statuses",
        "GET /territory/eligibility",
        "POST /territory/organisations/{organisation_id}/eligibility",
        "POST /api/v1/territory/organisations/{organisation_id}/eligibility",
        "GET /territory/claims/{claim_id}",
        "POST /territory/claims/{claim_id}",
        "GET /territory/claims/{claim_id}/files/{file_id}",
        "GET /territory/claims/{claim_id}/letter",
        "POST /territory/claims/{claim_id}/letter",
        "POST /territory/needs/{need_id}/send-back",
        "POST /territory/flows/{flow_id}/send-back",
        "POST /territory/campaigns/{campaign_id}/send-back",
        "GET /territory/organisations/{organisation_id}/contacts",
        "POST /territory/organisations/{organisation_id}/contacts",
        "GET /territory/dead-letters",
        "GET /territory/dead-letters/catalog",
        "GET /territory/impact",
        "GET /territory/parameters",
        "GET /territory/parameters/{parameter}",
        "POST /territory/parameters/{parameter}",
    }
)
# Anybody signed in may ask or say this to an organisation that is not theirs; it answers in its own time.
ASKED_OF_OTHERS = frozenset(
    {
        "POST /organisations/{organisation_id}/claim",
        "POST /needs/{need_id}/interested",
        "POST /needs/{need_id}/declined",
        "POST /needs/{need_id}/proposal",
        "POST /needs/{row_id}/questions",
        "POST /flows/{row_id}/questions",
        "POST /flows/lots/{lot_id}/take",
        "POST /flows/{flow_id}/subscribe",
        "POST /flows/lots/{lot_id}/hold",
        "POST /campaigns/{campaign_id}/pledge",
    }
)
# A coordinator of the territory may see rankings.
MATRIX = [(service, who) for service in SERVICES for who in STRANGERS if (service, who) != ("matching", "coordinator")]


def is_refused(answer: httpx.Response) -> bool:
    return answer.status_code in (401, 403, 404) or is_sent_to_sign_in(answer)


def is_sent_to_sign_in(answer: httpx.Response) -> bool:
    return answer.status_code == 303 and answer.headers["location"].startswith("/sign-in")


def is_their_work(who: str, route: Route) -> bool:
    """True for what a coordinator, and nobody else, does with others' records, and for what anybody may ask of them."""
    return (who == "coordinator" and str(route) in COORDINATORS) or str(route) in ASKED_OF_OTHERS


def wrong_with(
    scene: Scene, who: str, route: Route, answer: httpx.Response, *, shown: frozenset[str] = frozenset()
) -> str | None:
    """What an answer to a stranger gives away, or lets them do; `shown` are secrets that are none to them."""
    is_work = is_their_work(who, route)
    if str(route) in EVERYTHING_OPEN:
        shown = scene.secrets
    if told := scene.told(answer) - (scene.for_coordinators if is_work and who == "coordinator" else shown):
        return f"tells {told}"
    if answer.status_code >= 500:
        return "breaks"
    if route.is_unsafe and route.takes and not is_work and not is_refused(answer):
        return f"answers {answer.status_code}: {answer.text[:200]}"
    return None


async def test_what_is_changed_is_noticed(scene: Scene) -> None:
    """Otherwise the matrices would say nothing: a row that goes is seen, one that is only read is none."""
    before, written = await scene.owners_rows(), await scene.written()
    assert before
    assert not await scene.changed(before, written)
    table = min(name for name, _ in before)
    async with scene.aside():
        async with scene.database.connection() as connection:
            for statement in ("RESET ROLE", "SET LOCAL session_replication_role = replica", f"DELETE FROM {table}"):
                await connection.execute(text(statement))
        assert await scene.changed(before, written)
    assert await scene.written() != written
    assert not await scene.changed(before, written)


@pytest.mark.promise(46, 48)
@pytest.mark.parametrize(("scene", "who"), MATRIX, indirect=["scene"])
async def test_no_route_tells_or_changes_what_is_another_organisations(scene: Scene, who: str) -> None:
    before, wrong = await scene.owners_rows(), list[str]()
    for route in scene.routes:
        for address in route.addresses(scene.ids, words=BAIT):
            for headers in ({},) if is_api(route.path) else ({}, FRAGMENT):
                async with scene.aside():
                    written = await scene.written()
                    answer = await scene.ask(who, route, address, headers=headers)
                    fault = wrong_with(scene, who, route, answer)
                    is_change = route.is_unsafe and not is_their_work(who, route)
                    if fault is None and is_change and await scene.changed(before, written):
                        fault = "changes rows"
                if fault:
                    wrong.append(f"{route.method} {address} {fault}")
    assert wrong == []


@pytest.mark.promise(46)
async def test_the_owner_may_ask_the_same_and_reads_every_secret(scene: Scene) -> None:
    """Otherwise the matrix would say nothing: its requests are good ones, and its secrets are there to be told."""
    told, results = set[str](), list[bool]()
    for route in scene.routes:
        for address in route.addresses(scene.ids, words=BAIT):
            async with scene.aside():
                answer = await scene.ask(OWNER, route, address)
            told |= scene.told(answer)
            results.append(answer.status_code < 400 and not is_sent_to_sign_in(answer))
    assert told == scene.secrets
    assert sum(results) / len(results) >= SUCCEEDED


@pytest.mark.promise(46)
async def test_a_coordinators_routes_answer_coordinators_alone(catalog_scene: Scene) -> None:
    """Otherwise the exception above would say nothing; and no other route of theirs is excused by it."""
    scene, answered = catalog_scene, set[tuple[str, str]]()
    for route in (each for each in scene.routes if each.path.removeprefix("/api/v1").startswith("/territory")):
        for who in (OWNER, *STRANGERS):
            for address in route.addresses(scene.ids):
                async with scene.aside():
                    answer = await scene.ask(who, route, address)
                # What is asked for may be incomplete: that is told to whom the route is for, and to nobody else.
                if answer.status_code in (*range(401), 422, 428) and not is_sent_to_sign_in(answer):
                    answered.add((who, str(route)))
    assert answered == {("coordinator", each) for each in COORDINATORS}


@pytest.mark.promise(46, 48)
def test_the_matrix_holds_every_route(scene: Scene) -> None:
    """INVARIANT: a route that the OpenAPI document leaves out is one of `UNDESCRIBED`."""
    described = {(route.method, route.path) for route in scene.routes}
    served = {
        (method, route.path_format)
        for route in scene.app.routes
        for method in getattr(route, "methods", ())
        if not route.path_format.startswith("/static")
    }
    assert described <= served, "otherwise nothing says that `served` is read from the right place"
    left_out = {path for method, path in served - described if method not in ("OPTIONS", "HEAD")}
    assert {path for path in left_out if not any(re.search(known, path) for known in UNDESCRIBED)} == set()
    assert {method for method, _ in described if method not in SAFE_METHODS} <= {"POST", "PATCH"}
