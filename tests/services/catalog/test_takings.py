"""Taking parts of lots: who may, how much is left, who goes first, what papers it asks for, and what is told of it."""

from datetime import UTC, datetime
from uuid import uuid4

import httpx
import pytest
from sqlalchemy import text

from tests.services.catalog.conftest import SignUp
from tests.services.catalog.pages import said, shown
from tests.services.catalog.takers import Clock, a_flow, held, hold, left_told, lot_of, rows, sums, take, told, took
from tests.services.catalog.test_needs import events
from tests.services.catalog.timed import catalog_app, catalog_database, clock, flow, lot, other, publisher, taker, timed
from tests.support import Isolated

__all__ = ["catalog_app", "catalog_database", "clock", "flow", "lot", "other", "publisher", "taker", "timed"]


async def permit_of(database: Isolated, code: str, expires_on: str | None = None) -> None:
    """The taker declares one more permit."""
    added = "permits || jsonb_build_object('code', CAST(:code AS text), 'expires_on', CAST(:expires_on AS text))"
    add = f"UPDATE organisations SET permits = {added} WHERE name = :name"
    async with database.sessions.begin() as session:
        await session.execute(text(add), {"code": code, "expires_on": expires_on, "name": "Palettes Garonne"})


class TestTaking:
    async def test_a_part_is_taken_and_told_with_what_is_left(
        self, publisher: httpx.AsyncClient, taker: httpx.AsyncClient, flow: str, lot: str, catalog_database: Isolated
    ) -> None:
        page = await took(taker, lot, "6")
        (event,) = await told(catalog_database, "made")
        assert (event["quantity"]["value"], event["taker_name"], event["title"]) == (
            "6", "Palettes Garonne", "Palettes bois de Fenouillet",
        )  # fmt: skip
        assert (event["slot_from"], event["slot_until"]) == ("2026-12-01T08:00:00Z", "2026-12-01T09:00:00Z")
        assert await left_told(catalog_database) == ["4"]
        assert await sums(catalog_database) == ("released", 6, 0)
        for reader in (publisher, taker):
            assert "6 t" in await shown(reader, page)
            assert "reste 4 t sur 10 t" in await shown(reader, flow)
        assert (await lot_of(publisher, flow))["left"] == "4"

    async def test_all_that_is_left_may_be_less_than_the_smallest_part(
        self, taker: httpx.AsyncClient, other: httpx.AsyncClient, lot: str, catalog_database: Isolated
    ) -> None:
        await took(taker, lot, "9,5")
        assert "part minimale" in said(await take(other, lot, "0,4"))
        await took(other, lot, "0,5")
        assert await sums(catalog_database) == ("taken", 10, 0)

    async def test_somebody_was_faster_shows_what_is_left_and_keeps_what_was_typed(
        self, taker: httpx.AsyncClient, other: httpx.AsyncClient, lot: str, catalog_database: Isolated
    ) -> None:
        await took(taker, lot, "6")
        refused = await take(other, lot, "5", slot_from="11:00", slot_until="12:30", carrier_receipt="R-2031")
        page = said(refused)
        assert refused.status_code == 422
        assert "quelqu'un a été plus rapide" in page
        assert '<p class="text-2xl font-semibold tnum">4 t' in page
        for typed in ('value="5"', 'value="11:00"', 'value="12:30"'):
            assert typed in page, typed
        assert await sums(catalog_database) == ("released", 6, 0)

    async def test_a_fully_taken_lot_is_offered_to_nobody(
        self, taker: httpx.AsyncClient, other: httpx.AsyncClient, flow: str, lot: str, catalog_database: Isolated
    ) -> None:
        await took(taker, lot, "10")
        assert "/take" not in await shown(other, flow)
        assert "n'est plus à prendre" in said(await take(other, lot, "1"))
        assert "Palettes bois de Fenouillet" not in await shown(other, "/flows")
        assert len(await events(catalog_database, "catalog.flow.taken.v1")) == 1

    async def test_a_button_pressed_twice_takes_once(
        self, taker: httpx.AsyncClient, lot: str, catalog_database: Isolated
    ) -> None:
        once = str(uuid4())
        pages = {await took(taker, lot, "4", once=once) for _ in range(2)}
        kept = {await held(taker, lot, "2", once=once) for _ in range(2)}
        # A form that says the other's number takes what its own taker asked, and nothing else.
        assert len(pages | kept) == 1
        assert await sums(catalog_database) == ("released", 4, 0)

    @pytest.mark.parametrize("once", ["", "1"])
    async def test_a_form_without_its_number_comes_back_with_one(
        self, taker: httpx.AsyncClient, lot: str, once: str
    ) -> None:
        for refused in (await take(taker, lot, "4", once=once), await hold(taker, lot, "4", once=once)):
            assert refused.status_code == 422
            assert len(refused.text.partition('name="once" value="')[2].partition('"')[0]) == 36

    async def test_ones_own_lot_is_not_taken(self, publisher: httpx.AsyncClient, lot: str, flow: str) -> None:
        assert "celui de votre entité" in said(await take(publisher, lot, "2"))
        assert "/take" not in await shown(publisher, flow)

    async def test_a_lot_is_taken_for_what_its_holder_wants(
        self, publisher: httpx.AsyncClient, taker: httpx.AsyncClient
    ) -> None:
        flow = await a_flow(publisher, levels=["recycling"], supplier_kinds=["EI"])
        lot = (await lot_of(publisher, flow))["id"]
        assert "réserve à certaines structures" in said(await take(taker, lot, "2", level="recycling"))
        flow = await a_flow(publisher, levels=["recycling"])
        lot = (await lot_of(publisher, flow))["id"]
        assert "pas pour ce traitement" in said(await take(taker, lot, "2", level="reuse"))

    @pytest.mark.parametrize(
        ("slot", "words"),
        [
            ({"slot_on": "2026-12-12"}, "Ce lot s'enlève du 30/11/2026 au 11/12/2026, entre 07:00 et 17:00"),
            ({"slot_from": "06:30"}, "Ce lot s'enlève"),
            ({"slot_until": "17:30"}, "Ce lot s'enlève"),
            ({"slot_from": "10:00", "slot_until": "09:00"}, "finit avant de commencer"),
            ({"slot_from": "09:00Z"}, "Écrivez une heure"),
            ({"transport": "holder"}, "ne se transporte pas ainsi"),
            ({"transport": ""}, "Transport : À remplir"),
        ],
    )
    async def test_a_slot_lies_within_the_lots_hours(
        self, taker: httpx.AsyncClient, lot: str, slot: dict[str, str], words: str, catalog_database: Isolated
    ) -> None:
        refused = await take(taker, lot, "2", **slot)
        assert (refused.status_code, words in said(refused)) == (422, True)
        assert await sums(catalog_database) == ("released", 0, 0)

    async def test_a_slot_that_is_over_is_refused(self, taker: httpx.AsyncClient, lot: str, clock: Clock) -> None:
        clock.now = datetime(2026, 12, 2, 9, 0, tzinfo=UTC)
        assert "Ce créneau est passé" in said(await take(taker, lot, "2"))

    async def test_a_lot_whose_time_is_over_is_refused_before_the_timer_comes(
        self, taker: httpx.AsyncClient, lot: str, clock: Clock
    ) -> None:
        clock.now = datetime(2026, 12, 11, 16, 0, tzinfo=UTC)
        assert "n'est plus à prendre" in said(await take(taker, lot, "2", slot_on="2026-12-11"))

    async def test_where_letters_leave_an_address_is_confirmed_first(
        self, taker: httpx.AsyncClient, lot: str, catalog_database: Isolated
    ) -> None:
        catalog_database.both.pages.surround(confirmation_required=True)
        assert "puis prenez ce lot" in said(await take(taker, lot, "2"))

    async def test_a_get_changes_nothing(
        self, taker: httpx.AsyncClient, flow: str, lot: str, catalog_database: Isolated
    ) -> None:
        for address in (flow, f"/flows/lots/{lot}/take", f"/flows/lots/{lot}/hold", "/takings", "/takings/received"):
            assert (await taker.get(address)).status_code == 200, address
        assert await rows(catalog_database, "SELECT * FROM takings") == []


