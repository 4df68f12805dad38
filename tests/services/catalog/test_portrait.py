"""What an organisation says of itself: portrait, statuses with their ends, sites with their permits, proofs."""

import re
from datetime import date, timedelta

import httpx
import pytest

from services.catalog.portrait.asks_pages import ASKS_BY_DEFAULT
from services.catalog.portrait.ending import end_statuses
from services.matching.waves.policy import WEEKLY_BUDGET
from shared.clock import day_of
from shared.database import now_of
from tests.services.catalog.conftest import SIRETS, SignUp, csrf_of
from tests.services.catalog.importers import role, sign_in_again
from tests.services.catalog.test_accounts import with_a_siret_of
from tests.services.catalog.test_files import PDF
from tests.services.catalog.test_flow_and_offer_wizards import an_offer, post
from tests.services.catalog.test_needs import events
from tests.support import Isolated, at_noon_of


@pytest.fixture
async def workshop(sign_up: SignUp) -> httpx.AsyncClient:
    """An association with one published offer."""
    client = await sign_up(roles=["ess"], kinds=["association"])
    address = await an_offer(client)
    await post(client, f"{address}/review")
    return client


async def site_address(client: httpx.AsyncClient) -> str:
    """Where the one site of an organisation is changed."""
    (address,) = re.findall(r'href="(/organisation/sites/[0-9a-f-]{36})"', (await client.get("/organisation")).text)
    return str(address)


async def ended(database: Isolated, today: date) -> int:
    """Of how many entities the timer lets something go on a day."""
    async with database.sessions.begin() as session:
        with at_noon_of(today, session):
            return await end_statuses(session)


async def test_a_changed_name_is_told_with_what_is_offered(
    workshop: httpx.AsyncClient, catalog_database: Isolated
) -> None:
    answer = await post(
        workshop,
        "/organisation/edit",
        organisation_name="Palettes de Launaguet",
        description="Un atelier",
        place="Launaguet",
        website="palettes.example",
        roles=["ess", "publisher"],
    )
    assert answer.headers["location"] == "/organisation"
    (organisation,) = await events(catalog_database, "catalog.organisation.updated.v1")
    assert organisation["data"]["name"] == "Palettes de Launaguet"
    (offer,) = await events(catalog_database, "catalog.offer.updated.v1")
    supplier = offer["data"]["supplier"]
    assert supplier["place"]["commune_name"] == "Launaguet"
    public = (await workshop.get(f"/organisations/{supplier['organisation_id']}")).text
    assert 'href="https://palettes.example"' in public


async def test_roles_that_only_the_territory_gives_are_not_taken(workshop: httpx.AsyncClient) -> None:
    fields = {"organisation_name": "Moi", "place": "Toulouse", "roles": ["territory"]}
    assert (await post(workshop, "/organisation/edit", **fields)).status_code == 422


async def test_what_one_establishment_says_of_their_entity_is_told_of_all(
    workshop: httpx.AsyncClient, sign_up: SignUp, catalog_database: Isolated
) -> None:
    """INVARIANT: each establishment's offers are written for that establishment, as row-level security asks."""
    sister = await sign_up(roles=["ess"], kinds=["association"], siret=with_a_siret_of(SIRETS[0][:9], 8))
    await post(sister, f"{await an_offer(sister)}/review")
    for member in (workshop, sister, workshop):
        answer = await post(member, "/organisation/statuses", kinds=["association", "ACI"], source_ACI="convention")
        assert answer.status_code == 303, answer.text
    offers = await events(catalog_database, "catalog.offer.updated.v1")
    assert len({each["data"]["supplier"]["organisation_id"] for each in offers[-2:]}) == 2
    assert all("ACI" in each["data"]["supplier"]["kinds"] for each in offers[-2:])


async def test_a_status_counts_until_its_last_day_and_no_longer(
    workshop: httpx.AsyncClient, catalog_database: Isolated
) -> None:
    async with catalog_database.sessions() as session:
        last = day_of(now_of(session)) + timedelta(days=10)
    answer = await post(
        workshop,
        "/organisation/statuses",
        kinds=["association", "ACI"],
        eligibilities=["tax_receipts"],
        source_ACI="convention",
        until_ACI=str(last),
    )
    assert answer.status_code == 303, answer.text
    offers = await events(catalog_database, "catalog.offer.updated.v1")
    assert set(offers[-1]["data"]["supplier"]["kinds"]) == {"association", "ACI"}
    assert offers[-1]["data"]["supplier"]["may_issue_receipts"] is True
    assert "Convention" in (await workshop.get("/organisation")).text
    assert await ended(catalog_database, last) == 0
    assert await ended(catalog_database, last + timedelta(days=1)) == 1
    offers = await events(catalog_database, "catalog.offer.updated.v1")
    assert offers[-1]["data"]["supplier"]["kinds"] == ["association"]
    assert await ended(catalog_database, last + timedelta(days=2)) == 0


