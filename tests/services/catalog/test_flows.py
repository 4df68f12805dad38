"""Flows as their holders and others meet them."""

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import httpx
import pytest
from litestar import Litestar
from sqlalchemy import select

from deploy.embedded.engines import Engines
from services.catalog.app import create_app
from services.catalog.audit.models import AuditLine
from services.catalog.settings import Settings
from tests.services.catalog.conftest import SignUp, csrf_of
from tests.services.catalog.test_needs import events
from tests.support import Isolated, isolated

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
PALLETS = {
    "title": "Palettes bois, 6 t par semaine",
    "description": "Europe et perdues mêlées, sept sur dix réparables.",
    "categories": ["wood"],
    "legal_status": "waste",
    "ewc": "15 01 03",
    "place": "Fenouillet",
    "quantity_value": "6",
    "quantity_unit": "t",
    "quantity_period": "week",
    "minimum_value": "0,6",
    "rhythm": "weekly",
    "weekdays": ["TH"],
    "pickup_from": "07:00",
    "pickup_until": "11:00",
    "price_side": "holder_pays",
    "price_euros": "120",
    "levels": ["reuse", "preparation"],
}
AS_JSON = {
    **{
        name: value
        for name, value in PALLETS.items()
        if name not in ("rhythm", "weekdays", "price_side", "price_euros")
    },
    "recurrence": "FREQ=WEEKLY;BYDAY=TH",
    "price_cents": -12000,
}


@pytest.fixture
async def catalog_database(engines: Engines) -> AsyncIterator[Isolated]:
    """A Tuesday of November 2026, at ten in Paris; a test that moves the clock sets `moment["now"]`."""
    moment = {"now": NOW}
    async with isolated(engines.instance, "catalog", clock=lambda: moment["now"], moment=moment) as database:
        yield database


@pytest.fixture
def catalog_app(catalog_settings: Settings, catalog_database: Isolated) -> Litestar:
    return create_app(catalog_settings, databases=catalog_database.both)


async def post_flow(client: httpx.AsyncClient, **changes: object) -> httpx.Response:
    token = await csrf_of(client, "/flows/new")
    return await client.post("/flows", data={**PALLETS, "then": "publish", "_csrf": token, **changes})


async def act(client: httpx.AsyncClient, address: str, **fields: str) -> httpx.Response:
    return await client.post(address, data={"_csrf": await csrf_of(client, "/flows/new"), **fields})


def measured(quantity: dict[str, str]) -> tuple[Decimal, str, str]:
    return Decimal(quantity["value"]), quantity["unit"], quantity["period"]


async def lots(client: httpx.AsyncClient, address: str) -> list[dict[str, Any]]:
    answer = await client.get(f"/api/v1{address}/lots")
    assert answer.status_code == 200, answer.text
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


async def test_publishing_a_flow_tells_everything_a_reader_needs(sign_up: SignUp, catalog_database: Isolated) -> None:
    holder = await sign_up(organisation_name="Sogalog", roles=["publisher"])
    answer = await post_flow(holder, ends_on="2027-06-30", radius_km="40", supplier_kinds=["EI", "ESAT"])
    assert answer.status_code == 303, answer.text
    (event,) = await events(catalog_database, "catalog.flow.published.v1")
    data = event["data"]
    assert event["sequence"] == 1
    assert event["subject"] == data["flow_id"] == answer.headers["location"].rsplit("/", 1)[-1]
    assert data["author"]["name"] == "Sogalog"
    assert (data["legal_status"], data["ewc"]) == ("waste", ["150103"])
    assert data["place"]["commune_name"] == "Fenouillet"
    assert measured(data["quantity"]) == (Decimal("6"), "t", "week")
    assert measured(data["minimum"]) == (Decimal("0.6"), "t", "week")
    assert data["recurrence"] == "FREQ=WEEKLY;BYDAY=TH"
    assert data["window"] == {"starts_on": None, "ends_on": "2027-06-30"}
    assert (data["price_cents"], data["currency"]) == (-12000, "EUR")
    assert (data["levels"], data["supplier_kinds"]) == (["reuse", "preparation"], ["EI", "ESAT"])
    assert data["radius_km"] == 40


