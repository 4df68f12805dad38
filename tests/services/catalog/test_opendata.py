"""Open data: everything that pages show, in files, and nothing that they do not."""

import csv
import io
import json
from typing import Any

import httpx
import pytest
from litestar import Litestar
from sqlalchemy import text

from services.catalog.app import create_app
from services.catalog.opendata import queries
from services.catalog.opendata.datasets import DATASETS
from services.catalog.opendata.masking import masked
from services.catalog.opendata.models import Form
from services.catalog.settings import Settings
from shared.settings import RateLimits
from tests.services.catalog.campaigners import a_campaign
from tests.services.catalog.conftest import SignUp
from tests.services.catalog.test_flow_and_offer_wizards import FLOW, a_flow, an_offer, post, walk
from tests.services.catalog.test_needs import post_need
from tests.support import Isolated, client_for

FILES = [f"{dataset.name}.{form}" for dataset in DATASETS.values() for form in dataset.forms]
SECRET = "Canari Discret"


async def given(client: httpx.AsyncClient, file: str) -> httpx.Response:
    answer = await client.get(f"/api/open-data/{file}")
    assert answer.status_code == 200, answer.text
    return answer


def table(answer: httpx.Response) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"), newline=""), delimiter=";"))


def lines(answer: httpx.Response) -> list[dict[str, Any]]:
    return [json.loads(line) for line in answer.text.splitlines()]


async def test_every_list_is_given_in_its_forms(sign_up: SignUp, visitor: httpx.AsyncClient) -> None:
    ess = await sign_up(roles=["ess", "buyer", "publisher"], organisation_name="Atelier Canal")
    await post_need(ess)
    for address in (await a_flow(ess), await an_offer(ess)):
        assert (await post(ess, f"{address}/review")).status_code == 303
    await a_campaign(ess)
    for dataset in DATASETS.values():
        names = [column.name for column in dataset.columns]
        rows = table(await given(visitor, f"{dataset.name}.csv"))
        told = lines(await given(visitor, f"{dataset.name}.jsonl"))
        assert rows, dataset.name
        assert list(rows[0]) == ["id", "url", *names[1:]] == list(told[0])
        assert [row["id"] for row in rows] == [row["id"] for row in told]
        assert {(await visitor.get(row["url"])).status_code for row in rows} == {200}
        if Form.GEOJSON in dataset.forms:
            features = json.loads((await given(visitor, f"{dataset.name}.geojson")).text)["features"]
            assert [feature["id"] for feature in features] == [row["id"] for row in rows]


async def test_a_hidden_author_is_in_no_file(sign_up: SignUp, visitor: httpx.AsyncClient) -> None:
    """INVARIANT: neither the name nor the id of whoever hides can be read off what is given of their needs."""
    buyer = await sign_up(organisation_name=SECRET)
    await post_need(buyer, title="Un besoin discret", author_hidden="true", tender_url="https://canari-discret.fr/x")
    await post_need(buyer, title="Un besoin signé")
    (own_id,) = [row["id"] for row in lines(await given(visitor, "organisations.jsonl")) if row["name"] == SECRET]
    rows = {row["title"]: row for row in lines(await given(visitor, "needs.jsonl"))}
    assert rows["Un besoin signé"]["organisation_name"] == SECRET
    for form in Form:
        answer = await given(visitor, f"needs.{form}")
        hidden = [part for part in answer.text.splitlines() if "Un besoin discret" in part]
        assert hidden, form
        assert not [part for part in hidden if SECRET in part or own_id in part or "canari" in part], form
    told = (await visitor.get("/api/v1/needs")).text
    assert "Un besoin discret" in told
    assert "canari" not in told


