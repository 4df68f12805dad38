"""Options on parts of lots: how long they last, how often they are made longer, and what frees them."""

from datetime import datetime, timedelta

import httpx

from services.catalog.takings.expiring import fire_takings
from tests.services.catalog.pages import said, shown
from tests.services.catalog.takers import PICK_UP, Clock, a_flow, held, hold, left_told, lot_of, sums, take, told, took
from tests.services.catalog.test_flow_and_offer_wizards import post
from tests.services.catalog.timed import catalog_app, catalog_database, clock, flow, lot, other, publisher, taker, timed
from tests.support import Isolated

__all__ = ["catalog_app", "catalog_database", "clock", "flow", "lot", "other", "publisher", "taker", "timed"]


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
