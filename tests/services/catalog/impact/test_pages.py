"""What came of it on pages, as files and as JSON: to its two sides, and to nobody else."""

import csv
import io
from uuid import uuid4

import httpx
import pytest

from tests.services.catalog.collecting.conftest import BEGUN
from tests.services.catalog.conftest import SignUp
from tests.services.catalog.coordinators import a_coordinator
from tests.services.catalog.impact.conftest import confirm
from tests.services.catalog.takers import Clock, a_flow, lot_of, took
from tests.support import Isolated


@pytest.fixture
async def coordinator(taker: httpx.AsyncClient, sign_up: SignUp, catalog_database: Isolated) -> httpx.AsyncClient:
    assert taker
    return await a_coordinator(sign_up, catalog_database, 3)


async def shown(client: httpx.AsyncClient, address: str, status: int = 200) -> str:
    answer = await client.get(address)
    assert answer.status_code == status, answer.text
    return answer.text.replace("\u202f", " ").replace("\u00a0", " ").replace("&#39;", "’")


class TestPage:
    async def test_without_any_it_says_what_to_do(self, publisher: httpx.AsyncClient) -> None:
        page = await shown(publisher, "/impact")
        assert "Rien n’est encore confirmé." in page
        assert 'href="/collections"' in page

    async def test_both_sides_read_sums_ranges_points_and_sources(
        self, publisher: httpx.AsyncClient, taker: httpx.AsyncClient, confirmed: str
    ) -> None:
        for side in (publisher, taker):
            page = await shown(side, "/impact")
            for words in ("Réemploi", "10 t", "1,22 t CO2e", "entre 690 kg CO2e et 7,14 t CO2e", "34678", confirmed):
                assert words in page, words
            assert "Une matière a quitté son détenteur" in page
        assert "10 t" in await shown(publisher, "/en/impact")

    @pytest.mark.usefixtures("confirmed")
    async def test_a_period_is_a_year_or_a_month(self, publisher: httpx.AsyncClient) -> None:
        for period, is_there in (("2026", True), ("2026-12", True), ("2026-11", False), ("2025", False)):
            assert ("1,22 t CO2e" in await shown(publisher, f"/impact?period={period}")) is is_there
        assert "Rien de confirmé pendant cette période" in await shown(publisher, "/impact?period=2025")
        await shown(publisher, "/impact?period=2026-13", 422)

    @pytest.mark.usefixtures("confirmed")
    async def test_a_stranger_reads_their_own_emptiness(self, sign_up: SignUp) -> None:
        stranger = await sign_up(organisation_name="Autre", roles=["ess"])
        assert "Palettes bois de Fenouillet" not in await shown(stranger, "/impact")
        assert (await stranger.get("/api/v1/impact/entries")).json() == {"items": [], "next": None}
        assert (await stranger.get("/api/v1/impact/totals")).json() == {"items": []}

    async def test_the_taking_says_what_it_counts_for(
        self, publisher: httpx.AsyncClient, taker: httpx.AsyncClient, part: str
    ) -> None:
        assert "Ce que cela compte" not in await shown(taker, part)
        await confirm(publisher, taker, part)
        page = await shown(taker, part)
        assert "Ce que cela compte" in page
        assert "CO2e évité : 1,22 t CO2e (entre 690 kg CO2e et 7,14 t CO2e)" in page

    async def test_what_has_no_weight_or_no_factor_says_so(
        self, publisher: httpx.AsyncClient, taker: httpx.AsyncClient, clock: Clock
    ) -> None:
        about = {"quantity_unit": "m2", "categories": ["textiles"], "minimum_value": ""}
        lot = (await lot_of(publisher, await a_flow(publisher, **about)))["id"]
        part = await took(taker, lot, "10")
        clock.now = BEGUN
        await confirm(publisher, taker, part)
        page = await shown(taker, part)
        assert "10 m2, sans poids connu" in page
        assert "pas encore de facteur" in page
        entries = (await taker.get("/api/v1/impact/entries")).json()["items"]
        assert [each["value"] for each in entries if each["measure"] == "mass"] == [None]


@pytest.mark.usefixtures("confirmed")
class TestFilesAndPrograms:
    async def test_a_table_holds_every_figure_with_its_source(self, taker: httpx.AsyncClient) -> None:
        answer = await taker.get("/impact/file?form=csv&period=2026")
        lines = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig")), delimiter=";"))
        co2e = next(each for each in lines if each["Mesure"] == "CO2e évité")
        assert (co2e["Valeur"], co2e["Bas"], co2e["Haut"], co2e["Unité"]) == ("1220", "690", "7140", "kgCO2e")
        assert "Base Carbone" in co2e["Source"]
        assert co2e["Avec"] == "Sogalog"
        assert (await taker.get("/impact/file?form=xlsx")).content.startswith(b"PK")
        assert (await taker.get("/impact/file?form=pdf")).status_code == 404

    async def test_programs_read_entries_page_by_page_and_sums(self, publisher: httpx.AsyncClient) -> None:
        found, cursor = [], ""
        while cursor is not None:
            about = f"&cursor={cursor}" if cursor else ""
            answer = (await publisher.get(f"/api/v1/impact/entries?limit=1{about}")).json()
            found += [each["measure"] for each in answer["items"]]
            cursor = answer["next"]
        assert sorted(found) == ["co2e", "environment", "justice", "mass"]
        totals = {each["measure"]: each for each in (await publisher.get("/api/v1/impact/totals")).json()["items"]}
        assert (totals["mass"]["value"], totals["co2e"]["low"], totals["mass"]["exchanges"]) == ("10000", "690", 1)
        assert (await publisher.get("/api/v1/impact/totals?period=2025")).json() == {"items": []}
        assert (await publisher.get("/api/v1/impact/totals?period=x")).status_code == 422


class TestTerritory:
    async def test_fewer_than_three_organisations_are_no_sum(
        self, publisher: httpx.AsyncClient, confirmed: str, coordinator: httpx.AsyncClient
    ) -> None:
        assert confirmed
        page = await shown(coordinator, "/territory/impact")
        assert "non dit : moins de trois structures" in page
        assert "10 t" not in page
        assert "Sogalog" not in page
        assert (await publisher.get("/territory/impact")).status_code == 403

    async def test_from_three_on_sums_and_no_names(
        self, publisher: httpx.AsyncClient, taker: httpx.AsyncClient, sign_up: SignUp, lot: str, clock: Clock,
        coordinator: httpx.AsyncClient,
    ) -> None:  # fmt: skip
        third = await sign_up(organisation_name="Atelier du bois", roles=["ess"])
        parts = [(each, await took(each, lot, "5")) for each in (taker, third)]
        clock.now = BEGUN
        for each, part in parts:
            await confirm(publisher, each, part, "5")
        page = await shown(coordinator, "/territory/impact")
        assert "10 t" in page
        assert "entre 690 kg CO2e et 7,14 t CO2e" in page
        for name in ("Sogalog", "Palettes Garonne", "Atelier du bois", str(uuid4())):
            assert name not in page
        assert "10 t" not in await shown(coordinator, "/territory/impact?period=2025")
        assert "10 t" in await shown(coordinator, "/territory/impact?of=decoset")
        await shown(coordinator, "/territory/impact?of=nowhere", 404)