async def test_no_person_is_in_any_file(sign_up: SignUp, visitor: httpx.AsyncClient) -> None:
    ess = await sign_up(roles=["ess", "buyer", "publisher"], person_name="Zoé Canari", email="zoe.canari@exemple.fr")
    said = "Demandez Zoé au 05 61 22 33 44 ou zoe.canari@exemple.fr."
    await post_need(ess, description=said, clause_ground="condition", clause_facilitator="Zoé Canari")
    named = {"calendar": {**FLOW["calendar"], "access": "Zoé Canari, code 1234"}}
    address = await walk(ess, "/flows", {"title": "Palettes bois"}, {**FLOW, **named})
    assert (await post(ess, f"{address}/review")).status_code == 303
    for file in FILES:
        answer = (await given(visitor, file)).text
        assert "Canari" not in answer, file
        assert "zoe.canari" not in answer, file
        assert "05 61 22 33 44" not in answer, file
    (row,) = lines(await given(visitor, "needs.jsonl"))
    assert row["description"] == "Demandez Zoé au […] ou […]."


async def test_a_place_is_that_of_its_commune(
    sign_up: SignUp, visitor: httpx.AsyncClient, catalog_database: Isolated
) -> None:
    buyer = await sign_up()
    await post_need(buyer)
    async with catalog_database.sessions.begin() as session:
        place = '{"label": "12 rue du Canari", "latitude": 43.5612, "longitude": 1.4998, "postcode": "31400"}'
        await session.execute(text("UPDATE needs SET place = place || CAST(:place AS jsonb)"), {"place": place})
    feature = json.loads((await given(visitor, "needs.geojson")).text)["features"][0]
    assert feature["geometry"]["coordinates"] == [pytest.approx(1.44, abs=0.02), pytest.approx(43.6, abs=0.02)]
    for form in Form:
        answer = (await given(visitor, f"needs.{form}")).text
        assert not [word for word in ("rue du Canari", "43.5612", "1.4998", "31400") if word in answer], form


async def test_drafts_and_what_has_ended_are_not_given_even_to_their_author(sign_up: SignUp) -> None:
    buyer = await sign_up()
    await post_need(buyer, title="Brouillon", then="draft")
    address = (await post_need(buyer, title="Retiré")).headers["location"]
    form = {"_csrf": (await buyer.get(address)).text.split('name="_csrf" value="')[1].split('"')[0]}
    assert (await buyer.post(f"{address}/withdraw", data=form)).status_code == 303
    assert lines(await given(buyer, "needs.jsonl")) == []


async def test_a_cell_is_no_formula_and_a_number_stays_one(sign_up: SignUp, visitor: httpx.AsyncClient) -> None:
    publisher = await sign_up(roles=["publisher"])
    await post_need(publisher, title="=HYPERLINK(1)")
    (row,) = table(await given(visitor, "needs.csv"))
    assert row["title"] == "'=HYPERLINK(1)"
    assert row["quantity_value"] == "80"
    assert float(row["latitude"]) > 43


async def test_long_lists_come_in_batches_and_whole(
    sign_up: SignUp, visitor: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queries, "BATCH", 2)
    buyer = await sign_up()
    for number in range(5):
        await post_need(buyer, title=f"Besoin {number}")
    for form in Form:
        answer = await given(visitor, f"needs.{form}")
        assert [answer.text.count(f"Besoin {number}") for number in range(5)] == [1] * 5
    assert len(json.loads((await given(visitor, "needs.geojson")).text)["features"]) == 5


async def test_an_empty_list_is_still_a_file(visitor: httpx.AsyncClient) -> None:
    assert table(await given(visitor, "needs.csv")) == []
    assert lines(await given(visitor, "needs.jsonl")) == []
    assert json.loads((await given(visitor, "needs.geojson")).text)["features"] == []


