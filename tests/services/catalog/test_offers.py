"""Offers as their authors and others meet them."""

import re
from decimal import Decimal

import httpx
import pytest
from litestar import Litestar
from sqlalchemy import delete, select, update

from services.catalog.audit.models import AuditLine
from tests.services.catalog.conftest import SignUp, csrf_of, hidden_of
from tests.services.catalog.test_needs import events
from tests.support import Isolated

PALLETS = {
    "title": "Réparation et réemploi de palettes",
    "description": "Tri, réparation et revente de palettes bois.",
    "need_kinds": ["procurement"],
    "takes_material": "true",
    "categories": ["wood"],
    "ewc": "15 01 03",
    "naf": "16.24Z",
    "zones": "30 km autour de Launaguet\nToulouse Métropole\nHaute-Garonne\nOccitanie\nFrance entière",
    "quantity_value": "10",
    "quantity_unit": "t",
    "quantity_period": "month",
    "minimum_value": "0,5",
    "level": "reuse",
    "permits": ["waste_transport", "waste_treatment"],
    "until_waste_transport": "2027-12-12",
}
AS_JSON = {
    **{name: value for name, value in PALLETS.items() if not name.startswith("until_")},
    "zones": ["30 km autour de Launaguet", "Toulouse Métropole"],
    "ewc": ["15 01 03"],
    "permits": ["insurance", {"code": "waste_transport", "expires_on": "2027-12-12"}],
}


async def post_offer(client: httpx.AsyncClient, **changes: object) -> httpx.Response:
    token = await csrf_of(client, "/offers/new")
    return await client.post("/offers", data={**PALLETS, "then": "publish", "_csrf": token, **changes})


async def act(client: httpx.AsyncClient, address: str) -> httpx.Response:
    return await client.post(address, data={"_csrf": await csrf_of(client, "/offers/new")})


def measured(quantity: dict[str, str]) -> tuple[Decimal, str, str]:
    return Decimal(quantity["value"]), quantity["unit"], quantity["period"]


async def test_publishing_an_offer_tells_everything_a_reader_needs(sign_up: SignUp, catalog_database: Isolated) -> None:
    supplier = await sign_up(
        organisation_name="Palettes Garonne", place="Launaguet", roles=["ess"], kinds=["EI", "association"]
    )
    answer = await post_offer(supplier)
    assert answer.status_code == 303, answer.text
    (event,) = await events(catalog_database, "catalog.offer.published.v1")
    data = event["data"]
    assert event["sequence"] == 1
    assert event["subject"] == data["offer_id"] == answer.headers["location"].rsplit("/", 1)[-1]
    assert data["supplier"]["name"] == "Palettes Garonne"
    assert data["supplier"]["kinds"] == ["EI", "association"]
    assert data["supplier"]["place"]["commune_name"] == "Launaguet"
    assert [zone["kind"] for zone in data["zones"]] == ["radius", "epci", "department", "region", "country"]
    assert data["zones"][0]["km"] == 30
    assert measured(data["capacity"]) == (Decimal("10"), "t", "month")
    assert measured(data["minimum"]) == (Decimal("0.5"), "t", "month")
    assert (data["ewc"], data["naf"], data["level"]) == (["150103"], ["1624Z"], "reuse")
    assert data["takes_material"] is True
    assert data["permits"] == [
        {"code": "waste_transport", "expires_on": "2027-12-12"},
        {"code": "waste_treatment", "expires_on": None},
    ]


async def test_without_a_zone_an_offer_reaches_30_km_around_its_organisation(
    sign_up: SignUp, catalog_database: Isolated
) -> None:
    supplier = await sign_up(place="Muret")
    address = (await post_offer(supplier, zones="")).headers["location"]
    (event,) = await events(catalog_database, "catalog.offer.published.v1")
    (zone,) = event["data"]["zones"]
    assert (zone["label"], zone["km"]) == ("Muret", 30)
    assert "30 km autour de Muret" in (await supplier.get(address)).text.replace("\xa0", " ")


