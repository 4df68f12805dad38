"""Taken parts leave: both sides say how much, and it counts once they agree."""

import asyncio
import re
from datetime import timedelta
from typing import Any

import httpx
import pytest
from litestar import Litestar
from sqlalchemy import text

from services.catalog.takings.expiring import fire_takings
from tests.services.catalog.collecting.conftest import BEGUN, accept, say
from tests.services.catalog.conftest import SignUp, send_sign_up
from tests.services.catalog.pages import said, shown
from tests.services.catalog.takers import Clock, a_flow, lot_of, rows, took
from tests.services.catalog.test_flow_and_offer_wizards import post
from tests.services.catalog.test_needs import events
from tests.support import Isolated, client_for


async def told(database: Isolated, verb: str) -> list[dict[str, Any]]:
    return [each["data"] for each in await events(database, f"catalog.taking.{verb}.v1")]


async def states(database: Isolated) -> tuple[str, str, float]:
    """Of the one taking, and of its lot with what of it has left."""
    (taking,) = await rows(database, "SELECT state FROM takings")
    (lot,) = await rows(database, "SELECT state, collected_value FROM lots")
    return taking.state, lot.state, float(lot.collected_value)


class TestAgreeing:
    async def test_both_say_it_and_it_is_confirmed(
        self, publisher: httpx.AsyncClient, taker: httpx.AsyncClient, part: str, catalog_database: Isolated
    ) -> None:
        assert (await say(taker, part, "9,4", basis="estimated")).status_code == 303
        assert await states(catalog_database) == ("made", "taken", 0)
        assert "a dit son chiffre" in await shown(publisher, part)
        assert (await say(publisher, part, "9,8", ticket="P-2207")).status_code == 303
        assert await states(catalog_database) == ("confirmed", "collected", 10)
        (event,) = await told(catalog_database, "confirmed")
        counted = (event["counted"], event["counted_by"], event["basis"], event["level"], event["by"])
        unit = {"value": "9.8", "unit": "t", "period": "once"}
        assert counted == (unit, "holder", "measured", "reuse", "holder")
        assert "P-2207" not in str(await told(catalog_database, "done"))
        for side in (publisher, taker):
            page = await shown(side, part)
            assert "Chiffre retenu" in page
            assert "ticket P-2207" in page
            assert f"{part}/collect" not in page

    async def test_one_side_alone_confirms_nothing(
        self, taker: httpx.AsyncClient, part: str, catalog_database: Isolated
    ) -> None:
        for value in ("10", "10", "9"):
            assert (await say(taker, part, value)).status_code == 303
        assert "dites d'abord votre chiffre" in said(await accept(taker, part, "9"))
        assert await states(catalog_database) == ("made", "taken", 0)
        assert [each["figure"]["value"] for each in await told(catalog_database, "done")] == ["10", "9"]

    @pytest.mark.parametrize(
        ("holder", "taker_says", "state"),
        [("10", "9", "confirmed"), ("9", "10", "confirmed"), ("10", "8,999", "disputed"), ("9", "10,001", "disputed")],
    )
    async def test_ten_percent_of_the_larger_figure_is_agreement_and_no_more(
        self, publisher: httpx.AsyncClient, taker: httpx.AsyncClient, part: str, catalog_database: Isolated,
        holder: str, taker_says: str, state: str,
    ) -> None:  # fmt: skip
        await say(publisher, part, holder)
        await say(taker, part, taker_says)
        assert (await states(catalog_database))[0] == state

    async def test_a_dispute_ends_when_one_corrects(
        self, publisher: httpx.AsyncClient, taker: httpx.AsyncClient, part: str, catalog_database: Isolated
    ) -> None:
        await say(publisher, part, "10")
        await say(taker, part, "8", words="Deux palettes sont restées.")
        (event,) = await told(catalog_database, "disputed")
        assert (event["holder_says"]["value"], event["taker_says"]["value"], event["by"]) == ("10", "8", "taker")
        for side in (publisher, taker):
            assert "s'écartent de plus de 10 %" in await shown(side, part)
        assert "Deux palettes sont restées." in await shown(publisher, f"{part}/collect")
        await say(publisher, part, "8,2")
        assert (await states(catalog_database))[0] == "confirmed"
        # Both were measured: the smaller, which both can stand for.
        assert [each["counted"]["value"] for each in await told(catalog_database, "confirmed")] == ["8"]

    async def test_a_figure_is_accepted_as_it_was_read(
        self, publisher: httpx.AsyncClient, taker: httpx.AsyncClient, part: str, catalog_database: Isolated
    ) -> None:
        await say(publisher, part, "10")
        await say(taker, part, "8")
        assert "vient de corriger son chiffre" in said(await accept(publisher, part, "9"))
        for _ in range(2):
            assert (await accept(publisher, part, "8")).status_code == 303
        assert [each["counted"]["value"] for each in await told(catalog_database, "confirmed")] == ["8"]
        assert (await say(taker, part, "7")).status_code == 422


class TestBefore:
    async def test_nothing_is_said_before_the_slot_begins(
        self, taker: httpx.AsyncClient, part: str, clock: Clock, catalog_database: Isolated
    ) -> None:
        clock.now = BEGUN - timedelta(seconds=1)
        assert f"{part}/collect" not in await shown(taker, part)
        assert "Rien à dire maintenant" in await shown(taker, f"{part}/collect")
        assert "Son créneau n'a pas commencé" in said(await say(taker, part, "10"))
        assert await told(catalog_database, "done") == []

    async def test_what_is_wrong_is_named_and_what_was_typed_kept(self, taker: httpx.AsyncClient, part: str) -> None:
        refused = said(await say(taker, part, "rien", basis="", ticket="P-1"))
        for word in ('href="#value"', 'href="#basis"', 'value="rien"', 'value="P-1"'):
            assert word in refused, word


