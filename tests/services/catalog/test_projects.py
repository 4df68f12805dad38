"""Projects without a SIRET: begun by who holds them, acting like an organisation, founded with all they did."""

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

import httpx
import pytest
from litestar import Litestar

from tests.services.catalog.claimants import sql
from tests.services.catalog.conftest import SIRETS, SignUp, csrf_of
from tests.services.catalog.letters import Mailbox
from tests.services.catalog.pages import shown
from tests.services.catalog.teams import organisation_of
from tests.services.catalog.test_flow_and_offer_wizards import post
from tests.services.catalog.test_flows import AS_JSON as FLOW
from tests.services.catalog.test_needs import MEALS as NEED
from tests.support import Isolated

__all__ = ["sql"]

Sql = Callable[..., Awaitable[Any]]
FARM = {
    "organisation_name": "Ferme des Izards",
    "description": "Une ferme urbaine au pied des immeubles.",
    "place": "31200 Toulouse",
    "contact": "ferme@izards.example",
    "roles": ["publisher", "buyer"],
}


@pytest.fixture
def mailbox(catalog_app: Litestar, catalog_database: Isolated) -> Mailbox:
    return Mailbox(catalog_app, catalog_database)


@pytest.fixture
async def partner(sign_up: SignUp, sql: Sql) -> httpx.AsyncClient:
    client = await sign_up(organisation_name="Coop'Action")
    await sql("UPDATE organisations SET roles = '{partner}' WHERE siret = :siret", siret=SIRETS[0])
    return client


async def farm(client: httpx.AsyncClient, sql: Sql) -> UUID:
    answer = await post(client, "/projects/new", **FARM)
    assert answer.status_code == 303, answer.text
    ((found,),) = await sql("SELECT id FROM organisations WHERE siret IS NULL")
    return UUID(str(found))


async def test_a_partner_begins_a_project_and_acts_for_it(
    partner: httpx.AsyncClient, visitor: httpx.AsyncClient, catalog_app: Litestar, sql: Sql
) -> None:
    project = await farm(partner, sql)
    listed = await shown(visitor, "/organisations")
    assert "Ferme des Izards" in listed
    assert "projet porté par Coop'Action" in listed
    page = await shown(visitor, f"/organisations/{project}")
    assert "Projet porté par" in page
    assert "pas encore" in page, "that it has no number is said"
    assert "ferme@izards" not in page
    assert "ferme@izards" in await shown(partner, f"/organisations/{project}")
    assert (await post(partner, "/organisations/switch", organisation_id=str(project))).status_code == 303
    assert await organisation_of(partner, catalog_app) == "Ferme des Izards"
    token = {"x-csrf-token": await csrf_of(partner, "/needs/new")}
    for kind, draft in (("needs", NEED), ("flows", FLOW)):
        made = await partner.post(f"/api/v1/{kind}", json=draft, headers=token)
        assert made.status_code == 201, made.text
        published = await partner.post(f"/api/v1/{kind}/{made.json()['id']}/publish", headers=token)
        assert published.status_code == 200, published.text
    invited = await post(partner, "/organisation/team/invitations", email="amina@exemple.fr", role="owner")
    assert invited.status_code == 303
    edited = await post(partner, "/organisation/edit", **{**FARM, "description": "Autre", "contact": "06"})
    assert edited.status_code == 303, edited.text
    assert await sql("SELECT description, contact FROM organisations WHERE id = :id", id=project) == [("Autre", "06")]