async def test_who_holds_a_file_is_told_so_until_it_changes(sign_up: SignUp, visitor: httpx.AsyncClient) -> None:
    buyer = await sign_up()
    address = (await post_need(buyer)).headers["location"]
    first = await given(visitor, "needs.csv")
    held = {"if-none-match": first.headers["etag"]}
    again = await visitor.get("/api/open-data/needs.csv", headers=held)
    assert (again.status_code, again.content) == (304, b"")
    since = {"if-modified-since": first.headers["last-modified"]}
    assert (await visitor.get("/api/open-data/needs.csv", headers=since)).status_code == 304
    assert (await visitor.get("/api/open-data/needs.jsonl", headers=held)).status_code == 200
    form = {"_csrf": (await buyer.get(address)).text.split('name="_csrf" value="')[1].split('"')[0]}
    await buyer.post(f"{address}/withdraw", data=form)
    assert (await visitor.get("/api/open-data/needs.csv", headers=held)).status_code == 200


async def test_a_file_for_everybody_carries_nobody_s_cookie(visitor: httpx.AsyncClient) -> None:
    """INVARIANT: what a shared cache may keep sets no cookie."""
    visitor.cookies.clear()
    for address in ("/api/open-data/needs.csv", "/api/open-data.json"):
        answer = await visitor.get(address)
        assert answer.headers["cache-control"] == "public, max-age=300"
        assert "set-cookie" not in answer.headers


@pytest.mark.parametrize("file", ["needs", "needs.xlsx", "members.csv", "lots.geojson", "needs.csv.csv"])
async def test_what_is_not_given_is_not_found(visitor: httpx.AsyncClient, file: str) -> None:
    answer = await visitor.get(f"/api/open-data/{file}")
    assert answer.status_code == 404
    assert answer.json()["type"] == "urn:boucle:problem:DatasetUnknown"


async def test_whole_lists_have_a_limit_of_their_own(catalog_settings: Settings, catalog_database: Isolated) -> None:
    few = catalog_settings.model_copy(update={"rate_limits": RateLimits(downloads=2)})
    async with client_for(create_app(few, databases=catalog_database.both)) as client:
        answers = [await client.get("/api/open-data/needs.csv") for _ in range(3)]
        assert [answer.status_code for answer in answers] == [200, 200, 429]
        assert '"downloads";q=2;w=60' in answers[2].headers["ratelimit-policy"]
        assert int(answers[2].headers["retry-after"]) > 0
        assert (await client.get("/api/v1/needs")).status_code == 200


async def test_the_catalogue_names_every_file_and_each_answers(visitor: httpx.AsyncClient) -> None:
    answer = await visitor.get("/api/open-data.json")
    assert answer.headers["content-type"].startswith("application/ld+json")
    told = answer.json()
    addresses = [each["dcat:downloadURL"]["@id"] for one in told["dcat:dataset"] for each in one["dcat:distribution"]]
    assert [address.rsplit("/", 1)[-1] for address in addresses] == FILES
    assert {(await visitor.get(address)).status_code for address in addresses} == {200}


async def test_the_page_describes_every_column(visitor: httpx.AsyncClient) -> None:
    for prefix in ("", "/en"):
        page = (await visitor.get(f"{prefix}/open-data")).text
        for file in FILES:
            assert f'href="/api/open-data/{file}"' in page
        assert all(column.name in page for dataset in DATASETS.values() for column in dataset.columns)
        assert "Licence Ouverte 2.0 / Etalab" in page


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("06.12.34.56.78 le matin", "[…] le matin"),
        ("+33 (0)6 12 34 56 78", "[…]"),
        ("0033 612345678", "[…]"),
        ("jean@ville.fr, 3 t", "[…], 3 t"),
        ("SIRET 732 829 320 00074, 150103", "SIRET 732 829 320 00074, 150103"),
        ("1 000 000 repas en 2027", "1 000 000 repas en 2027"),
    ],
)
def test_addresses_and_numbers_of_people_are_masked(written: str, kept: str) -> None:
    assert masked(written) == kept


def test_a_catalog_app_is_needed_for_nothing_else(catalog_app: Litestar) -> None:
    """The files are no operations of the interface: they are described by their own catalogue."""
    document = catalog_app.openapi_schema.to_schema()
    assert not [path for path in document["paths"] if "open-data/" in path]
