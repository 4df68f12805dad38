"""Flows and offers written step by step, what each of their steps must not lose, pauses that end, completeness."""

from datetime import date, datetime, time, timedelta
from typing import Any

import httpx
import pytest

from services.catalog.offers.resuming import resume_due
from shared.clock import PARIS, day_of
from shared.database import now_of
from tests.services.catalog.conftest import SignUp, csrf_of
from tests.services.catalog.test_files import a_photo, send
from tests.services.catalog.test_needs import events
from tests.support import Isolated, moved_to


async def post(client: httpx.AsyncClient, address: str, **fields: Any) -> httpx.Response:
    return await client.post(address, data={"_csrf": await csrf_of(client, "/needs/new"), **fields})


async def walk(client: httpx.AsyncClient, path: str, first: dict[str, Any], steps: dict[str, dict[str, Any]]) -> str:
    """Answer every question in turn; the address of what was written."""
    answer = await post(client, f"{path}/begin", **first)
    assert answer.status_code == 303, answer.text
    address: str = answer.headers["location"].partition("/steps/")[0]
    for code, fields in steps.items():
        assert answer.headers["location"] == f"{address}/steps/{code}"
        assert (await client.get(f"{address}/steps/{code}")).status_code == 200
        answer = await post(client, f"{address}/steps/{code}", **fields)
        assert answer.status_code == 303, (code, answer.text)
    assert answer.headers["location"] == f"{address}/review"
    return address


FLOW: dict[str, dict[str, Any]] = {
    "state": {"quantity_value": "6", "quantity_unit": "t", "quantity_period": "week", "quantity_most": "8"}
    | {"measured": "weighed", "condition": "worn", "packaging": "pallet", "provenance": "Quai 3"},
    "law": {"legal_status": "waste", "ewc": "15 01 03", "epr_scheme": "packaging", "epr_convention": "Convention 12"},
    "calendar": {"place": "Fenouillet", "rhythm": "weekly", "weekdays": ["TU"], "pickup_from": "08:00"}
    | {"pickup_until": "17:00", "transport": "either", "access": "Quai à 1,20 m"},
    "takers": {"price_side": "holder_pays", "price_euros": "120", "levels": ["reuse"], "priority_percent": "40"},
}
OFFER: dict[str, dict[str, Any]] = {
    "trade": {"categories": ["wooden-pallets"]},
    "where": {"zones": "Toulouse Métropole"},
    "capacity": {"quantity_value": "10", "quantity_unit": "t", "quantity_period": "month", "lead_days": "3"}
    | {"fetches": "true"},
    "papers": {"permits": ["waste_transport"], "until_waste_transport": "2040-01-31", "conditions": "Acompte de 30 %"},
}


@pytest.fixture
async def publisher(sign_up: SignUp) -> httpx.AsyncClient:
    return await sign_up(roles=["publisher"])


@pytest.fixture
async def workshop(sign_up: SignUp) -> httpx.AsyncClient:
    return await sign_up(roles=["ess"])


async def a_flow(publisher: httpx.AsyncClient) -> str:
    return await walk(publisher, "/flows", {"title": "Palettes bois"}, FLOW)


async def an_offer(workshop: httpx.AsyncClient) -> str:
    first = {"title": "Palettes réparées", "takes_material": "true", "need_kinds": ["material"]}
    return await walk(workshop, "/offers", first, OFFER)


async def test_only_a_draft_says_that_it_saves_itself(workshop: httpx.AsyncClient) -> None:
    address = await an_offer(workshop)
    assert "se garde toute seule" in (await workshop.get(f"{address}/steps/trade")).text
    await post(workshop, f"{address}/review")
    assert "se garde toute seule" not in (await workshop.get(f"{address}/steps/trade")).text


async def test_a_flow_is_written_in_six_steps(publisher: httpx.AsyncClient, catalog_database: Isolated) -> None:
    address = await a_flow(publisher)
    review = (await publisher.get(f"{address}/review")).text.replace("\u202f", " ").replace("\u00a0", " ")
    for words in ("6 à 8 t", "pesée", "Quai 3", "Convention 12", "40 % du temps", "mardi"):
        assert words in review.replace("’", "'"), words
    assert (await post(publisher, f"{address}/review")).headers["location"] == address
    (event,) = await events(catalog_database, "catalog.flow.published.v1")
    told = event["data"]
    assert (told["price_cents"], told["recurrence"]) == (-12000, "FREQ=WEEKLY;BYDAY=TU")
    assert (told["condition"], told["packaging"], told["priority_percent"]) == ("worn", "pallet", 40)


async def test_no_step_of_a_flow_forgets_what_another_said(publisher: httpx.AsyncClient) -> None:
    address = await a_flow(publisher)
    await post(
        publisher, f"{address}/steps/material", title="Palettes", description="Europe", categories=["wooden-pallets"]
    )
    calendar = (await publisher.get(f"{address}/steps/calendar")).text
    assert 'value="weekly" checked' in calendar
    assert 'value="TU" checked' in calendar
    assert 'value="120"' in (await publisher.get(f"{address}/steps/takers")).text