class TestMissed:
    async def test_what_one_says_has_left_the_other_does_not_call_missed(
        self, publisher: httpx.AsyncClient, taker: httpx.AsyncClient, part: str, clock: Clock,
        catalog_database: Isolated,
    ) -> None:  # fmt: skip
        clock.now = BEGUN + timedelta(hours=2)
        await say(taker, part, "10")
        assert "/miss" not in await shown(publisher, part)
        assert "dit que c'est enlevé" in said(await post(publisher, f"{part}/miss"))
        # Whoever said so takes it back.
        assert (await post(taker, f"{part}/miss")).status_code == 303
        assert (await states(catalog_database))[0] == "missed"
        assert (await say(publisher, part, "10")).status_code == 422


class TestReminding:
    async def test_who_has_not_said_is_reminded_twice_and_never_again(
        self, taker: httpx.AsyncClient, part: str, clock: Clock, catalog_database: Isolated
    ) -> None:
        for days, awaited in ((1, ["holder", "taker"]), (7, ["holder"])):
            clock.now = BEGUN + timedelta(hours=1, days=days) - timedelta(seconds=1)
            assert await fire_takings(catalog_database) == 0
            clock.now += timedelta(seconds=1)
            assert await fire_takings(catalog_database) == 1
            assert (await told(catalog_database, "unconfirmed"))[-1]["awaited"] == awaited
            await say(taker, part, "10")
        clock.now += timedelta(days=365)
        assert await fire_takings(catalog_database) == 0

    async def test_nobody_is_reminded_of_what_is_settled(
        self, publisher: httpx.AsyncClient, taker: httpx.AsyncClient, part: str, clock: Clock,
        catalog_database: Isolated,
    ) -> None:  # fmt: skip
        await say(publisher, part, "10")
        await say(taker, part, "10")
        clock.now += timedelta(days=9)
        assert await fire_takings(catalog_database) == 0


class TestTheLot:
    async def test_it_is_collected_when_all_its_parts_are(
        self, publisher: httpx.AsyncClient, taker: httpx.AsyncClient, lot: str, clock: Clock,
        catalog_database: Isolated,
    ) -> None:  # fmt: skip
        parts = [await took(taker, lot, "6"), await took(taker, lot, "4")]
        clock.now = BEGUN
        for part, state in zip(parts, ("taken", "collected"), strict=True):
            await say(publisher, part, "5")
            await say(taker, part, "5")
            (found,) = await rows(catalog_database, "SELECT state FROM lots")
            assert found.state == state


class TestWhoMay:
    async def test_a_stranger_finds_nothing(self, part: str, sign_up: SignUp) -> None:
        stranger = await sign_up(organisation_name="Autre", roles=["ess"])
        assert (await stranger.get(f"{part}/collect")).status_code == 404
        assert (await say(stranger, part, "10")).status_code == 404
        assert (await accept(stranger, part, "10")).status_code == 404


async def test_both_at_once_over_connections_of_their_own_are_both_heard(lasting_catalog: Litestar) -> None:
    """INVARIANT: whoever speaks at the same moment, each figure is heard once, and it is settled once."""
    publisher, taker = clients = [client_for(lasting_catalog) for _ in range(2)]
    for number, (client, role) in enumerate(zip(clients, ("publisher", "ess"), strict=True), start=1):
        assert (await send_sign_up(client, number, roles=[role])).status_code == 303
    lot = (await lot_of(publisher, await a_flow(publisher, starts_on="", ends_on="")))["id"]
    # The last day that is offered: of today's the morning may be over.
    day = re.findall(r'<option value="([0-9-]{10})"', (await taker.get(f"/flows/lots/{lot}/take")).text)[-1]
    part = await took(taker, lot, "10", slot_on=day)
    async with lasting_catalog.state.work.sessions.begin() as session:
        begun = "UPDATE takings SET slot_from = now() - interval '1 hour', slot_until = now() + interval '1 hour'"
        await session.execute(text(begun))
    speaking = [(publisher, "10"), (taker, "9,5"), (taker, "9,5"), (publisher, "10")]
    answers = await asyncio.gather(*(insisting(side, part, value) for side, value in speaking))
    for client in clients:
        await client.aclose()
    assert {each.status_code for each in answers} == {303}
    async with lasting_catalog.state.work.sessions() as session:
        verbs = (await session.scalars(text("SELECT subject FROM outbox WHERE subject LIKE 'catalog.taking.%'"))).all()
        states = (
            await session.execute(text("SELECT t.state, l.state, l.collected_value FROM takings t, lots l"))
        ).one()
    assert sorted(verb.split(".")[2] for verb in verbs) == ["confirmed", "done", "done", "made"]
    assert tuple(states) == ("confirmed", "collected", 10)


async def insisting(side: httpx.AsyncClient, part: str, value: str) -> httpx.Response:
    """The answer to a form that is sent again while a busy machine says to come back."""
    for _ in range(30):
        answer = await say(side, part, value)
        if answer.status_code != 503:
            break
    return answer
