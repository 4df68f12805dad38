"""What a coordinator does: looks at organisations and at what they post, before others see it."""

import html
import re
from pathlib import Path

import httpx
import pytest
from litestar import Litestar
from sqlalchemy import text

from services.catalog.app import create_app
from services.catalog.settings import Settings
from services.catalog.territory import organisation_pages, pages
from services.catalog.territory.abandoning import abandon_unchanged
from tests.services.catalog.conftest import SignUp, csrf_of
from tests.services.catalog.pages import shown
from tests.services.catalog.test_files import PDF
from tests.services.catalog.test_flow_and_offer_wizards import a_flow, post
from tests.services.catalog.test_needs import events, post_need
from tests.support import Isolated


@pytest.fixture
def catalog_app(catalog_settings: Settings, catalog_database: Isolated, tmp_path: Path) -> Litestar:
    changes = {"files_dir": tmp_path / "files", "check_first": True}
    return create_app(catalog_settings.model_copy(update=changes), databases=catalog_database.both)


@pytest.fixture
async def coordinator(sign_up: SignUp, catalog_database: Isolated) -> httpx.AsyncClient:
    """Somebody of the metropolis, a role that nobody gives themselves."""
    client = await sign_up(organisation_name="Toulouse Métropole")
    async with catalog_database.sessions.begin() as session:
        await session.execute(
            text("UPDATE organisations SET roles = '{territory}', state = 'verified' WHERE name = 'Toulouse Métropole'")
        )
    await post(client, "/session/end")
    token = await csrf_of(client, "/sign-in")
    signed = {"email": "personne1@exemple.fr", "password": "cheval agrafe pile", "next": "/territory", "_csrf": token}
    assert (await client.post("/sign-in", data=signed)).status_code == 303
    return client


async def looked_at(coordinator: httpx.AsyncClient, name: str) -> str:
    """The address of the look at an organisation, from the cockpit."""
    page = (await coordinator.get("/territory")).text
    found = re.search(rf'href="(/territory/organisations/[0-9a-f-]+)">{re.escape(name)}<', page)
    assert found is not None, name
    return found[1]


async def test_what_an_unverified_organisation_posts_waits_and_is_published_with_its_check(
    coordinator: httpx.AsyncClient, sign_up: SignUp, catalog_database: Isolated
) -> None:
    buyer, stranger = await sign_up(organisation_name="Hexaplane"), await sign_up()
    need = (await post_need(buyer)).headers["location"]
    flow = await a_flow(buyer)
    await post(buyer, f"{flow}/review")
    assert "En vérification" in (await buyer.get(need)).text
    assert (await stranger.get(need)).status_code == 404
    assert await events(catalog_database, "catalog.need.published.v1") == []
    (submitted,) = await events(catalog_database, "catalog.need.submitted.v1")
    assert submitted["data"]["organisation_name"] == "Hexaplane"

    address = await looked_at(coordinator, "Hexaplane")
    assert 'href="#proof"' in (await post(coordinator, address, finding="verified")).text
    answer = await post(coordinator, address, finding="verified", proof="register")
    assert answer.headers["location"] == address
    (need_event,) = await events(catalog_database, "catalog.need.published.v1")
    assert need_event["sequence"] == submitted["sequence"] + 1
    assert len(await events(catalog_database, "catalog.flow.published.v1")) == 1
    assert len(await events(catalog_database, "catalog.organisation.verified.v1")) == 1
    assert (await stranger.get(need)).status_code == 200
    # From now on it publishes at once.
    await post_need(buyer, title="Un autre")
    assert len(await events(catalog_database, "catalog.need.published.v1")) == 2


async def test_a_need_sent_back_tells_its_author_why(
    coordinator: httpx.AsyncClient, sign_up: SignUp, catalog_database: Isolated
) -> None:
    buyer = await sign_up()
    need = (await post_need(buyer)).headers["location"]
    back = f"/territory{need}/send-back"
    assert (await post(coordinator, back)).status_code == 422
    assert (await post(coordinator, back, words="Précisez la date.")).status_code == 303
    (event,) = await events(catalog_database, "catalog.need.returned.v1")
    assert event["data"]["words"] == "Précisez la date."
    assert "Précisez la date." in (await buyer.get(need)).text
    assert (await post(coordinator, back, words="Encore.")).status_code == 404
    assert (await post(buyer, f"{need}/review")).headers["location"] == need
    assert "En vérification" in (await buyer.get(need)).text


async def test_a_suspension_says_why_and_ends_every_act(
    coordinator: httpx.AsyncClient, sign_up: SignUp, catalog_database: Isolated
) -> None:
    buyer = await sign_up(organisation_name="Hexaplane")
    address = await looked_at(coordinator, "Hexaplane")
    assert 'href="#words"' in (await post(coordinator, address, finding="suspended")).text
    await post(coordinator, address, finding="suspended", words="Deux plaintes.")
    assert len(await events(catalog_database, "catalog.organisation.suspended.v1")) == 1
    assert "suspendue" in (await post_need(buyer)).text
    stale = await post(coordinator, address, finding="refused", words="x")
    assert "rechargez-la" in stale.text
    await post(coordinator, address, finding="reinstated", proof="call")
    assert (await post_need(buyer)).status_code == 303
    history = (await coordinator.get(address)).text
    assert history.index("Rétablie") < history.index("Deux plaintes.")


