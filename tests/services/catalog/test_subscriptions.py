"""Subscribing to a flow: who may, who decides and when, what opens for whom, what is freed, and what is told of it."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest
from litestar import Litestar
from sqlalchemy import text

from services.catalog.flows.planning import fire_due
from services.catalog.subscriptions.serving import serve_lots
from services.catalog.takings.expiring import fire_takings
from tests.services.catalog.conftest import SignUp, csrf_of
from tests.services.catalog.pages import said, shown
from tests.services.catalog.subscribers import a_weekly_flow, ask, asked, call_off, parts, subscribed
from tests.services.catalog.takers import Clock, a_flow, rows, take
from tests.services.catalog.test_flow_and_offer_wizards import post
from tests.services.catalog.test_needs import events
from tests.services.catalog.timed import catalog_app, catalog_database, clock, publisher, taker, timed
from tests.support import Isolated, client_for

__all__ = ["catalog_app", "catalog_database", "clock", "publisher", "taker", "timed"]


@pytest.fixture
async def flow(publisher: httpx.AsyncClient) -> str:
    return await a_weekly_flow(publisher)


@pytest.fixture
async def recycler(taker: httpx.AsyncClient, sign_up: SignUp) -> httpx.AsyncClient:
    return await sign_up(organisation_name="Recyclage du Lauragais", roles=["buyer"])


async def told(database: Isolated, verb: str) -> list[dict[str, Any]]:
    return [each["data"] for each in await events(database, f"catalog.subscription.{verb}.v1")]


async def terms(publisher: httpx.AsyncClient, flow: str, **said: object) -> httpx.Response:
    return await post(publisher, f"{flow}/subscriptions", **{"_version": 0, **said})


async def lots(database: Isolated) -> list[Any]:
    return await rows(database, "SELECT id, day, state, taken_value, held_value, serve_at FROM lots ORDER BY day")


class TestAsking:
    async def test_it_is_asked_for_and_read_by_its_two_sides(
        self, publisher: httpx.AsyncClient, taker: httpx.AsyncClient, recycler: httpx.AsyncClient, flow: str,
        catalog_database: Isolated,
    ) -> None:  # fmt: skip
        page = await asked(taker, flow)
        (event,) = await told(catalog_database, "asked")
        assert (event["percent"], event["taker_name"], event["until_on"]) == (40, "Palettes Garonne", "2027-11-24")
        for reader in (publisher, taker):
            assert "40 % de chaque lot" in await shown(reader, page)
            assert "40 % de chaque lot" in await shown(reader, f"{flow}/subscriptions")
        assert "40 % de chaque lot" in await shown(taker, "/subscriptions")
        assert "Palettes Garonne" in await shown(publisher, "/subscriptions/received")
        assert (await recycler.get(page)).status_code == 404
        assert "40 % de chaque lot" not in await shown(recycler, f"{flow}/subscriptions")

    async def test_pressed_twice_it_is_asked_once_and_two_wait_not_together(
        self, taker: httpx.AsyncClient, flow: str, catalog_database: Isolated
    ) -> None:
        once = str(uuid4())
        assert len({await asked(taker, flow, once=once) for _ in range(2)}) == 1
        assert "déjà demandé" in said(await ask(taker, flow))
        assert len(await told(catalog_database, "asked")) == 1

    @pytest.mark.parametrize(
        ("changes", "field"),
        [
            ({"percent": ""}, "quantity_value"),
            ({"quantity_value": "2"}, "quantity_value"),
            ({"percent": "", "quantity_value": "0,5"}, "quantity_value"),
            ({"percent": "101"}, "percent"),
            ({"from_on": "2026-11-23"}, "from_on"),
            ({"until_on": "2026-11-23"}, "until_on"),
            ({"until_on": "2031-11-24"}, "until_on"),
            ({"slot_until": "18:00"}, "slot_from"),
            ({"transport": "holder"}, "transport"),
            ({"level": ""}, "level"),
        ],
    )
    async def test_what_does_not_fit_names_its_field_and_keeps_what_was_typed(
        self, taker: httpx.AsyncClient, flow: str, changes: dict[str, str], field: str
    ) -> None:
        refused = await ask(taker, flow, words="Chaque vendredi.", **changes)
        assert refused.status_code == 422
        assert f'href="#{field}"' in refused.text
        assert "Chaque vendredi." in refused.text

    async def test_ones_own_flow_and_what_does_not_come_back_are_refused(
        self, publisher: httpx.AsyncClient, taker: httpx.AsyncClient, flow: str
    ) -> None:
        assert "votre entité" in said(await ask(publisher, flow))
        assert "n'a qu'un lot" in said(await ask(taker, await a_flow(publisher)))

    async def test_who_asked_reads_why_not(
        self, publisher: httpx.AsyncClient, taker: httpx.AsyncClient, flow: str, catalog_database: Isolated
    ) -> None:
        page = await asked(taker, flow)
        assert (await post(taker, f"{page}/accept", _version=1)).status_code == 403
        refused = await post(publisher, f"{page}/refuse", _version=1)
        assert (refused.status_code, 'href="#reason"' in refused.text) == (422, True)
        assert (await post(publisher, f"{page}/refuse", _version=1, reason="promised")).status_code == 303
        assert "Tout est déjà promis" in await shown(taker, page)
        assert [each["reason"] for each in await told(catalog_database, "refused")] == ["promised"]


class TestServing:
    async def test_a_lot_that_opens_goes_to_its_subscribers_in_order_and_once(
        self, publisher: httpx.AsyncClient, taker: httpx.AsyncClient, recycler: httpx.AsyncClient, flow: str,
        clock: Clock, catalog_database: Isolated,
    ) -> None:  # fmt: skip
        """INVARIANT: the better treatment first, the ESS before others; never more than there is; however often."""
        await subscribed(publisher, recycler, flow, percent="80", level="recycling")
        await subscribed(publisher, taker, flow, percent="", quantity_value="6")
        clock.now = datetime(2026, 11, 26, 9, 0, tzinfo=UTC)
        for _ in range(2):
            await fire_due(catalog_database)
            await serve_lots(catalog_database)
        assert await parts(catalog_database) == [("Palettes Garonne", "made", 6), ("Recyclage du Lauragais", "made", 4)]
        made = [each["data"] for each in await events(catalog_database, "catalog.taking.made.v1")]
        assert [each["wanted"] and each["wanted"]["value"] for each in made] == [None, "8"]
        assert all(each["subscription_id"] for each in made)
        # The day after the lot's, from 9 to 10 in Paris.
        assert {each["slot_from"] for each in made} == {"2026-12-11T08:00:00Z"}
        assert [lot.serve_at for lot in await lots(catalog_database)] == [None] * len(await lots(catalog_database))

    async def test_nobody_else_is_faster_than_a_subscriber(
        self, publisher: httpx.AsyncClient, taker: httpx.AsyncClient, recycler: httpx.AsyncClient, flow: str,
        catalog_database: Isolated,
    ) -> None:  # fmt: skip
        await subscribed(publisher, taker, flow)
        assert (await call_off(publisher, flow)).status_code == 303
        lot = (await lots(catalog_database))[0].id
        quick = await take(recycler, lot, "8", level="recycling", slot_on="2026-11-25")
        assert "abonnés sont servis d'abord" in said(quick)
        await serve_lots(catalog_database)
        assert (await take(recycler, lot, "6", level="recycling", slot_on="2026-11-25")).status_code == 303
        assert sorted(await parts(catalog_database)) == [
            ("Palettes Garonne", "made", 4), ("Recyclage du Lauragais", "made", 6),
        ]  # fmt: skip

    async def test_a_permit_that_lapsed_takes_nothing_and_both_are_told(
        self, publisher: httpx.AsyncClient, taker: httpx.AsyncClient, catalog_database: Isolated
    ) -> None:
        flow = await a_weekly_flow(publisher, legal_status="waste", ewc="15 01 03")
        assert "permis de tri" in said(await ask(taker, flow))
        permit = "jsonb_build_array(jsonb_build_object('code', 'waste_treatment', 'expires_on', CAST(:day AS text)))"
        lapse = text(f"UPDATE organisations SET permits = {permit} WHERE name = 'Palettes Garonne'")
        async with catalog_database.sessions.begin() as session:
            await session.execute(lapse, {"day": None})
        await subscribed(publisher, taker, flow, carrier_receipt="R-2031")
        async with catalog_database.sessions.begin() as session:
            await session.execute(lapse, {"day": "2026-11-23"})
        await call_off(publisher, flow)
        await serve_lots(catalog_database)
        assert await parts(catalog_database) == []
        assert [each["reason"] for each in await told(catalog_database, "unserved")] == ["papers"]

    async def test_a_paused_one_is_not_served_and_one_that_ends_is_until_its_notice_is_over(
        self, publisher: httpx.AsyncClient, taker: httpx.AsyncClient, flow: str, catalog_database: Isolated,
        clock: Clock,
    ) -> None:  # fmt: skip
        page = await subscribed(publisher, taker, flow)
        assert (await post(publisher, f"{page}/pause", _version=2)).status_code == 303
        assert (await post(taker, f"{page}/resume", _version=3)).status_code == 403
        await call_off(publisher, flow)
        await serve_lots(catalog_database)
        assert await parts(catalog_database) == []
        assert (await post(publisher, f"{page}/resume", _version=3)).status_code == 303
        assert (await post(taker, f"{page}/end", _version=4)).status_code == 303
        assert [each["until_on"] for each in await told(catalog_database, "ended")] == ["2026-12-08"]
        await call_off(publisher, flow, day_on="2026-11-25")
        await serve_lots(catalog_database)
        assert await parts(catalog_database) == [("Palettes Garonne", "made", 4)]
        clock.now += timedelta(days=15)
        await fire_due(catalog_database)
        await serve_lots(catalog_database)
        assert len(await parts(catalog_database)) == 1
        assert "Terminé" in await shown(taker, page)

    async def test_a_newer_one_takes_the_place_of_the_older(
        self, publisher: httpx.AsyncClient, taker: httpx.AsyncClient, flow: str, catalog_database: Isolated
    ) -> None:
        await subscribed(publisher, taker, flow)
        await subscribed(publisher, taker, flow, percent="70", from_on="2026-11-26")
        (event,) = await told(catalog_database, "ended")
        assert (event["replaced"], event["until_on"]) == (True, "2026-11-25")
        await call_off(publisher, flow, day_on="2026-11-27")
        await serve_lots(catalog_database)
        assert await parts(catalog_database) == [("Palettes Garonne", "made", 7)]


class TestOpenToAll:
    async def test_whoever_asks_is_accepted_at_once(
        self, publisher: httpx.AsyncClient, taker: httpx.AsyncClient, flow: str, catalog_database: Isolated
    ) -> None:
        assert (await terms(publisher, flow, open_to_all="true")).status_code == 303
        assert "En cours" in await shown(taker, await asked(taker, flow))
        assert [each["automatic"] for each in await told(catalog_database, "accepted")] == [True]

    async def test_only_the_holder_says_so(self, taker: httpx.AsyncClient, flow: str) -> None:
        assert (await terms(taker, flow, open_to_all="true")).status_code == 404


class TestCalls:
    async def test_a_public_holder_chooses_after_a_call(
        self, publisher: httpx.AsyncClient, taker: httpx.AsyncClient, flow: str, clock: Clock,
        catalog_database: Isolated,
    ) -> None:  # fmt: skip
        """INVARIANT: of a public holder's flow nobody is chosen before all who wanted to answer could."""
        async with catalog_database.sessions.begin() as session:
            public = text("UPDATE organisations SET roles = array_append(roles, 'territory') WHERE name = 'Sogalog'")
            await session.execute(public)
        assert "Aucun appel n'est ouvert" in said(await ask(taker, flow))
        assert "elle choisit ses abonnés après un appel" in said(await terms(publisher, flow, open_to_all="true"))
        days = {"call_opens_on": "2026-11-25", "call_closes_on": "2026-12-01"}
        assert "Écrivez les critères" in said(await terms(publisher, flow, **days))
        days["criteria"] = "Réemploi, distance, insertion."
        assert (await terms(publisher, flow, **days)).status_code == 303
        assert "du 25/11/2026 au 01/12/2026" in said(await ask(taker, flow))
        clock.now = datetime(2026, 11, 26, 9, 0, tzinfo=UTC)
        assert "Réemploi, distance, insertion." in await shown(taker, f"{flow}/subscriptions")
        assert "ne changent plus" in said(await terms(publisher, flow, _version=1, **{**days, "criteria": "Le prix"}))
        page = await asked(taker, flow, from_on="2026-12-10")
        early = await post(publisher, f"{page}/accept", _version=1)
        assert (early.status_code, "court jusqu'au 01/12/2026" in said(early)) == (409, True)
        assert "Accepter" not in await shown(publisher, page)
        clock.now = datetime(2026, 12, 2, 9, 0, tzinfo=UTC)
        assert (await post(publisher, f"{page}/accept", _version=1)).status_code == 303


