"""What a second reader of collections found: days out of reach, a figure in the wrong field, strange letters."""

from datetime import timedelta
from io import BytesIO
from urllib.parse import quote

import httpx
import pytest
from pypdf import PdfReader

from services.catalog.collections.ics import escaped
from tests.services.catalog.collecting.conftest import BEGUN, accept, say
from tests.services.catalog.pages import said, shown
from tests.services.catalog.takers import Clock, a_flow, lot_of, took
from tests.services.catalog.test_flow_and_offer_wizards import post

STRANGE = "Palettes 🪵 回收 ﷽ \"';%\\ " + "é" * 60


class TestDays:
    @pytest.mark.parametrize("day", ["9999-12-31", "0001-01-01"])
    async def test_a_day_out_of_reach_is_a_day_with_nothing(self, publisher: httpx.AsyncClient, day: str) -> None:
        refused = await publisher.get(f"/collections/route?day={day}")
        assert (refused.status_code, "Aucun enlèvement à faire ce jour-là" in said(refused)) == (409, True)
        listed = await publisher.get(f"/api/v1/collections?since={day}&until={day}")
        assert (listed.status_code, listed.json()) == (200, {"items": []})


class TestAccepting:
    async def test_a_refused_acceptance_leaves_ones_own_figure_in_its_field(
        self, publisher: httpx.AsyncClient, taker: httpx.AsyncClient, part: str
    ) -> None:
        await say(taker, part, "5,5")
        await say(publisher, part, "9")
        # The other corrects itself while the page is open.
        await say(taker, part, "6,5")
        refused = await accept(publisher, part, "5.5")
        assert (refused.status_code, "vient de corriger son chiffre" in said(refused)) == (422, True)
        assert 'name="value" type="text" value="9"' in refused.text


class TestStrangeLetters:
    async def test_papers_and_pages_take_any_letters(
        self, publisher: httpx.AsyncClient, taker: httpx.AsyncClient, clock: Clock
    ) -> None:
        flow = await a_flow(publisher, title=STRANGE, access=STRANGE * 9, safety="<script>alert(1)</script>")
        lot = str((await lot_of(publisher, flow))["id"])
        part = await took(taker, lot, "10")
        clock.now = BEGUN
        for client, path in ((publisher, f"/flows/lots/{lot}/labels"), (taker, "/collections/route?day=2026-12-01")):
            paper = await client.get(path)
            assert paper.status_code == 200, path
            assert len(PdfReader(BytesIO(paper.content)).pages) >= 1
        assert quote("回收") in (await publisher.get(f"/flows/lots/{lot}/labels")).headers["content-disposition"]
        for path in ("/collections", part, f"{part}/collect", f"/scan/{lot}"):
            assert "<script>alert" not in await shown(taker, path)

    def test_a_calendar_holds_no_control_characters(self) -> None:
        assert escaped("Quai\x07 3\x1b[0m\ttenu\x7f") == "Quai 3[0m\ttenu"


class TestScanning:
    async def test_a_label_of_ones_own_lot_that_nobody_took_leads_to_it(
        self, publisher: httpx.AsyncClient, lot: str, taker: httpx.AsyncClient
    ) -> None:
        answer = await publisher.get(f"/scan/{lot}")
        assert (answer.status_code, answer.headers.get("location", "").startswith("/flows/")) == (303, True)
        assert (await taker.get(f"/scan/{lot}")).status_code == 404

    async def test_a_label_of_a_part_that_was_called_off_leads_to_what_became_of_it(
        self, publisher: httpx.AsyncClient, taker: httpx.AsyncClient, part: str, clock: Clock
    ) -> None:
        clock.now = BEGUN - timedelta(days=1)
        await post(publisher, f"{part}/cancel", _version=1, reason="other")
        code = part.rsplit("/", 1)[-1]
        for side in (publisher, taker):
            answer = await side.get(f"/scan/{code}")
            assert (answer.status_code, answer.headers.get("location")) == (303, part)


class TestBegunSlot:
    async def test_who_cannot_call_it_off_any_more_reads_what_to_do_instead(
        self, publisher: httpx.AsyncClient, taker: httpx.AsyncClient, part: str, clock: Clock
    ) -> None:
        for side in (publisher, taker):
            page = await shown(side, part)
            assert "ne s'annule plus" in page
            assert "Annuler cet enlèvement" not in page
        clock.now = BEGUN + timedelta(hours=2)
        page = await shown(taker, part)
        assert ("ne s'annule plus" in page, "Personne n'est venu" in page) == (False, True)