async def test_a_price_can_become_one_to_be_agreed_again(
    publisher: httpx.AsyncClient, catalog_database: Isolated
) -> None:
    address = await a_flow(publisher)
    await post(publisher, f"{address}/steps/takers", price_side="", priority_percent="50")
    await post(publisher, f"{address}/review")
    (event,) = await events(catalog_database, "catalog.flow.published.v1")
    assert event["data"]["price_cents"] is None


async def test_a_scheme_needs_its_convention(publisher: httpx.AsyncClient) -> None:
    address = await a_flow(publisher)
    await post(publisher, f"{address}/steps/law", **{**FLOW["law"], "epr_convention": ""})
    answer = await post(publisher, f"{address}/review")
    assert answer.status_code == 422
    assert 'href="#epr_convention"' in answer.text


async def test_a_range_has_its_larger_end_last(publisher: httpx.AsyncClient) -> None:
    address = await a_flow(publisher)
    await post(publisher, f"{address}/steps/state", **{**FLOW["state"], "quantity_most": "2"})
    assert 'href="#quantity_most"' in (await post(publisher, f"{address}/review")).text


async def test_a_flow_shows_its_photos_to_everybody(publisher: httpx.AsyncClient, sign_up: SignUp) -> None:
    address = await a_flow(publisher)
    await post(publisher, f"{address}/review")
    token = await csrf_of(publisher, "/needs/new")
    sent = {"_csrf": token, "purpose": "photo", "words": "Un tas de palettes"}
    await publisher.post(f"{address}/files", data=sent, files={"file": ("p.jpg", a_photo())})
    shown = (await (await sign_up()).get(address)).text
    assert 'alt="Un tas de palettes"' in shown
    photo = shown.partition(f'src="{address}/files/')[2].partition('"')[0]
    answer = await publisher.get(f"{address}/files/{photo}")
    assert answer.headers["content-type"] == "image/jpeg"
    assert answer.headers["content-disposition"].startswith("inline")


async def test_a_copied_flow_says_the_same_and_has_no_lot(publisher: httpx.AsyncClient) -> None:
    address = await a_flow(publisher)
    await post(publisher, f"{address}/review")
    copy = (await post(publisher, f"{address}/copy")).headers["location"].partition("/steps/")[0]
    assert copy != address
    assert "Quai 3" in (await publisher.get(f"{copy}/review")).text


async def test_an_offer_is_written_in_six_steps(workshop: httpx.AsyncClient, catalog_database: Isolated) -> None:
    address = await an_offer(workshop)
    assert (await post(workshop, f"{address}/review")).headers["location"] == address
    (event,) = await events(catalog_database, "catalog.offer.published.v1")
    told = event["data"]
    assert (told["lead_days"], told["fetches"]) == (3, True)
    assert told["permits"] == [{"code": "waste_transport", "expires_on": "2040-01-31"}]
    assert told["zones"][0]["kind"] == "epci"


async def test_no_step_of_an_offer_forgets_its_permits(workshop: httpx.AsyncClient) -> None:
    address = await an_offer(workshop)
    await post(workshop, f"{address}/steps/where", zones="Muret")
    papers = (await workshop.get(f"{address}/steps/papers")).text
    assert 'value="waste_transport" checked' in papers
    assert 'value="2040-01-31"' in papers


async def test_an_offer_says_what_it_lacks_and_why(workshop: httpx.AsyncClient, sign_up: SignUp) -> None:
    address = await an_offer(workshop)
    await post(workshop, f"{address}/review")
    mine = (await workshop.get(address)).text.replace("’", "'")
    assert "Références" in mine
    assert f'href="{address}/steps/papers"' in mine
    assert "Ce qu'il manque" not in (await (await sign_up()).get(address)).text.replace("’", "'")


async def test_a_pause_ends_on_its_day(workshop: httpx.AsyncClient, catalog_database: Isolated) -> None:
    address = await an_offer(workshop)
    await post(workshop, f"{address}/review")
    async with catalog_database.sessions() as session:
        today = day_of(now_of(session))
    assert (await post(workshop, f"{address}/pause", resume_on=str(today))).status_code == 422
    await post(workshop, f"{address}/pause", resume_on=str(today + timedelta(days=3)))
    assert await resumed(catalog_database, today) == 0
    assert await resumed(catalog_database, today + timedelta(days=3)) == 1
    assert len(await events(catalog_database, "catalog.offer.updated.v1")) == 1
    assert await resumed(catalog_database, today + timedelta(days=4)) == 0


async def resumed(database: Isolated, today: date) -> int:
    """How many the timer resumes on a day."""
    with moved_to(datetime.combine(today, time(12), PARIS), database):
        return await resume_due(database)


async def test_what_was_said_of_a_refused_photo_stays_and_the_error_is_at_its_field(
    workshop: httpx.AsyncClient,
) -> None:
    """INVARIANT: a refused file loses nothing that was typed beside it, and says why where it was chosen."""
    offer = await an_offer(workshop)
    words = 'Trente palettes "Europe", & leurs coins'
    answer = await send(workshop, offer, b"#!/bin/sh", "photo.jpg", purpose="photo", words=words)
    assert answer.headers["location"] == f"{offer}#photos"
    page = (await workshop.get(offer)).text
    assert 'value="Trente palettes &#34;Europe&#34;, &amp; leurs coins"' in page
    assert 'id="photo-error"' in page
    # Once: the next look at the page is a new one.
    assert "Trente palettes" not in (await workshop.get(offer)).text