class TestWhoGoesFirst:
    async def test_who_comes_too_early_is_told_from_when_it_is_open_and_why(
        self, publisher: httpx.AsyncClient, taker: httpx.AsyncClient, sign_up: SignUp, clock: Clock
    ) -> None:
        # Open from Tuesday 10 h to Friday 11 December 17 h in Paris: 415 hours, of which the first 40 % are kept.
        flow = await a_flow(publisher, priority_percent="40")
        lot = (await lot_of(publisher, flow))["id"]
        recycler = await sign_up(organisation_name="Recyclage du Lauragais", roles=["buyer"])
        for send in (take, hold):
            refused = said(await send(recycler, lot, "2", level="recycling"))
            assert "ouvert à partir du 01/12/2026 08:01, heure de Paris" in refused
            assert "article L. 541-1" in refused
            assert 'href="#level"' in refused
        assert "Réemploi, par l'ESS" in await shown(recycler, flow)
        assert "à partir du 26/11/2026 03:31" in said(await take(recycler, lot, "2", level="reuse"))
        await took(taker, lot, "2", level="reuse", slot_on="2026-12-02")
        clock.now = datetime(2026, 12, 1, 7, 1, tzinfo=UTC)
        await took(recycler, lot, "2", level="recycling", slot_on="2026-12-02")
        assert "Qui passe d'abord" not in await shown(recycler, flow)

    async def test_with_under_72_hours_to_live_nobody_waits(
        self, publisher: httpx.AsyncClient, taker: httpx.AsyncClient
    ) -> None:
        flow = await a_flow(publisher, priority_percent="90", starts_on="2026-11-25", ends_on="2026-11-26")
        lot = (await lot_of(publisher, flow))["id"]
        await took(taker, lot, "2", level="recovery", slot_on="2026-11-25")


