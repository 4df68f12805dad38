"""What an organisation is in law: with source, date, end and check, on its page, on its desk, and for coordinators."""

from datetime import timedelta
from types import SimpleNamespace
from typing import Any, cast

import httpx
import pytest

from services.catalog.organisations.models import LegalEntity, Organisation
from services.catalog.organisations.standing import endings
from services.catalog.organisations.status import StatusFact
from shared.clock import day_of, now
from tests.services.catalog.claimants import Sql, a_coordinator, sql
from tests.services.catalog.conftest import SIRETS, SignUp
from tests.services.catalog.pages import shown
from tests.services.catalog.test_flow_and_offer_wizards import post

__all__ = ["sql"]


async def own_id(sql: Sql, number: int = 1) -> Any:
    ((found,),) = await sql("SELECT id FROM organisations WHERE siret = :siret", siret=SIRETS[number - 1])
    return found


@pytest.fixture
async def workshop(sign_up: SignUp) -> httpx.AsyncClient:
    return await sign_up(organisation_name="Atelier", roles=["ess"], kinds=["esus"])


async def state(client: httpx.AsyncClient, days: int, **more: str) -> None:
    """State one accreditation that ends in some days."""
    until = (day_of(now()) + timedelta(days=days)).isoformat()
    answer = await post(
        client, "/organisation/statuses", kinds=["esus"], source_esus="decision", until_esus=until, **more
    )
    assert answer.status_code == 303, answer.text


async def test_what_ends_soon_waits_on_the_desk_and_with_the_territory(
    workshop: httpx.AsyncClient, sign_up: SignUp, visitor: httpx.AsyncClient, sql: Sql
) -> None:
    await state(workshop, 20)
    assert "expire dans 20 jours" in await shown(workshop, "/dashboard")
    assert "expire dans 20 jours" in await shown(visitor, f"/organisations/{await own_id(sql)}")
    coordinator = await a_coordinator(sign_up, sql)
    assert "expire dans 20 jours" in await shown(coordinator, "/territory")
    await state(workshop, 61)
    assert "À renouveler" not in await shown(workshop, "/dashboard")
    assert "Aucun statut n'expire bientôt" in await shown(coordinator, "/territory")


async def test_a_permit_of_a_site_that_has_ended_is_said_on_the_desk(workshop: httpx.AsyncClient) -> None:
    until = (day_of(now()) - timedelta(days=5)).isoformat()
    site = {"name": "Quai 3", "place": "Muret", "permits": ["waste_transport"], "until_waste_transport": until}
    assert (await post(workshop, "/organisation/sites", **site)).status_code == 303
    desk = await shown(workshop, "/dashboard")
    assert "Récépissé de transport de déchets (Quai 3)" in desk
    assert "a expiré le" in desk


async def test_a_site_is_shown_to_others_only_where_its_organisation_says_so(
    workshop: httpx.AsyncClient, visitor: httpx.AsyncClient, sql: Sql
) -> None:
    page = f"/organisations/{await own_id(sql)}"
    site: dict[str, Any] = {"name": "Quai 3", "place": "Muret", "access": "Code 4711", "permits": ["waste_transport"]}
    await post(workshop, "/organisation/sites", **site)
    assert "Quai 3" not in await shown(visitor, page)
    assert "Récépissé de transport" in await shown(visitor, page), "what it may do is public"
    ((site_id,),) = await sql("SELECT id FROM sites")
    await post(workshop, f"/organisation/sites/{site_id}", **site, is_public="true")
    shown_to_all = await shown(visitor, page)
    assert "Quai 3" in shown_to_all
    assert "Code 4711" not in shown_to_all
    assert 'id="is_public" value="true" checked' in (await workshop.get(f"/organisation/sites/{site_id}")).text


async def test_a_coordinator_says_whose_proof_they_saw(
    workshop: httpx.AsyncClient, sign_up: SignUp, visitor: httpx.AsyncClient, sql: Sql
) -> None:
    coordinator, own = await a_coordinator(sign_up, sql), await own_id(sql)
    look = f"/territory/organisations/{own}"
    assert "justificatif pas encore vu" in await shown(visitor, f"/organisations/{own}")
    assert (await post(workshop, f"{look}/statuses", codes=["esus"])).status_code == 403
    await post(coordinator, f"{look}/statuses", codes=["scop"])
    assert "justificatif pas encore vu" in await shown(visitor, f"/organisations/{own}"), "it never stated that"
    assert (await post(coordinator, f"{look}/statuses", codes=["esus"])).status_code == 303
    assert "justificatif vu par le territoire" in await shown(visitor, f"/organisations/{own}")
    assert await sql("SELECT kinds FROM legal_entities WHERE siren = :siren", siren=SIRETS[0][:9]) == [(["esus"],)]
    lines = await sql("SELECT details->'codes' FROM audit WHERE action = 'entity.checked'")
    assert lines == [(["esus"],)]
    await state(workshop, 300)
    assert "justificatif pas encore vu" in await shown(visitor, f"/organisations/{own}"), "what changes is seen anew"


async def test_when_the_territory_verified_is_on_the_page(
    workshop: httpx.AsyncClient, sign_up: SignUp, visitor: httpx.AsyncClient, sql: Sql
) -> None:
    coordinator, own = await a_coordinator(sign_up, sql), await own_id(sql)
    before = await shown(visitor, f"/organisations/{own}")
    assert "Le territoire ne l'a pas encore vérifiée." in before
    assert "Pas encore dit" in before
    await post(coordinator, f"/territory/organisations/{own}", finding="verified", proof="call")
    assert "par le territoire." in await shown(visitor, f"/organisations/{own}")
    public = (await visitor.get(f"/api/v1/organisations/{own}")).json()
    assert public["verified_on"] == day_of(now()).isoformat()
    await post(coordinator, f"/territory/organisations/{own}", finding="suspended", words="Doute")
    assert workshop is not None


def test_checking_keeps_what_a_list_said_without_a_fact() -> None:
    """Kinds and receipts that came by an import have no fact of their own yet."""
    today = day_of(now())
    entity = LegalEntity(kinds=["EI", "association"], may_issue_receipts=True, fact_data=[], created_at=now())
    assert entity.check_facts(["EI"], today) == ["EI"]
    assert sorted(entity.kinds) == ["EI", "association"]
    assert entity.may_issue_receipts
    assert [fact.code for fact in entity.facts if fact.checked_on] == ["EI"]


def test_the_nearest_end_comes_first_and_far_ones_are_left_out() -> None:
    today = day_of(now())
    entity = LegalEntity(kinds=[], may_issue_receipts=False, fact_data=[], created_at=now())
    ends = {"EI": 60, "esus": 3, "scop": 61, "association": -2}
    facts = [StatusFact(code=code, stated_on=today, expires_on=today + timedelta(days=d)) for code, d in ends.items()]
    entity.state_facts(facts, today)
    organisation = cast(Organisation, SimpleNamespace(legal_entity=entity))
    assert [each.days for each in endings(organisation, [], "fr", today)] == [-2, 3, 60]
