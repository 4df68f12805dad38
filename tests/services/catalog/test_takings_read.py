"""Reading takings: each side its own, page by page, in both languages, in the log and in the file of one's data."""

from datetime import timedelta

import httpx

from tests.services.catalog.pages import shown
from tests.services.catalog.takers import Clock, held, rows, took
from tests.services.catalog.test_flow_and_offer_wizards import post
from tests.services.catalog.timed import catalog_app, catalog_database, clock, flow, lot, other, publisher, taker, timed
from tests.support import Isolated

__all__ = ["catalog_app", "catalog_database", "clock", "flow", "lot", "other", "publisher", "taker", "timed"]


class TestReading:
    async def test_lists_are_read_from_the_newest_to_the_oldest_page_by_page(
        self, publisher: httpx.AsyncClient, taker: httpx.AsyncClient, lot: str, clock: Clock
    ) -> None:
        made = []
        for _ in range(6):
            made.append((await took(taker, lot, "1")).rsplit("/", 1)[-1])
            clock.now += timedelta(minutes=1)
        for reader, path in ((taker, "/api/v1/takings"), (publisher, "/api/v1/takings/received")):
            found: list[str] = []
            cursor: dict[str, str] = {}
            while True:
                answer = (await reader.get(path, params={"limit": 2, **cursor})).json()
                found += [each["id"] for each in answer["items"]]
                if answer["next"] is None:
                    break
                cursor = {"cursor": answer["next"]}
            assert found == made[::-1], path

    async def test_each_side_has_its_list_and_nobody_else_reads_any_of_it(
        self, publisher: httpx.AsyncClient, taker: httpx.AsyncClient, other: httpx.AsyncClient, flow: str, lot: str
    ) -> None:
        assert "Aucun enlèvement pour l'instant" in await shown(taker, "/takings")
        assert "Personne n'a encore pris de vos lots" in await shown(publisher, "/takings/received")
        page = await took(taker, lot, "6", carrier_receipt="R-4711")
        assert "Sogalog" in await shown(taker, "/takings")
        assert "Palettes Garonne" in await shown(publisher, "/takings/received")
        assert "Palettes Garonne" in await shown(publisher, flow)
        assert "R-4711" in await shown(publisher, page)
        assert "Palettes Garonne" not in await shown(other, flow)
        assert (await other.get(page)).status_code == 404
        assert "6 t" not in await shown(other, "/takings") + await shown(other, "/takings/received")

    async def test_in_english(
        self, publisher: httpx.AsyncClient, taker: httpx.AsyncClient, flow: str, lot: str
    ) -> None:
        assert "Take this lot" in await shown(taker, f"/en{flow}")
        await took(taker, lot, "6")
        assert "My pick-ups" in await shown(taker, "/en/takings")
        assert "Lots taken" in await shown(publisher, "/en/takings/received")

    async def test_every_step_leaves_its_line(
        self, publisher: httpx.AsyncClient, taker: httpx.AsyncClient, lot: str, catalog_database: Isolated
    ) -> None:
        option = await held(taker, lot, "2")
        await post(publisher, f"{option}/extend", _version=1)
        await post(taker, f"{option}/release", _version=2)
        page = await took(taker, lot, "6")
        await post(publisher, f"{page}/cancel", _version=1, reason="quality")
        lines = await rows(catalog_database, "SELECT action FROM audit WHERE action LIKE 'lot.%' ORDER BY id")
        assert [line.action for line in lines] == [
            f"lot.{verb}" for verb in ("held", "held-longer", "released", "taken", "cancelled")
        ]


async def test_the_file_of_ones_data_holds_what_one_took(taker: httpx.AsyncClient, lot: str) -> None:
    await took(taker, lot, "6")
    (membership,) = (await taker.get("/account/data/export")).json()["memberships"]
    assert [(each["lot_id"], each["state"]) for each in membership["takings"]] == [(lot, "made")]