async def test_the_map_of_an_area_follows_what_is_typed(sign_up: SignUp) -> None:
    supplier = await sign_up(place="Muret")
    usual = await supplier.get("/offers/area")
    assert "Carte : 30 km autour de Muret" in usual.text.replace("\xa0", " ")
    typed = await supplier.get("/offers/area", params={"zones": "Labège\nXyzzyville\nToulouse Métropole\nBrest"})
    assert typed.status_code == 200
    assert "Labège (31), Toulouse Métropole, Brest (29)" in typed.text
    assert "Xyzzyville" in typed.text
    assert "Hors de la carte, mais compté : Brest (29)." in typed.text.replace("\xa0", " ").replace("\u202f", " ")
    assert "&#34;code&#34;: &#34;243100518&#34;" in typed.text
    assert (await supplier.get("/offers/area", params={"zones": "x" * 5_000})).status_code == 422


async def test_the_map_of_an_area_is_for_those_who_write_offers(visitor: httpx.AsyncClient) -> None:
    assert (await visitor.get("/offers/area")).status_code == 303


async def test_offer_and_organisation_show_where_they_are(sign_up: SignUp) -> None:
    supplier = await sign_up(place="Muret")
    address = (await post_offer(supplier, zones="Haute-Garonne")).headers["location"]
    text = (await supplier.get(address)).text
    assert "/matching/map/picture.svg?v=" in text
    assert "z=department,31" in text
    assert "ADMIN EXPRESS" in text
    organisation = re.search(r"/organisations/[0-9a-f-]{36}", text)
    assert organisation is not None
    assert "Carte : la commune de Muret" in (await supplier.get(organisation[0])).text.replace("\xa0", " ")


@pytest.mark.parametrize(
    ("changes", "field", "sentence"),
    [
        ({"title": ""}, "title", "en une ligne"),
        ({"zones": "Xyzzyville"}, "zones", "Xyzzyville"),
        ({"zones": "Valence"}, "zones", "Valence (26)"),
        ({"need_kinds": [], "takes_material": ""}, "need_kinds", "au moins une nature"),
        ({"minimum_value": "12"}, "minimum_value", "dépasse"),
        ({"quantity_unit": ""}, "quantity_unit", "unité"),
        ({"starts_on": "2027-02-01", "ends_on": "2027-01-01"}, "ends_on", "avant le début"),
        ({"naf": "ABC"}, "naf", "16.24Z"),
        ({"ewc": "99 99 99"}, "ewc", "15 01 03"),
        ({"until_waste_transport": "bientôt"}, "permits", "2026-12-11"),
        ({"permits": ["pilot"]}, "permits", "réponses proposées"),
    ],
)
async def test_what_is_refused_names_its_field_and_keeps_what_was_typed(
    sign_up: SignUp, catalog_database: Isolated, changes: dict[str, object], field: str, sentence: str
) -> None:
    supplier = await sign_up()
    answer = await post_offer(supplier, **{"description": "Une description gardée", **changes})
    assert answer.status_code == 422, answer.text
    assert f'href="#{field}"' in answer.text
    assert sentence in answer.text
    assert "Une description gardée" in answer.text
    assert "2027-12-12" in answer.text or "until_waste_transport" in changes or "permits" in changes
    assert await events(catalog_database, "catalog.offer.published.v1") == []


async def test_several_lines_and_codes_come_back_as_they_were_typed(sign_up: SignUp) -> None:
    supplier = await sign_up()
    answer = await post_offer(supplier, zones="Haute-Garonne\nXyzzyville", ewc="15 01 03; 17 02 01")
    assert "Haute-Garonne\nXyzzyville" in answer.text.replace("\r\n", "\n")
    assert 'value="15 01 03; 17 02 01"' in answer.text


