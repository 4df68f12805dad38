"""Taking parts of lots: who may, how much is left, when it is free again, who reads it, and what is told of it."""

import asyncio
import re
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest
from litestar import Litestar
from sqlalchemy import text

from services.catalog.flows.planning import fire_due
from services.catalog.takings.expiring import fire_takings
from tests.services.catalog.conftest import SignUp, csrf_of, send_sign_up
from tests.services.catalog.pages import said, shown
from tests.services.catalog.takers import (
    PICK_UP,
    TEN_TONNES,
    Clock,
    a_flow,
    held,
    hold,
    lot_of,
    rows,
    take,
    took,
)
from tests.services.catalog.test_flow_and_offer_wizards import post
from tests.services.catalog.test_needs import events
from tests.services.catalog.timed import catalog_app, catalog_database, clock, publisher, timed
from tests.support import Isolated, client_for

__all__ = ["catalog_app", "catalog_database", "clock", "publisher", "timed"]


@pytest.fixture
async def flow(publisher: httpx.AsyncClient) -> str:
    return await a_flow(publisher)


@pytest.fixture
async def lot(publisher: httpx.AsyncClient, flow: str) -> str:
    return str((await lot_of(publisher, flow))["id"])


@pytest.fixture
async def taker(publisher: httpx.AsyncClient, sign_up: SignUp) -> httpx.AsyncClient:
    return await sign_up(organisation_name="Palettes Garonne", roles=["ess"])


@pytest.fixture
async def other(taker: httpx.AsyncClient, sign_up: SignUp) -> httpx.AsyncClient:
    return await sign_up(organisation_name="Les Ateliers de Muret", roles=["ess"])


async def told(database: Isolated, verb: str) -> list[dict[str, Any]]:
    return [each["data"] for each in await events(database, f"catalog.taking.{verb}.v1")]


async def left_told(database: Isolated) -> list[str]:
    return [each["data"]["left"] for each in await events(database, "catalog.lot.changed.v1")]


async def sums(database: Isolated) -> tuple[str, float, float]:
    (lot,) = await rows(database, "SELECT state, taken_value, held_value FROM lots")
    return lot.state, float(lot.taken_value), float(lot.held_value)


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