async def test_the_next_lots_are_made_at_once_and_the_first_ones_open(
    sign_up: SignUp, catalog_database: Isolated
) -> None:
    holder = await sign_up()
    address = (await post_flow(holder)).headers["location"]
    made = await lots(holder, address)
    assert [(lot["day"], lot["state"]) for lot in made] == [
        ("2026-11-26", "released"),
        ("2026-12-03", "released"),
        ("2026-12-10", "planned"),
        ("2026-12-17", "planned"),
    ]
    told = await events(catalog_database, "catalog.lot.released.v1")
    assert [event["data"]["available_at"] for event in told] == ["2026-11-26T06:00:00Z", "2026-12-03T06:00:00Z"]
    assert told[0]["data"]["expires_at"] == "2026-11-26T10:00:00Z"
    assert measured(told[0]["data"]["quantity"]) == (Decimal("6"), "t", "once")
    page = (await holder.get(address)).text.replace("\xa0", " ").replace("\u202f", " ")
    assert "120 €/t payés au preneur" in page
    assert "Chaque jeudi" in page
    assert "à prendre jusqu’à" in page
    assert "/matching/flows/" in page


@pytest.mark.parametrize(
    ("changes", "field", "sentence"),
    [
        ({"title": ""}, "title", "en une ligne"),
        ({"place": ""}, "place", "à prendre"),
        ({"place": "Xyzzyville"}, "place", "Nous ne trouvons pas"),
        ({"quantity_value": ""}, "quantity_value", "quantité"),
        ({"legal_status": ""}, "legal_status", "statut légal"),
        ({"ewc": ""}, "ewc", "R. 541-7"),
        ({"ewc": "99 99 99"}, "ewc", "15 01 03"),
        ({"minimum_value": "7"}, "minimum_value", "dépasse"),
        ({"receipt_wanted": "true"}, "receipt_wanted", "238 bis"),
        ({"price_euros": ""}, "price_euros", "prix"),
        ({"starts_on": "2027-02-01", "ends_on": "2027-01-01"}, "ends_on", "avant le début"),
        ({"starts_on": "2026-10-01", "ends_on": "2026-11-20"}, "ends_on", "Aucune date"),
        ({"starts_on": "9999-10-01"}, "starts_on", "plus proche"),
        ({"pickup_until": "06:00"}, "pickup_until", "avant de commencer"),
        ({"rhythm": "rule", "recurrence": ""}, "recurrence", "RFC 5545"),
        ({"rhythm": "rule", "recurrence": "FREQ=HOURLY"}, "recurrence", "RFC 5545"),
        ({"month_day": "40"}, "month_day", "31"),
    ],
)
async def test_what_is_refused_names_its_field_and_keeps_what_was_typed(
    sign_up: SignUp, catalog_database: Isolated, changes: dict[str, object], field: str, sentence: str
) -> None:
    holder = await sign_up()
    answer = await post_flow(holder, **{"description": "Une description gardée", **changes})
    assert answer.status_code == 422, answer.text
    assert f'href="#{field}"' in answer.text
    assert sentence in answer.text.replace("\xa0", " ").replace("\u202f", " ")
    assert "Une description gardée" in answer.text
    assert await events(catalog_database, "catalog.flow.published.v1") == []
    assert await events(catalog_database, "catalog.lot.released.v1") == []


async def test_a_gift_may_want_a_receipt(sign_up: SignUp, catalog_database: Isolated) -> None:
    holder = await sign_up()
    gift = {"legal_status": "product", "ewc": "", "price_side": "free", "price_euros": "", "receipt_wanted": "true"}
    assert (await post_flow(holder, **gift)).status_code == 303
    (event,) = await events(catalog_database, "catalog.flow.published.v1")
    assert (event["data"]["receipt_wanted"], event["data"]["price_cents"]) == (True, 0)