async def test_the_whole_life_of_an_offer_and_what_it_forbids(sign_up: SignUp, catalog_database: Isolated) -> None:
    supplier = await sign_up()
    address = (await post_offer(supplier, then="draft")).headers["location"]
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
        ("withdraw", 303),
        ("withdraw", 409),
        ("publish", 409),
        ("pause", 409),
        ("resume", 409),
    ]
    for verb, status in steps:
        answer = await act(supplier, f"{address}/{verb}")
        assert answer.status_code == status, (verb, answer.text)
    kinds = ["published", "paused", "updated", "paused", "withdrawn"]
    told = [
        (event["sequence"], event["type"].split(".")[2])
        for kind in dict.fromkeys(kinds)
        for event in await events(catalog_database, f"catalog.offer.{kind}.v1")
    ]
    assert sorted(told) == list(enumerate(kinds, start=1))


async def test_every_write_leaves_an_audit_line(sign_up: SignUp, catalog_database: Isolated) -> None:
    supplier = await sign_up()
    address = (await post_offer(supplier)).headers["location"]
    for verb in ("pause", "resume", "withdraw"):
        await act(supplier, f"{address}/{verb}")
    async with catalog_database.sessions() as session:
        lines = await session.scalars(
            select(AuditLine.action).where(AuditLine.about == address.rsplit("/", 1)[-1]).order_by(AuditLine.at)
        )
        assert list(lines) == [f"offer.{verb}" for verb in ("drafted", "published", "paused", "resumed", "withdrawn")]


async def test_a_change_while_paused_is_told_when_it_resumes(sign_up: SignUp, catalog_database: Isolated) -> None:
    supplier = await sign_up()
    address = (await post_offer(supplier)).headers["location"]
    await act(supplier, f"{address}/pause")
    hidden = await hidden_of(supplier, f"{address}/edit")
    changed = await supplier.post(address, data={**PALLETS, "title": "Palettes et caisses", **hidden})
    assert changed.status_code == 303, changed.text
    assert await events(catalog_database, "catalog.offer.updated.v1") == []
    await act(supplier, f"{address}/resume")
    (event,) = await events(catalog_database, "catalog.offer.updated.v1")
    assert event["data"]["title"] == "Palettes et caisses"


async def test_what_the_form_shows_reads_back_as_the_same_zones(sign_up: SignUp, catalog_database: Isolated) -> None:
    supplier = await sign_up(place="Montaudran")
    address = (await post_offer(supplier, zones="12,5 km autour de Montaudran\nCastanet-Tolosan")).headers["location"]
    shown = (await supplier.get(f"{address}/edit")).text
    assert "12,5 km autour de Montaudran\nCastanet-Tolosan (31)" in shown
    hidden = await hidden_of(supplier, f"{address}/edit")
    zones = "12,5 km autour de Montaudran\nCastanet-Tolosan (31)"
    assert (await supplier.post(address, data={**PALLETS, "zones": zones, **hidden})).status_code == 303
    (before,) = await events(catalog_database, "catalog.offer.published.v1")
    (after,) = await events(catalog_database, "catalog.offer.updated.v1")
    assert after["data"]["zones"] == before["data"]["zones"]


async def test_a_foreign_offer_cannot_be_changed_and_a_foreign_draft_not_seen(sign_up: SignUp) -> None:
    supplier, stranger = await sign_up(), await sign_up()
    address = (await post_offer(supplier, then="draft")).headers["location"]
    token = await csrf_of(stranger, "/offers/new")
    for action in ("", "/publish", "/pause", "/resume", "/withdraw"):
        answer = await stranger.post(address + action, data={**PALLETS, "_csrf": token})
        assert answer.status_code == 404, action
    assert (await stranger.get(address)).status_code == 404
    assert (await stranger.get(f"{address}/edit")).status_code == 404
    assert (await supplier.get(address)).status_code == 200