class TestPapers:
    async def test_waste_asks_for_its_papers_one_after_the_other(
        self, publisher: httpx.AsyncClient, taker: httpx.AsyncClient, catalog_database: Isolated
    ) -> None:
        flow = await a_flow(publisher, legal_status="waste", ewc="16 02 13*", quantity_value="1", minimum_value="")
        lot = (await lot_of(publisher, flow))["id"]
        papers: dict[str, str] = {}
        for permit, paper, field, words in (
            ("waste_treatment", {}, "papers", "article"),
            ("hazardous", {}, "papers", "code marqué d'une étoile"),
            (None, {"carrier_receipt": "R-31"}, "carrier_receipt", "au-delà de 100 kg"),
            (None, {"tracking_slip": "BSD-7"}, "tracking_slip", "bordereau de suivi"),
        ):
            refused = said(await take(taker, lot, "0,2", **papers))
            assert f'href="#{field}"' in refused, field
            assert "À vérifier :" in refused
            assert words in refused
            papers |= paper
            if permit:
                await permit_of(catalog_database, permit)
        page = await took(taker, lot, "0,2", **papers)
        assert "BSD-7" in await shown(publisher, page)

    async def test_what_one_may_not_have_is_not_kept_either(
        self, publisher: httpx.AsyncClient, taker: httpx.AsyncClient, catalog_database: Isolated
    ) -> None:
        flow = await a_flow(publisher, legal_status="waste", ewc="15 01 03")
        lot = (await lot_of(publisher, flow))["id"]
        assert "permis de tri ou de traitement" in said(await hold(taker, lot, "2"))
        await permit_of(catalog_database, "waste_treatment")
        await held(taker, lot, "2")

    async def test_a_permit_that_has_expired_is_not_shown_as_declared(
        self, publisher: httpx.AsyncClient, taker: httpx.AsyncClient, catalog_database: Isolated
    ) -> None:
        flow = await a_flow(publisher, legal_status="waste", ewc="15 01 03")
        lot = (await lot_of(publisher, flow))["id"]
        await permit_of(catalog_database, "waste_treatment", expires_on="2026-11-23")
        page = await shown(taker, f"/flows/lots/{lot}/take")
        assert "Expiré" in page
        assert "Déclaré" not in page