async def test_a_hazardous_code_is_flagged_with_its_rule(sign_up: SignUp) -> None:
    holder = await sign_up()
    address = (await post_flow(holder, title="30 écrans", ewc="16 02 13*")).headers["location"]
    page = (await holder.get(address)).text
    assert "16 02 13*" in page
    assert "Dangereux" in page
    assert "R. 541-45" in page
    assert (await holder.get(f"/api/v1{address}")).json()["hazardous"] is True
    safe = (await post_flow(holder)).headers["location"]
    assert (await holder.get(f"/api/v1{safe}")).json()["hazardous"] is False


async def test_the_form_shows_the_next_six_dates_with_and_without_script(
    sign_up: SignUp, visitor: httpx.AsyncClient
) -> None:
    holder = await sign_up()
    query = {"rhythm": "weekly", "weekdays": ["MO", "TH"], "pickup_until": "11:00"}
    fragment = (await visitor.get("/suggest/dates", params=query)).text
    days = ["2026-11-26", "2026-11-30", "2026-12-03", "2026-12-07", "2026-12-10", "2026-12-14"]
    assert [day for day in days if f'datetime="{day}"' in fragment] == days
    assert fragment.count("<time") == 6
    token = await csrf_of(holder, "/flows/new")
    asked = await holder.post("/flows", data={**PALLETS, "then": "dates", "_csrf": token})
    assert asked.status_code == 200
    assert 'datetime="2026-12-31"' in asked.text
    assert 'value="Palettes bois, 6 t par semaine"' in asked.text
    assert "<time" not in (await visitor.get("/suggest/dates", params={"rhythm": "rule", "recurrence": "x"})).text


async def test_the_whole_life_of_a_flow_and_what_it_forbids(sign_up: SignUp, catalog_database: Isolated) -> None:
    holder = await sign_up()
    address = (await post_flow(holder, then="draft")).headers["location"]
    steps = [
        ("pause", 409),
        ("resume", 409),
        ("publish", 303),
        ("publish", 409),
        ("resume", 409),
        ("pause", 303),
        ("pause", 409),
        ("publish", 409),
        ("resume", 303),
        ("pause", 303),
        ("end", 303),
        ("end", 409),
        ("publish", 409),
        ("pause", 409),
        ("resume", 409),
    ]
    for verb, status in steps:
        answer = await act(holder, f"{address}/{verb}")
        assert answer.status_code == status, (verb, answer.text)
    kinds = ["published", "paused", "updated", "paused", "withdrawn"]
    told = [
        (event["sequence"], event["type"].split(".")[2])
        for kind in dict.fromkeys(kinds)
        for event in await events(catalog_database, f"catalog.flow.{kind}.v1")
    ]
    assert sorted(told) == list(enumerate(kinds, start=1))
    async with catalog_database.sessions() as session:
        lines = await session.scalars(
            select(AuditLine.action).where(AuditLine.about == address.rsplit("/", 1)[-1]).order_by(AuditLine.at)
        )
        verbs = ("drafted", "published", "paused", "resumed", "paused", "ended")
        assert list(lines) == [f"flow.{verb}" for verb in verbs]


async def test_a_flow_nobody_heard_of_ends_in_silence(sign_up: SignUp, catalog_database: Isolated) -> None:
    holder = await sign_up()
    address = (await post_flow(holder, then="draft")).headers["location"]
    assert (await act(holder, f"{address}/end")).status_code == 303
    assert await events(catalog_database, "catalog.flow.withdrawn.v1") == []