class TestCallingOff:
    async def test_pressed_twice_one_lot_is_opened(
        self, publisher: httpx.AsyncClient, flow: str, catalog_database: Isolated
    ) -> None:
        once = str(uuid4())
        for _ in range(2):
            assert (await call_off(publisher, flow, once=once)).status_code == 303
        first = (await lots(catalog_database))[0]
        assert (str(first.day), first.state) == ("2026-11-24", "released")

    @pytest.mark.parametrize(
        ("changes", "words"),
        [({"day_on": "2026-11-26"}, "a déjà son lot"), ({"day_on": "2026-12-20"}, "se prend bientôt")],
    )
    async def test_a_day_has_one_lot_and_an_extra_one_is_for_now(
        self, publisher: httpx.AsyncClient, flow: str, changes: dict[str, str], words: str, catalog_database: Isolated
    ) -> None:
        before = len(await lots(catalog_database))
        refused = await call_off(publisher, flow, "7,5", **changes)
        assert refused.status_code == 422
        page = said(refused)
        assert words in page.split('id="day_on-error"')[1].split("</p>")[0]
        for typed in ('value="7,5"', f'value="{changes["day_on"]}"'):
            assert typed in page, typed
        assert len(await lots(catalog_database)) == before

    async def test_what_is_no_quantity_comes_back_as_it_was_typed_and_opens_nothing(
        self, publisher: httpx.AsyncClient, flow: str, catalog_database: Isolated
    ) -> None:
        before, once = len(await lots(catalog_database)), str(uuid4())
        for quantity in ("beaucoup", ""):
            refused = await call_off(publisher, flow, quantity, once=once)
            assert refused.status_code == 422
            page = said(refused)
            assert 'id="quantity_value-error"' in page
            assert once in page
            assert 'value="2026-11-24"' in page
        assert "beaucoup" in said(await call_off(publisher, flow, "beaucoup"))
        assert len(await lots(catalog_database)) == before
        assert (await call_off(publisher, flow, once=once)).status_code == 303

    async def test_of_a_paused_flow_it_is_refused_in_words(self, publisher: httpx.AsyncClient, flow: str) -> None:
        await post(publisher, f"{flow}/pause")
        refused = await call_off(publisher, flow)
        assert (refused.status_code, "reprenez-le d'abord" in said(refused)) == (422, True)

    async def test_nobody_else_calls_it_off(
        self, taker: httpx.AsyncClient, flow: str, catalog_database: Isolated
    ) -> None:
        before = len(await lots(catalog_database))
        await call_off(taker, flow)
        assert len(await lots(catalog_database)) == before

    async def test_the_rule_goes_on_as_before(
        self, publisher: httpx.AsyncClient, flow: str, catalog_database: Isolated, clock: Clock
    ) -> None:
        await call_off(publisher, flow, day_on="2026-11-27")
        await post(publisher, f"{flow}/pause")
        await post(publisher, f"{flow}/resume")
        clock.now += timedelta(days=7)
        await fire_due(catalog_database)
        days = [str(lot.day) for lot in await lots(catalog_database)]
        assert days == ["2026-11-26", "2026-11-27", "2026-12-03", "2026-12-10", "2026-12-17", "2026-12-24"]