async def test_taking_over_an_imported_establishment_tells_its_offers_again(
    sign_up: SignUp, catalog_app: Litestar, catalog_database: Isolated
) -> None:
    from services.catalog.accounts.models import Account, Member, Session
    from services.catalog.offers.models import Offer
    from tests.services.catalog.claimants import claimed, code_of

    imported = await sign_up(organisation_name="Nom du fichier", place="Muret")
    await post_offer(imported, zones="")
    async with catalog_database.sessions.begin() as session:
        # As an import leaves it: an establishment with an offer, and nobody who acts for it.
        await session.execute(update(Offer).values(author_id=None))
        for model in (Session, Member, Account):
            await session.execute(delete(model))
        organisation_id = await session.scalar(select(Offer.organisation_id))
    member = await sign_up()
    claim = await claimed(member, str(organisation_id))
    code = await code_of(catalog_app, catalog_database, claim)
    token = await csrf_of(member, claim)
    assert (await member.post(f"{claim}/code", data={"code": code, "_csrf": token})).status_code == 303
    (event,) = await events(catalog_database, "catalog.offer.updated.v1")
    assert event["data"]["supplier"]["name"] == "Nom du fichier"
    assert event["sequence"] == 2


async def test_offers_are_listed_by_what_they_answer(sign_up: SignUp, visitor: httpx.AsyncClient) -> None:
    supplier = await sign_up()
    await post_offer(supplier, title="Palettes réparées")
    await post_offer(supplier, title="Repas de réunion", takes_material="", need_kinds=["csr"], categories=["catering"])
    everything = (await visitor.get("/offers")).text
    assert "Palettes réparées" in everything
    assert "Repas de réunion" in everything
    takers = (await visitor.get("/offers?kind=takes_material")).text
    assert "Palettes réparées" in takers
    assert "Repas de réunion" not in takers
    assert "Repas de réunion" in (await visitor.get("/offers?kind=csr")).text
    assert "Repas de réunion" not in (await visitor.get("/offers?kind=support")).text


async def test_french_pages_never_call_an_activity_an_offre(sign_up: SignUp) -> None:
    supplier = await sign_up()
    address = (await post_offer(supplier)).headers["location"]
    for path in ("/offers", "/offers/new", address, f"{address}/edit"):
        page = (await supplier.get(path)).text.lower()
        assert "offre" not in page.replace("/offres", ""), path


async def test_an_offer_lives_in_json_too(sign_up: SignUp) -> None:
    supplier = await sign_up()
    headers = {"x-csrf-token": await csrf_of(supplier, "/offers/new")}
    draft = await supplier.post("/api/v1/offers", json=AS_JSON, headers=headers)
    assert draft.status_code == 201, draft.text
    address = f"/api/v1/offers/{draft.json()['id']}"
    assert draft.json()["zones"][0]["text"] == "30 km autour de Launaguet"
    assert draft.json()["permits"][1] == {"code": "waste_transport", "expires_on": "2027-12-12"}
    for verb, state in (
        ("publish", "published"),
        ("pause", "paused"),
        ("resume", "published"),
        ("withdraw", "withdrawn"),
    ):
        answer = await supplier.post(f"{address}/{verb}", headers=headers)
        assert answer.json()["state"] == state, answer.text
    changed = await supplier.patch(address, json=AS_JSON, headers=headers)
    assert changed.status_code == 409
    assert changed.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("wrong", [{"unknown": 1}, {"zones": ["Valence"]}, {"need_kinds": ["gift"]}, {"ewc": ["1"]}])
async def test_wrong_json_is_a_problem(sign_up: SignUp, wrong: dict[str, object]) -> None:
    supplier = await sign_up()
    headers = {"x-csrf-token": await csrf_of(supplier, "/offers/new")}
    answer = await supplier.post("/api/v1/offers", json={**AS_JSON, **wrong}, headers=headers)
    assert answer.status_code == 422, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