async def test_a_foreign_flow_cannot_be_changed_and_a_foreign_draft_not_seen(sign_up: SignUp) -> None:
    holder, stranger = await sign_up(), await sign_up()
    address = (await post_flow(holder, then="draft")).headers["location"]
    published = (await post_flow(holder)).headers["location"]
    token = await csrf_of(stranger, "/flows/new")
    for action in ("", "/publish", "/pause", "/resume", "/end"):
        answer = await stranger.post(published + action, data={**PALLETS, "_csrf": token})
        assert answer.status_code == 404, action
    assert (await stranger.get(address)).status_code == 404
    assert (await stranger.get(f"/api/v1{address}/lots")).status_code == 404
    assert (await stranger.get(f"{published}/edit")).status_code == 404
    lot = (await lots(holder, published))[0]
    assert (await act(stranger, f"/flows/lots/{lot['id']}", quantity_value="1")).status_code == 404
    assert (await stranger.get(published)).status_code == 200


async def test_editing_reads_back_what_was_chosen(sign_up: SignUp) -> None:
    holder = await sign_up()
    address = (await post_flow(holder, then="draft")).headers["location"]
    form = (await holder.get(f"{address}/edit")).text
    for shown in ('value="weekly" checked', 'value="TH" checked', 'value="holder_pays" checked', 'value="07:00"'):
        assert shown in form, shown
    assert 'name="price_euros" type="text" value="120"' in form


async def test_flows_are_listed_by_legal_status(sign_up: SignUp, visitor: httpx.AsyncClient) -> None:
    holder = await sign_up()
    await post_flow(holder)
    await post_flow(holder, title="200 bureaux", legal_status="product", ewc="", price_side="free")
    everything = (await visitor.get("/flows")).text
    assert "Palettes bois" in everything
    assert "200 bureaux" in everything
    product = (await visitor.get("/flows?status=product")).text
    assert "200 bureaux" in product
    assert "Palettes bois" not in product


async def test_a_flow_lives_in_json_too(sign_up: SignUp) -> None:
    holder = await sign_up()
    headers = {"x-csrf-token": await csrf_of(holder, "/flows/new")}
    draft = await holder.post("/api/v1/flows", json=AS_JSON, headers=headers)
    assert draft.status_code == 201, draft.text
    assert draft.json()["recurrence"] == "FREQ=WEEKLY;BYDAY=TH"
    assert draft.json()["price_cents"] == -12000
    address = f"/api/v1/flows/{draft.json()['id']}"
    for verb, state in (("publish", "published"), ("pause", "paused"), ("resume", "published")):
        answer = await holder.post(f"{address}/{verb}", headers=headers)
        assert answer.json()["state"] == state, answer.text
    lot = (await holder.get(f"{address}/lots")).json()["items"][0]
    assert (await holder.get(f"/api/v1/flows/lots/{lot['id']}")).json() == lot
    changed = await holder.patch(f"/api/v1/flows/lots/{lot['id']}", json={"quantity_value": "5.5"}, headers=headers)
    assert Decimal(changed.json()["quantity"]["value"]) == Decimal("5.5")
    assert (await holder.post(f"{address}/end", headers=headers)).json()["state"] == "ended"
    assert (await holder.get(f"/api/v1/flows/lots/{lot['id']}")).json()["state"] == "expired"
    late = await holder.patch(f"/api/v1/flows/lots/{lot['id']}", json={"quantity_value": "5"}, headers=headers)
    assert late.status_code == 409


@pytest.mark.parametrize(
    "wrong",
    [
        {"unknown": 1},
        {"recurrence": "every thursday"},
        {"price_cents": "much"},
        {"place": "Xyzzyville"},
        {"legal_status": "rubbish"},
        {"levels": ["burning"]},
        {"quantity_value": "-1"},
    ],
)
async def test_wrong_json_is_a_problem(sign_up: SignUp, wrong: dict[str, object]) -> None:
    holder = await sign_up()
    headers = {"x-csrf-token": await csrf_of(holder, "/flows/new")}
    answer = await holder.post("/api/v1/flows", json={**AS_JSON, **wrong}, headers=headers)
    assert answer.status_code == 422, answer.text
    assert answer.headers["content-type"] == "application/problem+json"


def test_the_day_of_these_tests_is_a_tuesday() -> None:
    assert date(2026, 11, 24).strftime("%A") == "Tuesday"