async def test_nobody_else_gets_in_and_nobody_checks_themselves(
    coordinator: httpx.AsyncClient, sign_up: SignUp, catalog_database: Isolated
) -> None:
    buyer = await sign_up(organisation_name="Hexaplane")
    address = await looked_at(coordinator, "Hexaplane")
    for path in ("/territory", address):
        assert (await buyer.get(path)).status_code == 403
    assert (await post(buyer, address, finding="verified", proof="call")).status_code == 403
    async with catalog_database.sessions() as session:
        own = await session.scalar(text("SELECT id FROM organisations WHERE name = 'Toulouse Métropole'"))
    answer = await post(coordinator, f"/territory/organisations/{own}", finding="suspended", words="x")
    assert "Une autre personne" in answer.text


async def test_a_coordinator_reads_the_proofs(coordinator: httpx.AsyncClient, sign_up: SignUp) -> None:
    workshop = await sign_up(organisation_name="Atelier")
    token = await csrf_of(workshop, "/organisation/edit")
    await workshop.post("/organisation/files", data={"_csrf": token}, files={"file": ("statuts.pdf", PDF)})
    address = await looked_at(coordinator, "Atelier")
    file = (await coordinator.get(address)).text.partition(f'href="{address}/files/')[2].partition('"')[0]
    assert (await coordinator.get(f"{address}/files/{file}")).content == PDF
    assert (await workshop.get(f"{address}/files/{file}")).status_code == 403


@pytest.fixture
async def three_waiting(coordinator: httpx.AsyncClient, sign_up: SignUp) -> None:
    """« Attente 0 » has waited longest."""
    for number in range(3):
        await sign_up(organisation_name=f"Attente {number}")


@pytest.mark.usefixtures("three_waiting")
async def test_any_organisation_is_found_however_many_wait(
    coordinator: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pages, "FIRST", 2)
    cockpit = (await coordinator.get("/territory")).text
    assert "Attente 1" in cockpit
    assert "Attente 2" not in cockpit
    everyone = "/territory/organisations"
    assert f'href="{everyone}">Toutes (3)<' in cockpit
    found = (await coordinator.get(everyone, params={"q": "attente 2"})).text
    address = re.search(rf'href="({everyone}/[0-9a-f-]+)">Attente 2<', found)
    assert address is not None
    assert "Attente 1" not in found
    await post(coordinator, address[1], finding="suspended", words="Deux plaintes.")
    assert "Aucune structure ne porte ce nom" in (await coordinator.get(everyone, params={"q": "attente 2"})).text
    # Suspended, the directory hides it from everybody; here it is found, to be reinstated.
    suspended = (await coordinator.get(everyone, params={"q": "ATTENTE 2", "standing": "suspended"})).text
    assert address[1] in suspended


@pytest.mark.usefixtures("three_waiting")
async def test_many_organisations_are_paged(coordinator: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(organisation_pages, "PAGE", 2)
    first = (await coordinator.get("/territory/organisations")).text
    assert "1 à 2 sur 3" in first
    following = re.search(r'href="(/territory/organisations\?[^"]*start=2)"', html.unescape(first))
    assert following is not None
    assert "3 à 3 sur 3" in (await coordinator.get(following[1])).text


@pytest.mark.parametrize(("days", "states"), [(9, ["draft", "draft"]), (10, ["withdrawn", "ended"])])
async def test_what_is_not_changed_in_ten_days_is_abandoned(
    coordinator: httpx.AsyncClient, sign_up: SignUp, catalog_database: Isolated, *, days: int, states: list[str]
) -> None:
    buyer = await sign_up(organisation_name="Hexaplane")
    need, flow = (await post_need(buyer)).headers["location"], await a_flow(buyer)
    await post(buyer, f"{flow}/review")
    for path in (need, flow):
        answer = await post(coordinator, f"/territory{path}/send-back", words="Dites combien.")
        assert answer.status_code == 303
    since = "changes_wanted_at = now() - make_interval(days => :days)"
    async with catalog_database.sessions.begin() as session:
        for table in ("needs", "flows"):
            await session.execute(text(f"UPDATE {table} SET {since}"), {"days": days})
        assert await abandon_unchanged(session) == (2 if days == 10 else 0)
    for path, kind in ((need, "need"), (flow, "flow")):
        heard = [each["data"] for each in await events(catalog_database, f"catalog.{kind}.abandoned.v1")]
        assert [path.endswith(each[f"{kind}_id"]) for each in heard] == ([True] if days == 10 else [])
        assert "copy" in await shown(buyer, path) or days < 10, "it may be begun anew"
    async with catalog_database.sessions.begin() as session:
        found = [await session.scalar(text(f"SELECT state FROM {table}")) for table in ("needs", "flows")]
        told = list(await session.scalars(text("SELECT action FROM audit WHERE action LIKE '%.abandoned' ORDER BY id")))
        assert found == states
        assert told == (["need.abandoned", "flow.abandoned"] if days == 10 else [])
        # Once is enough, and what came again in time stays.
        assert await abandon_unchanged(session) == 0