class TestFallback:
    async def missed(self, publisher: httpx.AsyncClient, database: Isolated, clock: Clock, name: str) -> None:
        query = "SELECT t.id, t.version FROM takings t JOIN organisations o ON o.id = taker_id WHERE t.state = 'made' "
        (taking,) = await rows(database, f"{query} AND o.name = '{name}'")
        clock.now = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)
        assert (await post(publisher, f"/takings/{taking.id}/miss", _version=taking.version)).status_code == 303

    async def test_a_missed_part_is_kept_for_whoever_is_next_and_then_free_for_all(
        self, publisher: httpx.AsyncClient, taker: httpx.AsyncClient, recycler: httpx.AsyncClient, flow: str,
        clock: Clock, catalog_database: Isolated,
    ) -> None:  # fmt: skip
        await subscribed(publisher, taker, flow)
        await subscribed(publisher, recycler, flow, percent="20", level="recycling")
        await call_off(publisher, flow)
        await serve_lots(catalog_database)
        await self.missed(publisher, catalog_database, clock, "Palettes Garonne")
        for _ in range(2):
            await serve_lots(catalog_database)
        assert await parts(catalog_database) == [
            ("Palettes Garonne", "missed", 4), ("Recyclage du Lauragais", "made", 2),
            ("Recyclage du Lauragais", "held", 4),
        ]  # fmt: skip
        (event,) = [each["data"] for each in await events(catalog_database, "catalog.taking.held.v1")]
        assert (event["offered"], event["taker_name"]) == (True, "Recyclage du Lauragais")
        clock.now = datetime.fromisoformat(event["held_until"])
        await fire_takings(catalog_database)
        lot = (await lots(catalog_database))[0]
        assert (lot.held_value, lot.taken_value, lot.serve_at) == (0, 2, None)

    async def test_who_the_holder_named_goes_before_subscribers(
        self, publisher: httpx.AsyncClient, taker: httpx.AsyncClient, recycler: httpx.AsyncClient, flow: str,
        clock: Clock, catalog_database: Isolated, sign_up: SignUp,
    ) -> None:  # fmt: skip
        third = await sign_up(organisation_name="Les Ateliers de Muret", roles=["ess"])
        await subscribed(publisher, taker, flow)
        await subscribed(publisher, recycler, flow, percent="20", level="recycling")
        (named,) = await rows(catalog_database, "SELECT id FROM organisations WHERE name = 'Les Ateliers de Muret'")
        assert "déjà pris de ce gisement" in said(await terms(publisher, flow, fallback_id=str(named.id)))
        page = await asked(third, flow)
        assert (await post(publisher, f"{page}/refuse", _version=1, reason="promised")).status_code == 303
        assert (await terms(publisher, flow, fallback_id=str(named.id))).status_code == 303
        await call_off(publisher, flow)
        await serve_lots(catalog_database)
        await self.missed(publisher, catalog_database, clock, "Palettes Garonne")
        await serve_lots(catalog_database)
        assert ("Les Ateliers de Muret", "held", 4) in await parts(catalog_database)


