"""INVARIANT: one effect for each key, no change of what its caller has not seen, and lists that go on without gaps."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest
from litestar import Litestar
from sqlalchemy import text

from shared import fault
from shared.database import Database
from shared.web import idempotency
from shared.web.conditions import is_among, tag_of, versions_in
from shared.web.upkeep import WITH_ANSWERS, forget
from tests.services.catalog.conftest import SignUp, csrf_of, hidden_of, send_sign_up
from tests.services.catalog.test_needs import MEALS
from tests.support import Isolated, client_for

PROBLEM = "application/problem+json"
KEY = {"idempotency-key": "une clé".encode().hex()}


async def signed(client: httpx.AsyncClient) -> httpx.AsyncClient:
    """A program that says nothing by itself but its token."""
    client.event_hooks = {}
    client.headers["x-csrf-token"] = await csrf_of(client, "/needs/new")
    return client


@pytest.fixture
async def buyer(sign_up: SignUp) -> httpx.AsyncClient:
    return await signed(await sign_up())


@pytest.fixture
async def lasting_buyer(lasting_catalog: Litestar) -> AsyncIterator[httpx.AsyncClient]:
    async with client_for(lasting_catalog) as client:
        assert (await send_sign_up(client)).status_code == 303
        yield await signed(client)


async def needs_in(app: Litestar) -> int:
    database: Database = app.state.work
    async with database.sessions() as session:
        return int(await session.scalar(text("SELECT count(*) FROM needs")) or 0)


async def drafted(client: httpx.AsyncClient, **facts: object) -> httpx.Response:
    answer = await client.post("/api/v1/needs", json={**MEALS, **facts}, headers={"idempotency-key": uuid4().hex})
    assert answer.status_code == 201, answer.text
    return answer


def is_problem(answer: httpx.Response, status: int, field: str | None = None) -> bool:
    body: dict[str, Any] = answer.json()
    fields = [each["field"] for each in body.get("errors", ())]
    assert (answer.status_code, body["status"], answer.headers["content-type"]) == (status, status, PROBLEM), (
        answer.text
    )
    return field is None or fields == [field]


@pytest.mark.promise(40)
async def test_twenty_at_once_have_one_effect(lasting_buyer: httpx.AsyncClient, lasting_catalog: Litestar) -> None:
    answers = await asyncio.gather(*(lasting_buyer.post("/api/v1/needs", json=MEALS, headers=KEY) for _ in range(20)))
    made = [answer for answer in answers if answer.status_code == 201]
    assert made
    assert len({answer.content for answer in made}) == 1
    assert all(is_problem(each, 409, "Idempotency-Key") for each in answers if each.status_code != 201)
    assert await needs_in(lasting_catalog) == 1
    again = await lasting_buyer.post("/api/v1/needs", json=MEALS, headers=KEY)
    assert again.content == made[0].content
    assert again.headers["idempotency-replayed"] == "true"
    assert [again.headers[name] for name in ("etag", "location")] == [
        made[0].headers["etag"],
        made[0].headers["location"],
    ]
    assert await needs_in(lasting_catalog) == 1


@pytest.mark.promise(40)
async def test_a_failure_before_the_commit_leaves_nothing_and_the_key_free(
    lasting_buyer: httpx.AsyncClient, lasting_catalog: Litestar, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "http.before_commit").write_text("raise")
    monkeypatch.setattr(fault, "FOLDER", tmp_path)
    failed = await lasting_buyer.post("/api/v1/needs", json=MEALS, headers=KEY)
    assert is_problem(failed, 500)
    assert (tmp_path / "http.before_commit.hit").exists()
    assert await needs_in(lasting_catalog) == 0
    made = await lasting_buyer.post("/api/v1/needs", json=MEALS, headers=KEY)
    assert made.status_code == 201
    assert "idempotency-replayed" not in made.headers
    assert await needs_in(lasting_catalog) == 1


@pytest.mark.promise(40)
@pytest.mark.parametrize("key", [None, "", '"', "deux mots", "é", "x" * 256])
async def test_a_key_that_is_missing_or_malformed_is_named(buyer: httpx.AsyncClient, key: str | None) -> None:
    headers = {} if key is None else {"idempotency-key": key.encode()}
    answer = await buyer.post("/api/v1/needs", json=MEALS, headers=headers)  # type: ignore[arg-type] # bytes are fine
    assert is_problem(answer, 400, "Idempotency-Key")


@pytest.mark.promise(40)
async def test_a_key_is_for_one_request_of_one_member(buyer: httpx.AsyncClient, sign_up: SignUp) -> None:
    first = await buyer.post("/api/v1/needs", json=MEALS, headers=KEY)
    other = await buyer.post("/api/v1/needs", json={**MEALS, "title": "Autre chose"}, headers=KEY)
    assert is_problem(other, 422, "Idempotency-Key")
    elsewhere = await buyer.post("/api/v1/offers", json={}, headers=KEY)
    assert is_problem(elsewhere, 422, "Idempotency-Key")
    theirs = await (await signed(await sign_up())).post("/api/v1/needs", json=MEALS, headers=KEY)
    assert theirs.status_code == 201
    assert theirs.json()["id"] != first.json()["id"]


@pytest.mark.promise(40)
async def test_what_was_refused_is_not_kept(buyer: httpx.AsyncClient) -> None:
    assert is_problem(await buyer.post("/api/v1/needs", json={"place": "Xyzzyville"}, headers=KEY), 422, "place")
    assert (await buyer.post("/api/v1/needs", json=MEALS, headers=KEY)).status_code == 201


async def test_keys_are_kept_for_a_day(buyer: httpx.AsyncClient, catalog_database: Isolated) -> None:
    made = await buyer.post("/api/v1/needs", json=MEALS, headers=KEY)
    await forget(catalog_database, WITH_ANSWERS)
    assert (await buyer.post("/api/v1/needs", json=MEALS, headers=KEY)).json() == made.json()
    async with catalog_database.connection() as connection:
        await connection.execute(text("UPDATE kept_answers SET kept_at = kept_at - interval '25 hours'"))
    await forget(catalog_database, (idempotency.FORGET,))
    assert (await buyer.post("/api/v1/needs", json=MEALS, headers=KEY)).json()["id"] != made.json()["id"]


async def test_a_change_says_what_it_is_based_on(buyer: httpx.AsyncClient) -> None:
    made = await drafted(buyer)
    path, tag = made.headers["location"], made.headers["etag"]
    assert is_problem(await buyer.patch(path, json=MEALS), 428, "If-Match")
    for malformed in ("3", "", '"3', "W/"):
        assert is_problem(await buyer.patch(path, json=MEALS, headers={"if-match": malformed}), 400, "If-Match")
    for stale in ('"7-x"', f"W/{tag}", '"no-tag"', '"99999999999"'):
        answer = await buyer.patch(path, json={**MEALS, "title": "Perdu"}, headers={"if-match": stale})
        assert is_problem(answer, 412)
    assert (await buyer.get(path)).headers["etag"].split("-")[0] == tag.split("-")[0]
    changed = await buyer.patch(path, json={**MEALS, "title": "Gagné"}, headers={"if-match": f'"7-x", {tag}'})
    assert (changed.status_code, changed.json()["title"]) == (200, "Gagné")
    assert changed.headers["etag"] != tag
    assert is_problem(await buyer.post(f"{path}/publish", headers={"if-match": tag}), 412)
    assert (await buyer.post(f"{path}/publish", headers={"if-match": changed.headers["etag"]})).status_code == 200
    assert (await buyer.post(f"{path}/withdraw", headers={"if-match": "*"})).json()["state"] == "withdrawn"


async def test_of_two_changes_of_one_version_one_wins(lasting_buyer: httpx.AsyncClient) -> None:
    made = await drafted(lasting_buyer)
    path, based = made.headers["location"], {"if-match": made.headers["etag"]}
    answers = await asyncio.gather(
        *(lasting_buyer.patch(path, json={**MEALS, "title": f"Titre {n}"}, headers=based) for n in range(8))
    )
    assert sorted(answer.status_code for answer in answers) == [200] + [412] * 7


async def test_what_matching_counts_is_news_to_readers_and_hinders_no_change(
    buyer: httpx.AsyncClient, catalog_database: Isolated
) -> None:
    made = await drafted(buyer)
    path = made.headers["location"]
    tag = (await buyer.get(path)).headers["etag"]
    held = await buyer.get(path, headers={"if-none-match": f'"other", W/{tag}'})
    assert (held.status_code, held.content, held.headers["etag"]) == (304, b"", tag)
    async with catalog_database.connection() as connection:
        await connection.execute(text("UPDATE needs SET match_count = 3"))
    fresh = await buyer.get(path, headers={"if-none-match": tag})
    assert (fresh.status_code, fresh.json()["match_count"]) == (200, 3)
    assert (await buyer.patch(path, json=MEALS, headers={"if-match": tag})).status_code == 200


def test_tags() -> None:
    tag = tag_of(b"{}", 3)
    assert tag.startswith('"3-')
    assert 3 in versions_in(tag)
    assert 3 not in versions_in(f"W/{tag}")
    assert 12 in versions_in("*")
    assert is_among(tag, f"W/{tag}")
    assert not is_among(tag, '"3"')


async def test_lists_go_on_without_a_gap(buyer: httpx.AsyncClient) -> None:
    for number in range(5):
        made = await drafted(buyer, title=f"Besoin {number}")
        await buyer.post(f"{made.headers['location']}/publish", headers={"if-match": made.headers["etag"]})
    address, seen = "/api/v1/needs?limit=2&kind=procurement", list[str]()
    for _ in range(3):
        answer = await buyer.get(address)
        body = answer.json()
        seen += [each["title"] for each in body["items"]]
        if body["next"] is None:
            assert "link" not in answer.headers
            break
        assert answer.headers["link"].endswith('; rel="next"')
        address = answer.headers["link"].partition(">")[0].lstrip("<")
        assert f"cursor={body['next']}" in address
    assert seen == [f"Besoin {number}" for number in (4, 3, 2, 1, 0)]


@pytest.mark.parametrize("cursor", ["x", "%22%22", "AAAA", "IjEi", "W10", "é", "Ilx1MDAwMCI", "x" * 300])
@pytest.mark.parametrize("of", ["needs", "offers", "flows", "organisations", "vocabulary"])
async def test_a_made_up_cursor_is_refused(visitor: httpx.AsyncClient, of: str, cursor: str) -> None:
    assert is_problem(await visitor.get(f"/api/v1/{of}?cursor={cursor}"), 422, "cursor")


async def test_every_error_is_a_problem_with_its_headers(buyer: httpx.AsyncClient, visitor: httpx.AsyncClient) -> None:
    nobody = await visitor.get("/api/v1/needs", headers={"accept": "text/html"})
    assert nobody.status_code == 200
    wrong_method = await buyer.delete("/api/v1/needs")
    assert is_problem(wrong_method, 405)
    assert {"GET", "POST"} <= set(wrong_method.headers["allow"].replace(" ", "").split(","))
    assert is_problem(await buyer.get("/api/v1/nowhere"), 404)
    assert is_problem(await buyer.get("/api/v1/docs/nowhere"), 404)
    text_sent = await buyer.post("/api/v1/needs", content=b"x", headers={**KEY, "content-type": "text/plain"})
    assert is_problem(text_sent, 415, "Content-Type")
    too_much = b'{"title": "' + b"x" * 11_000_000 + b'"}'
    json = {**KEY, "content-type": "application/json"}
    assert is_problem(await buyer.post("/api/v1/needs", content=too_much, headers=json), 413)
    visitor.event_hooks = {}
    visitor.headers["x-csrf-token"] = await csrf_of(visitor, "/sign-in")
    unknown = await visitor.post("/api/v1/needs", json=MEALS)
    assert is_problem(unknown, 401)
    assert unknown.headers["www-authenticate"].startswith("Cookie ")
    assert is_problem(await buyer.post("/api/v1/needs", json=MEALS, headers={"x-csrf-token": "no"}), 403)


async def test_a_form_does_not_write_over_what_somebody_else_saved(buyer: httpx.AsyncClient) -> None:
    made = await drafted(buyer)
    page = f"/needs/{made.json()['id']}"
    mine, theirs = await hidden_of(buyer, f"{page}/edit"), await hidden_of(buyer, f"{page}/edit")
    assert (await buyer.post(page, data={**MEALS, "title": "Le leur", **theirs})).status_code == 303
    refused = await buyer.post(page, data={**MEALS, "title": "Le mien", **mine})
    assert refused.status_code == 422
    assert "pendant que vous écriviez" in refused.text
    assert 'value="Le mien"' in refused.text
    assert (await buyer.get(f"/api/v1{page}")).json()["title"] == "Le leur"
    without = await buyer.post(page, data={**MEALS, "title": "Le mien", "_csrf": mine["_csrf"]})
    assert without.status_code == 422
    # Whoever read that sends the form again: it now names the version that it replaces.
    newest = f'name="_version" value="{int(mine["_version"]) + 1}"'
    assert newest in refused.text
    again = {**MEALS, "title": "Le mien", **mine, "_version": str(int(mine["_version"]) + 1)}
    assert (await buyer.post(page, data=again)).status_code == 303
    assert (await buyer.get(f"/api/v1{page}")).json()["title"] == "Le mien"