class TestHolding:
    async def test_an_option_lasts_the_smaller_of_48_hours_and_a_quarter_of_what_is_left(
        self, publisher: httpx.AsyncClient, taker: httpx.AsyncClient, lot: str, clock: Clock, catalog_database: Isolated
    ) -> None:
        await held(taker, lot, "3")
        assert await sums(catalog_database) == ("released", 0, 3)
        (event,) = await told(catalog_database, "held")
        assert datetime.fromisoformat(event["held_until"]) == clock.now + timedelta(hours=48)
        short = await a_flow(publisher, starts_on="2026-11-25", ends_on="2026-11-25")
        await held(taker, (await lot_of(publisher, short))["id"], "3")
        *_, event = await told(catalog_database, "held")
        # From Tuesday 10 h to Wednesday 17 h in Paris.
        assert datetime.fromisoformat(event["held_until"]) == clock.now + timedelta(hours=31) / 4

    async def test_what_is_kept_is_nobody_elses_until_its_end(
        self, taker: httpx.AsyncClient, other: httpx.AsyncClient, lot: str, clock: Clock, catalog_database: Isolated
    ) -> None:
        page = await held(taker, lot, "8")
        assert "plus rapide" in said(await take(other, lot, "3"))
        clock.now += timedelta(hours=36)
        assert await fire_takings(catalog_database) == 1
        assert [each["taker_name"] for each in await told(catalog_database, "ending")] == ["Palettes Garonne"]
        assert await fire_takings(catalog_database) == 0
        clock.now += timedelta(hours=12)
        await fire_takings(catalog_database)
        assert [each["expired"] for each in await told(catalog_database, "released")] == [True]
        assert await left_told(catalog_database) == ["2", "10"]
        assert await sums(catalog_database) == ("released", 0, 0)
        await took(other, lot, "3")
        assert "Option passée" in await shown(taker, page)
        assert (await post(taker, f"{page}/take", _version=3, **PICK_UP)).status_code == 422

    async def test_an_option_becomes_a_taking(
        self, taker: httpx.AsyncClient, lot: str, catalog_database: Isolated
    ) -> None:
        page = await held(taker, lot, "8")
        assert (await post(taker, f"{page}/take", _version=1, **PICK_UP)).status_code == 303
        assert await sums(catalog_database) == ("released", 8, 0)
        assert [each["version"] for each in await told(catalog_database, "made")] == [2]
        assert (await post(taker, f"{page}/take", _version=2, **PICK_UP)).status_code == 422

    async def test_an_option_that_ended_is_not_taken_although_no_timer_came(
        self, taker: httpx.AsyncClient, lot: str, clock: Clock, catalog_database: Isolated
    ) -> None:
        page = await held(taker, lot, "8")
        clock.now += timedelta(hours=48)
        assert "Cette option est passée" in said(await post(taker, f"{page}/take", _version=1, **PICK_UP))
        assert await sums(catalog_database) == ("released", 0, 8)

    async def test_its_taker_lets_it_go_and_nobody_else(
        self, publisher: httpx.AsyncClient, taker: httpx.AsyncClient, other: httpx.AsyncClient, lot: str,
        catalog_database: Isolated,
    ) -> None:  # fmt: skip
        page = await held(taker, lot, "8")
        assert (await post(other, f"{page}/release", _version=1)).status_code == 404
        assert (await post(publisher, f"{page}/release", _version=1)).status_code == 403
        assert (await post(taker, f"{page}/release", _version=1)).status_code == 303
        assert (await post(taker, f"{page}/release", _version=2)).status_code == 409
        assert await sums(catalog_database) == ("released", 0, 0)

    async def test_the_holder_keeps_it_longer_and_its_taker_does_not(
        self, publisher: httpx.AsyncClient, taker: httpx.AsyncClient, lot: str, clock: Clock, catalog_database: Isolated
    ) -> None:
        page = await held(taker, lot, "8")
        assert (await post(taker, f"{page}/extend", _version=1)).status_code == 403
        assert (await post(publisher, f"{page}/extend", _version=1)).status_code == 303
        first, longer = await told(catalog_database, "held")
        assert datetime.fromisoformat(longer["held_until"]) == clock.now + timedelta(hours=96)
        assert (first["extended"], longer["extended"]) == (False, True)

    async def test_a_taker_keeps_three_things_at_most(
        self, publisher: httpx.AsyncClient, taker: httpx.AsyncClient, lot: str, clock: Clock
    ) -> None:
        second = (await lot_of(publisher, await a_flow(publisher)))["id"]
        first = await held(taker, lot, "1")
        await held(taker, lot, "1")
        await held(taker, second, "1")
        assert "déjà 3 options ouvertes" in said(await hold(taker, second, "1"))
        await post(taker, f"{first}/release", _version=1)
        await held(taker, second, "1")
        clock.now += timedelta(hours=48)
        await held(taker, second, "1")