async def once(client: httpx.AsyncClient) -> dict[str, str]:
    return {"idempotency-key": uuid4().hex, "x-csrf-token": await csrf_of(client, "/flows/new")}


class TestJson:
    async def test_the_same_by_a_program(
        self, publisher: httpx.AsyncClient, taker: httpx.AsyncClient, flow: str, catalog_app: Litestar
    ) -> None:
        flow_id = flow.rsplit("/", 1)[-1]
        body = {"flow_id": flow_id, "percent": 40, "level": "reuse", "transport": "own", "from_on": "2026-11-25",
                "until_on": "2027-01-31"}  # fmt: skip
        made = (await taker.post("/api/v1/subscriptions", json=body, headers=await once(taker))).json()
        assert made.get("state"), made
        assert (made["state"], made["percent"], made["version"]) == ("asked", 40, 1)
        accepted = await publisher.post(
            f"/api/v1/subscriptions/{made['id']}/accept", headers={**await once(publisher), "if-match": '"1"'}
        )
        assert accepted.json()["state"] == "accepted"
        assert len((await publisher.get("/api/v1/subscriptions/received")).json()["items"]) == 1
        lot = await publisher.post(
            "/api/v1/flows/call-offs", json={"flow_id": flow_id, "quantity_value": "3"}, headers=await once(publisher)
        )
        assert (lot.status_code, lot.json()["left"]) == (201, "3")
        async with client_for(catalog_app) as visitor:
            found = (await visitor.get(f"/api/v1/subscriptions/terms/{flow_id}")).json()
            assert found["open_to_all"] is False
            assert (await visitor.get(f"/api/v1/subscriptions/{made['id']}")).status_code in (401, 403, 404)