async def test_founded_it_keeps_what_it_did(
    partner: httpx.AsyncClient, visitor: httpx.AsyncClient, mailbox: Mailbox, sql: Sql
) -> None:
    project = await farm(partner, sql)
    await post(partner, "/organisations/switch", organisation_id=str(project))
    assert "Donner son SIRET" in await shown(partner, "/organisation")
    for number, status in (("123", 422), (SIRETS[0], 422), (SIRETS[4], 303)):
        answer = await post(partner, "/organisation/siret", siret=number)
        assert answer.status_code == status, answer.text
    told = (await mailbox.told("catalog.organisation.updated.v1"))[-1]
    assert (told["organisation_id"], told["siret"]) == (str(project), SIRETS[4])
    assert (await mailbox.told("catalog.entity.changed.v1"))[-1]["siren"] == SIRETS[4][:9]
    page = await shown(visitor, f"/organisations/{project}")
    assert "Née d'un projet porté par" in page
    assert "projet porté par" not in await shown(visitor, "/organisations")
    assert (await partner.get("/organisation/siret")).status_code == 409
    assert ("project.founded",) in await sql("SELECT action FROM audit WHERE organisation_id = :id", id=project)


async def test_a_second_establishment_of_a_known_entity_stands_behind_it(partner: httpx.AsyncClient, sql: Sql) -> None:
    from stdnum import luhn

    project = await farm(partner, sql)
    await post(partner, "/organisations/switch", organisation_id=str(project))
    base = SIRETS[0][:9] + "0001"
    siret = base + luhn.calc_check_digit(base)
    assert (await post(partner, "/organisation/siret", siret=siret)).status_code == 303
    entities = "SELECT count(DISTINCT legal_entity_id) FROM organisations WHERE siret IS NOT NULL"
    assert await sql(entities) == [(1,)]


async def test_a_colleague_of_the_holder_may_act_for_it(
    partner: httpx.AsyncClient, sign_up: SignUp, catalog_app: Litestar, sql: Sql
) -> None:
    project = await farm(partner, sql)
    colleague, stranger = await sign_up(), await sign_up()
    of = "(SELECT id FROM organisations WHERE siret = :{})"
    there = f"organisation_id = {of.format('two')}"
    move = f"UPDATE members SET organisation_id = {of.format('one')}, role = :role WHERE {there}"
    await sql(move, one=SIRETS[0], two=SIRETS[1], role="viewer")
    assert (await post(colleague, f"/projects/{project}/join")).status_code == 403
    await sql("UPDATE members SET role = 'editor' WHERE role = 'viewer'")
    assert (await post(stranger, f"/projects/{project}/join")).status_code == 404
    joined = await post(colleague, f"/projects/{project}/join")
    assert joined.status_code == 303, joined.text
    assert await organisation_of(colleague, catalog_app) == "Ferme des Izards"


async def test_only_partners_and_territories_hold_projects(sign_up: SignUp) -> None:
    buyer = await sign_up()
    for address in ("/projects", "/projects/new"):
        assert (await buyer.get(address)).status_code == 403
    assert (await post(buyer, "/projects/new", **FARM)).status_code == 422
    token = {"x-csrf-token": await csrf_of(buyer, "/account")}
    assert (await buyer.post("/api/v1/projects", json=FARM, headers=token)).status_code == 403


async def test_what_is_missing_is_named_and_the_rest_kept(partner: httpx.AsyncClient) -> None:
    answer = await post(partner, "/projects/new", **{**FARM, "place": "Nulleparville"})
    assert answer.status_code == 422
    assert 'href="#place"' in answer.text
    assert "Ferme des Izards" in answer.text


async def test_projects_as_json(partner: httpx.AsyncClient) -> None:
    token = {"x-csrf-token": await csrf_of(partner, "/account")}
    made = await partner.post("/api/v1/projects", json=FARM, headers=token)
    assert made.status_code == 201, made.text
    project = made.json()
    assert (project["name"], project["siret"]) == ("Ferme des Izards", None)
    assert (await partner.get("/api/v1/projects")).json()["items"] == [project]
    assert (await partner.get(f"/api/v1/projects/{project['id']}")).json() == project
    public = (await partner.get(f"/api/v1/organisations/{project['id']}")).json()
    assert public["held_by"] == project["held_by"]
    assert "contact" not in public
