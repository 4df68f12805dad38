"""Exchanges for programs, at the same moment, and about a part of a lot."""

import asyncio
from collections.abc import AsyncIterator
from uuid import uuid4

import httpx
import pytest
from litestar import Litestar
from sqlalchemy import text

from deploy.embedded.engines import Engines
from services.catalog.settings import Settings
from tests.services.catalog.conftest import csrf_of, send_sign_up
from tests.services.catalog.exchanging import of, wrote
from tests.services.catalog.pages import shown
from tests.services.catalog.proposing import made
from tests.services.catalog.suppliers import a_need
from tests.services.catalog.takers import a_flow, an_app, at_a_time, held, lot_of, took
from tests.services.catalog.test_flow_and_offer_wizards import post
from tests.services.catalog.test_http_contract import signed
from tests.support import client_for


async def two(app: Litestar) -> tuple[httpx.AsyncClient, httpx.AsyncClient]:
    """Whose lot or need it is, and who takes or proposes."""
    author, partner = client_for(app), client_for(app)
    assert (await send_sign_up(author, 1, roles=["buyer", "publisher"])).status_code == 303
    assert (await send_sign_up(partner, 2, roles=["ess"])).status_code == 303
    return author, partner


class TestPrograms:
    async def test_they_list_read_and_write(self, buyer: httpx.AsyncClient, supplier: httpx.AsyncClient) -> None:
        exchange = of(await made(supplier, await a_need(buyer)))
        await signed(buyer)
        await signed(supplier)
        (item,) = (await buyer.get("/api/v1/exchanges")).json()["items"]
        assert (item["side"], item["partner"], item["next"]) == ("author", "Traiteur solidaire", "choose")
        assert (item["waits"], item["next_of_partner"], item["unread"]) == (True, None, 0)
        assert (await buyer.get("/api/v1/exchanges?about=flows")).json()["items"] == []
        key = {"idempotency-key": uuid4().hex}
        for _ in range(2):
            answer = await buyer.post(f"/api/v1{exchange}/messages", json={"words": " Mardi ? "}, headers=key)
            assert answer.status_code == 201, answer.text
        await buyer.post(f"/api/v1{exchange}/messages", json={"words": "Ou jeudi."}, headers={"idempotency-key": "b"})
        first = (await supplier.get(f"/api/v1{exchange}/messages?limit=1")).json()
        rest = (await supplier.get(f"/api/v1{exchange}/messages?cursor={first['next']}")).json()
        words = [(each["words"], each["is_own"]) for each in (*first["items"], *rest["items"])]
        assert words == [("Ou jeudi.", False), ("Mardi ?", False)]
        assert rest["next"] is None
        assert (await supplier.get(f"/api/v1{exchange}")).json()["unread"] == 2
        assert (await supplier.post(f"/api/v1{exchange}/read")).status_code == 204
        assert (await supplier.get(f"/api/v1{exchange}")).json()["unread"] == 0

    @pytest.mark.parametrize("body", [{}, {"words": "  "}, {"words": "a" * 4001}, {"words": "Oui.", "once": "x"}])
    async def test_what_is_wrong_is_said(
        self, buyer: httpx.AsyncClient, supplier: httpx.AsyncClient, body: dict[str, str]
    ) -> None:
        exchange = of(await made(supplier, await a_need(buyer)))
        await signed(buyer)
        answer = await buyer.post(f"/api/v1{exchange}/messages", json=body, headers={"idempotency-key": "a"})
        assert answer.status_code in (400, 422)


class TestAtOnce:
    """Requests side by side, each in a transaction of its own."""

    async def test_two_posts_of_one_form_are_one_message(self, lasting_catalog: Litestar) -> None:
        """INVARIANT: of posts that come at once with the same key one is kept, and told once."""
        author, partner = await two(lasting_catalog)
        exchange = of(await made(partner, await a_need(author)))
        sent = {"_csrf": await csrf_of(author, "/needs/new"), "once": str(uuid4()), "words": "Bonjour."}
        answers = await asyncio.gather(*(author.post(f"{exchange}/messages", data=sent) for _ in range(4)))
        assert {each.status_code for each in answers} == {303}
        assert await self._found(lasting_catalog) == ["1"]
        await asyncio.gather(author.aclose(), partner.aclose())

    async def test_of_a_burst_one_is_the_first(self, lasting_catalog: Litestar) -> None:
        """INVARIANT: of messages that come at once exactly one is told as the first unread."""
        author, partner = await two(lasting_catalog)
        exchange = of(await made(partner, await a_need(author)))
        await asyncio.gather(*(wrote(author, exchange, f"Message {number}.") for number in range(4)))
        assert sorted(await self._found(lasting_catalog)) == ["1", "2", "3", "4"]
        await asyncio.gather(author.aclose(), partner.aclose())

    async def _found(self, app: Litestar) -> list[str]:
        told = "SELECT payload->'data'->>'unread' FROM outbox WHERE type = 'catalog.message.posted.v1' ORDER BY id"
        async with app.state.work.sessions() as session:
            return list(await session.scalars(text(told)))


class TestAboutALot:
    @pytest.fixture
    async def house(self, engines: Engines, catalog_settings: Settings) -> AsyncIterator[Litestar]:
        async with at_a_time(engines) as (database, _):
            yield an_app(catalog_settings, database)

    async def test_holder_and_taker_write_to_each_other_and_read_what_happened(self, house: Litestar) -> None:
        holder, taker = await two(house)
        lot = (await lot_of(holder, await a_flow(holder)))["id"]
        option, part = await held(taker, lot, "1"), await took(taker, lot, "2")
        assert "Prenez cette part" in await shown(taker, of(option))
        assert "Tenez cette part prête" in await shown(holder, of(part))
        await wrote(holder, of(part), "Sonnez au quai 3.")
        page = await shown(taker, of(part))
        assert "Sonnez au quai 3." in page
        assert "Part prise par Structure 2" in page
        assert of(part) in await shown(taker, part)
        await post(taker, f"{part}/cancel", _version=1, reason="no_vehicle")
        page = await shown(holder, of(part))
        assert "Enlèvement annulé par Structure 2" in page
        assert "Rien de plus : c'est terminé." in page
        waiting = (await shown(taker, "/exchanges")).split('id="waiting"')[1].split('id="all"')[0]
        assert of(option) in waiting
        await asyncio.gather(holder.aclose(), taker.aclose())