class TestEnding:
    async def test_either_side_calls_it_off_before_its_slot_and_says_why(
        self, publisher: httpx.AsyncClient, taker: httpx.AsyncClient, lot: str, catalog_database: Isolated
    ) -> None:
        page = await took(taker, lot, "10")
        refused = await post(taker, f"{page}/cancel", _version=1)
        assert (refused.status_code, 'href="#reason"' in refused.text) == (422, True)
        assert (await post(taker, f"{page}/cancel", _version=1, reason="no_vehicle")).status_code == 303
        assert await sums(catalog_database) == ("released", 0, 0)
        page = await took(taker, lot, "4")
        assert (await post(publisher, f"{page}/cancel", _version=1, reason="not_available")).status_code == 303
        cancelled = await told(catalog_database, "cancelled")
        assert [(each["by"], each["reason"]) for each in cancelled] == [
            ("taker", "no_vehicle"),
            ("holder", "not_available"),
        ]
        assert "Le lot n'est plus disponible" in await shown(taker, page)

    async def test_a_freed_lot_comes_back(
        self, taker: httpx.AsyncClient, other: httpx.AsyncClient, lot: str, catalog_database: Isolated
    ) -> None:
        """INVARIANT: what readers heard last of a flow is whether something of it is left."""
        page = await took(taker, lot, "10")
        assert await left_told(catalog_database) == ["0"]
        await post(taker, f"{page}/cancel", _version=1, reason="no_room")
        assert await left_told(catalog_database) == ["0", "10"]
        (updated,) = await events(catalog_database, "catalog.flow.updated.v1")
        (all_taken,) = await events(catalog_database, "catalog.flow.taken.v1")
        assert updated["data"]["version"] == all_taken["data"]["version"] + 1
        assert "Palettes bois de Fenouillet" in await shown(other, "/flows")

    async def test_what_has_begun_is_not_called_off(
        self, taker: httpx.AsyncClient, lot: str, clock: Clock, catalog_database: Isolated
    ) -> None:
        page = await took(taker, lot, "6")
        clock.now = datetime(2026, 12, 1, 8, 30, tzinfo=UTC)
        assert "ne s'annule plus" in said(await post(taker, f"{page}/cancel", _version=1, reason="no_room"))
        assert (await post(taker, f"{page}/miss", _version=1)).status_code == 409
        assert await sums(catalog_database) == ("released", 6, 0)

    async def test_what_was_missed_is_free_again_while_the_lot_lives(
        self, publisher: httpx.AsyncClient, taker: httpx.AsyncClient, other: httpx.AsyncClient, lot: str, clock: Clock,
        catalog_database: Isolated,
    ) -> None:  # fmt: skip
        page = await took(taker, lot, "10")
        clock.now = datetime(2026, 12, 1, 9, 0, tzinfo=UTC)
        assert (await post(publisher, f"{page}/miss", _version=1)).status_code == 303
        assert [each["by"] for each in await told(catalog_database, "missed")] == ["holder"]
        await took(other, lot, "7", slot_on="2026-12-03")
        assert await sums(catalog_database) == ("released", 7, 0)

    async def test_what_was_missed_of_a_lot_that_is_over_stays_missed(
        self, publisher: httpx.AsyncClient, taker: httpx.AsyncClient, lot: str, clock: Clock, catalog_database: Isolated
    ) -> None:
        page = await took(taker, lot, "10", slot_on="2026-12-11", slot_from="16:00", slot_until="17:00")
        clock.now = datetime(2026, 12, 11, 16, 0, tzinfo=UTC)
        await fire_due(catalog_database)
        assert (await post(publisher, f"{page}/miss", _version=1)).status_code == 303
        assert await sums(catalog_database) == ("missed", 0, 0)

    async def test_a_lot_expires_for_what_is_left_of_it_alone(
        self, taker: httpx.AsyncClient, lot: str, clock: Clock, catalog_database: Isolated
    ) -> None:
        await took(taker, lot, "6")
        clock.now = datetime(2026, 12, 11, 16, 0, tzinfo=UTC)
        await fire_due(catalog_database)
        assert await sums(catalog_database) == ("taken", 6, 0)
        (gone,) = await events(catalog_database, "catalog.lot.expired.v1")
        assert gone["data"]["left"] == "0"

    async def test_a_change_that_a_colleague_made_meanwhile_is_not_written_over(
        self, taker: httpx.AsyncClient, lot: str, catalog_database: Isolated
    ) -> None:
        page = await held(taker, lot, "6")
        for verb, more in (("release", {}), ("take", PICK_UP)):
            assert (await post(taker, f"{page}/{verb}", _version=7, **more)).status_code in (412, 422)
        assert await sums(catalog_database) == ("released", 0, 6)


