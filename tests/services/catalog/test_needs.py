"""Needs as their authors and others meet them."""

import re
from datetime import timedelta
from typing import Any

import httpx
from sqlalchemy import select

from shared.clock import day_of, now
from shared.messaging.tables import outbox
from tests.services.catalog.conftest import SignUp, csrf_of
from tests.support import Isolated

MEALS = {
    "kind": "procurement",
    "title": "80 repas par mois pour nos comités",
    "description": "Plateaux-repas livrés à Montaudran.",
    "categories": ["catering"],
    "place": "Montaudran",
    "quantity_value": "80",
    "quantity_unit": "meal",
    "quantity_period": "month",
}


async def post_need(client: httpx.AsyncClient, **changes: object) -> httpx.Response:
    token = await csrf_of(client, "/needs/new")
    return await client.post("/needs", data={**MEALS, "then": "publish", "_csrf": token, **changes})


async def events(database: Isolated, kind: str) -> list[Any]:
    async with database.sessions() as session:
        rows = await session.scalars(select(outbox.c.payload).where(outbox.c.type == kind).order_by(outbox.c.id))
        return list(rows)


async def test_publishing_a_need_records_its_event_with_everything_a_reader_needs(
    sign_up: SignUp, catalog_database: Isolated
) -> None:
    buyer = await sign_up(organisation_name="Hexaplane Systèmes")
    answer = await post_need(buyer)
    assert answer.status_code == 303
    (event,) = await events(catalog_database, "catalog.need.published.v1")
    data = event["data"]
    assert event["subject"] == data["need_id"] == answer.headers["location"].rsplit("/", 1)[-1]
    assert data["author"]["name"] == "Hexaplane Systèmes"
    assert data["place"]["commune_name"] == "Toulouse"
    assert data["quantity"] == {"value": "80", "unit": "meal", "period": "month"}


async def test_a_refused_need_keeps_what_was_typed_and_names_the_field(sign_up: SignUp) -> None:
    buyer = await sign_up()
    answer = await post_need(buyer, place="Xyzzyville", title="Un titre gardé")
    assert answer.status_code == 422
    assert "Un titre gardé" in answer.text
    assert 'href="#place"' in answer.text


async def test_a_deadline_in_the_past_is_refused(sign_up: SignUp) -> None:
    buyer = await sign_up()
    answer = await post_need(buyer, deadline_on=str(day_of(now()) - timedelta(days=1)))
    assert answer.status_code == 422
    assert 'href="#deadline_on"' in answer.text


async def test_a_draft_is_seen_by_its_author_only(sign_up: SignUp) -> None:
    buyer, stranger = await sign_up(), await sign_up()
    address = (await post_need(buyer, then="draft")).headers["location"]
    assert (await buyer.get(address)).status_code == 200
    assert (await stranger.get(address)).status_code == 404


async def test_a_foreign_need_cannot_be_changed(sign_up: SignUp) -> None:
    buyer, stranger = await sign_up(), await sign_up()
    address = (await post_need(buyer)).headers["location"]
    token = await csrf_of(stranger, "/needs/new")
    for action in ("", "/publish", "/withdraw", "/close"):
        answer = await stranger.post(address + action, data={**MEALS, "outcome": "price", "_csrf": token})
        assert answer.status_code == 404, action


async def test_a_post_without_its_token_is_refused(sign_up: SignUp) -> None:
    buyer = await sign_up()
    assert (await buyer.post("/needs", data={**MEALS, "then": "publish"})).status_code == 403


async def test_withdrawing_tells_readers_once(sign_up: SignUp, catalog_database: Isolated) -> None:
    buyer = await sign_up()
    address = (await post_need(buyer)).headers["location"]
    token = await csrf_of(buyer, "/needs/new")
    assert (await buyer.post(f"{address}/withdraw", data={"_csrf": token})).status_code == 303
    assert (await buyer.post(f"{address}/withdraw", data={"_csrf": token})).status_code == 409
    (event,) = await events(catalog_database, "catalog.need.withdrawn.v1")
    assert event["sequence"] == 2


async def test_a_need_is_posted_in_json_too(sign_up: SignUp) -> None:
    buyer = await sign_up()
    headers = {"x-csrf-token": await csrf_of(buyer, "/needs/new")}
    draft = await buyer.post("/api/v1/needs", json=MEALS, headers=headers)
    assert draft.status_code == 201, draft.text
    published = await buyer.post(f"/api/v1/needs/{draft.json()['id']}/publish", headers=headers)
    assert published.json()["state"] == "published"
    wrong = await buyer.post("/api/v1/needs", json={**MEALS, "unknown": 1}, headers=headers)
    assert wrong.status_code == 422
    assert wrong.headers["content-type"] == "application/problem+json"


async def test_a_form_that_comes_back_reads_as_it_was_typed(sign_up: SignUp) -> None:
    buyer = await sign_up()
    codes = {"ewc": "15 01 03; 17 02 01", "cpv": "55520000"}
    refused = await post_need(buyer, deadline_on="2020-01-01", **codes)
    kept = await post_need(buyer, then="draft", **codes)
    stored = await buyer.get(kept.headers["location"] + "/edit")
    assert (refused.status_code, stored.status_code) == (422, 200)
    for html in (refused.text, stored.text):
        for name, value in {**codes, "quantity_value": "80", "place": "Montaudran"}.items():
            fields = re.findall(rf'<input[^>]* name="{name}"[^>]* value="([^"]*)"', html)
            assert fields == [value], name
