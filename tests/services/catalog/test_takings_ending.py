"""What is called off, missed or over of a lot, and what its holder may still change while somebody counts on it."""

from datetime import UTC, datetime, timedelta

import httpx

from services.catalog.flows.planning import fire_due
from services.catalog.takings.expiring import fire_takings
from tests.services.catalog.conftest import csrf_of
from tests.services.catalog.pages import said, shown
from tests.services.catalog.takers import PICK_UP, TEN_TONNES, Clock, held, left_told, rows, sums, take, told, took
from tests.services.catalog.test_flow_and_offer_wizards import post
from tests.services.catalog.test_needs import events
from tests.services.catalog.timed import catalog_app, catalog_database, clock, flow, lot, other, publisher, taker, timed
from tests.support import Isolated

__all__ = ["catalog_app", "catalog_database", "clock", "flow", "lot", "other", "publisher", "taker", "timed"]


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