class TestHolder:
    async def test_a_one_off_that_somebody_counts_on_does_not_follow_its_flow(
        self, publisher: httpx.AsyncClient, taker: httpx.AsyncClient, flow: str, lot: str, catalog_database: Isolated
    ) -> None:
        await took(taker, lot, "6")
        edit = await csrf_of(publisher, f"{flow}/edit")
        (known,) = await rows(catalog_database, "SELECT version FROM flows")
        changed = {**{"quantity_value": "2", "starts_on": "2026-12-07"}, "_version": known.version, "_csrf": edit}
        answer = await publisher.post(flow, data={**TEN_TONNES, "minimum_value": "", **changed})
        assert answer.status_code == 303, answer.text
        (kept,) = await rows(catalog_database, "SELECT day, quantity_value FROM lots")
        assert (kept.day.isoformat(), kept.quantity_value) == ("2026-11-30", 10)

    async def test_a_lot_is_not_corrected_below_what_is_promised(
        self, publisher: httpx.AsyncClient, taker: httpx.AsyncClient, lot: str, catalog_database: Isolated
    ) -> None:
        await took(taker, lot, "6")
        for quantity in ("5,9", "6"):
            (known,) = await rows(catalog_database, "SELECT version FROM lots")
            await post(publisher, f"/flows/lots/{lot}", quantity_value=quantity, _version=known.version)
        (kept,) = await rows(catalog_database, "SELECT state, quantity_value FROM lots")
        assert (kept.state, kept.quantity_value) == ("taken", 6)
        assert len(await events(catalog_database, "catalog.flow.taken.v1")) == 1

    async def test_a_flow_that_ends_keeps_what_is_taken(
        self, publisher: httpx.AsyncClient, taker: httpx.AsyncClient, other: httpx.AsyncClient, flow: str, lot: str,
        clock: Clock, catalog_database: Isolated,
    ) -> None:  # fmt: skip
        page = await took(taker, lot, "6")
        option = await held(other, lot, "2")
        await post(publisher, f"{flow}/end")
        assert await sums(catalog_database) == ("taken", 6, 2)
        assert "n'est plus à prendre" in said(await post(other, f"{option}/take", _version=1, **PICK_UP))
        await post(taker, f"{page}/cancel", _version=1, reason="other")
        clock.now += timedelta(days=3)
        await fire_takings(catalog_database)
        assert await sums(catalog_database) == ("expired", 0, 0)

    async def test_a_resumed_flow_of_which_nothing_is_left_stays_out_of_sight(
        self, publisher: httpx.AsyncClient, taker: httpx.AsyncClient, flow: str, lot: str, catalog_database: Isolated
    ) -> None:
        await took(taker, lot, "10")
        for verb in ("pause", "resume"):
            assert (await post(publisher, f"{flow}/{verb}")).status_code == 303
        assert len(await events(catalog_database, "catalog.flow.taken.v1")) == 2
        assert "Palettes bois de Fenouillet" not in await shown(taker, "/flows")

    async def test_the_smallest_part_is_the_holders_although_the_flow_counts_otherwise_since(
        self, publisher: httpx.AsyncClient, taker: httpx.AsyncClient, other: httpx.AsyncClient, flow: str, lot: str,
        catalog_database: Isolated,
    ) -> None:  # fmt: skip
        await took(taker, lot, "2")
        edit = await csrf_of(publisher, f"{flow}/edit")
        (known,) = await rows(catalog_database, "SELECT version FROM flows")
        in_kg = {"quantity_value": "10000", "quantity_unit": "kg", "minimum_value": "1000"}
        answer = await publisher.post(flow, data={**TEN_TONNES, **in_kg, "_version": known.version, "_csrf": edit})
        assert answer.status_code == 303, answer.text
        assert "part minimale : 1 t" in await shown(other, f"/flows/lots/{lot}/take")
        assert "La part minimale est de 1 t" in said(await take(other, lot, "0,5"))
        await took(other, lot, "2")

    async def test_an_option_on_what_is_not_given_any_more_keeps_nothing(
        self, publisher: httpx.AsyncClient, taker: httpx.AsyncClient, flow: str, lot: str
    ) -> None:
        page = await held(taker, lot, "2")
        await post(publisher, f"{flow}/end")
        assert "Prendre cette part" not in await shown(taker, page)
        assert "Prolonger" not in await shown(publisher, page)
        assert (await post(publisher, f"{page}/extend", _version=1)).status_code == 409


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


async def insisting(send: Any, taker: httpx.AsyncClient, lot: str, **more: str) -> httpx.Response:
    """The answer to a form that is sent again, with its number, while a busy machine says to come back."""
    once = str(uuid4())
    for _ in range(30):
        answer: httpx.Response = await send(taker, lot, "1", once=once, **more)
        if answer.status_code != 503:
            break
    return answer


async def test_many_takers_at_once_never_take_more_than_there_is(lasting_catalog: Litestar) -> None:
    """INVARIANT: a lot is never over-taken, whoever comes at the same moment, over connections of their own."""
    clients = [client_for(lasting_catalog) for _ in range(6)]
    publisher, *takers = clients
    for number, client in enumerate(clients, start=1):
        answer = await send_sign_up(client, number, roles=["publisher" if number == 1 else "ess"])
        assert answer.status_code == 303, answer.text
    dates = {"starts_on": "", "ends_on": ""}
    lot = (await lot_of(publisher, await a_flow(publisher, **dates)))["id"]
    # The last day that is offered: of today's the morning may be over.
    day = re.findall(r'<option value="([0-9-]{10})"', (await takers[0].get(f"/flows/lots/{lot}/take")).text)[-1]
    forms: list[tuple[Any, dict[str, str]]] = [(take, {"slot_on": day}), (take, {"slot_on": day}), (hold, {})]
    pressed = [insisting(send, taker, lot, **more) for taker in takers for send, more in forms]
    answers = await asyncio.gather(*pressed)
    for client in clients:
        await client.aclose()
    assert {each.status_code for each in answers} == {303, 422}
    assert sum(each.status_code == 303 for each in answers) == 10
    async with lasting_catalog.state.work.sessions() as session:
        found = await session.execute(text("SELECT taken_value, held_value FROM lots"))
        taken, kept = found.one()
        counted = await session.execute(text("SELECT state, sum(quantity_value) AS value FROM takings GROUP BY state"))
        parts = {row.state: row.value for row in counted}
    assert taken + kept == 10
    assert parts == {state: value for state, value in (("made", taken), ("held", kept)) if value}