async def test_a_day_that_is_none_is_refused_where_it_was_typed(workshop: httpx.AsyncClient) -> None:
    answer = await post(workshop, "/organisation/statuses", kinds=["ACI"], until_ACI="demain")
    assert answer.status_code == 422
    assert 'href="#until_ACI"' in answer.text


async def test_the_permits_of_a_site_count_for_what_is_offered(
    workshop: httpx.AsyncClient, catalog_database: Isolated
) -> None:
    site = {"name": "Quai 3", "place": "Muret", "permits": ["waste_treatment"], "until_waste_treatment": "2040-01-31"}
    assert (await post(workshop, "/organisation/sites", **site)).status_code == 303
    offers = await events(catalog_database, "catalog.offer.updated.v1")
    assert {"code": "waste_treatment", "expires_on": "2040-01-31"} in offers[-1]["data"]["permits"]
    address = await site_address(workshop)
    assert (await post(workshop, address, name="Quai 4", place="Muret")).status_code == 303
    offers = await events(catalog_database, "catalog.offer.updated.v1")
    assert "waste_treatment" not in {each["code"] for each in offers[-1]["data"]["permits"]}
    assert (await post(workshop, f"{address}/remove")).status_code == 303
    assert (await workshop.get(address)).status_code == 404


async def test_a_strangers_site_does_not_exist(workshop: httpx.AsyncClient, sign_up: SignUp) -> None:
    await post(workshop, "/organisation/sites", name="Quai 3", place="Muret")
    address, stranger = await site_address(workshop), await sign_up()
    assert (await stranger.get(address)).status_code == 404
    assert (await post(stranger, address, name="Pris", place="Muret")).status_code == 404
    assert (await post(stranger, f"{address}/remove")).status_code == 404


async def test_a_proof_is_seen_by_who_sent_it_and_by_no_other_member(
    workshop: httpx.AsyncClient, sign_up: SignUp
) -> None:
    token = await csrf_of(workshop, "/organisation/edit")
    await workshop.post("/organisation/files", data={"_csrf": token}, files={"file": ("statuts.pdf", PDF)})
    own = (await workshop.get("/organisation")).text
    file = "/organisation/files/" + own.partition('href="/organisation/files/')[2].partition('"')[0]
    assert (await workshop.get(file)).content == PDF
    assert (await (await sign_up()).get(file)).status_code == 404


async def test_how_often_it_is_solicited_is_told_with_what_it_offers(
    workshop: httpx.AsyncClient, catalog_database: Isolated
) -> None:
    assert 'value="5"' in (await workshop.get("/organisation/asks")).text
    async with catalog_database.sessions.begin() as session:
        later = (day_of(now_of(session)) + timedelta(days=9)).isoformat()
    answer = await post(workshop, "/organisation/asks", weekly_asks="2", asks_resume_on=later)
    assert answer.headers["location"] == "/organisation#asks"
    (offer,) = await events(catalog_database, "catalog.offer.updated.v1")
    supplier = offer["data"]["supplier"]
    assert (supplier["weekly_asks"], supplier["asks_resume_on"]) == (2, later)
    own = (await workshop.get("/organisation")).text
    assert "2 par semaine au plus" in own
    assert "aucune avant le" in own
    form = (await workshop.get("/organisation/asks")).text
    assert f'value="{later}"' in form


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"weekly_asks": "0"}, "Un nombre d’au moins 1."),
        ({"weekly_asks": "51"}, "Un nombre d’au plus 50."),
        ({"weekly_asks": "beaucoup"}, "Écrivez un nombre entier"),
        ({"weekly_asks": ""}, "À remplir"),
        ({"weekly_asks": "7", "asks_resume_on": "2020-01-01"}, "La reprise est au plus tôt demain."),
    ],
)
async def test_what_cannot_be_is_refused_beside_its_field_and_kept(
    workshop: httpx.AsyncClient, catalog_database: Isolated, typed: dict[str, str], words: str
) -> None:
    answer = await post(workshop, "/organisation/asks", **typed)
    assert answer.status_code == 422
    assert words in answer.text
    if typed["weekly_asks"]:
        assert f'value="{typed["weekly_asks"]}"' in answer.text
    assert await events(catalog_database, "catalog.offer.updated.v1") == []


async def test_who_only_looks_does_not_change_how_often_it_is_solicited(
    workshop: httpx.AsyncClient, catalog_database: Isolated
) -> None:
    await role(catalog_database, "viewer")
    await sign_in_again(workshop)
    assert (await workshop.get("/organisation/asks")).status_code == 403
    assert (await post(workshop, "/organisation/asks", weekly_asks="7")).status_code == 403


def test_both_services_grant_the_same_by_themselves() -> None:
    """INVARIANT: a page says the number that matching keeps to."""
    assert ASKS_BY_DEFAULT == WEEKLY_BUDGET
