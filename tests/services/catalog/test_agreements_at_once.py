"""Agreements under requests that come at the same moment; and the same rules for programs."""

import asyncio
from typing import Any
from uuid import uuid4

import httpx
import pytest
from litestar import Litestar
from sqlalchemy import text

from tests.services.catalog.agreeing import chosen, concluded, document_of, sign
from tests.services.catalog.conftest import csrf_of, send_sign_up
from tests.services.catalog.test_http_contract import signed
from tests.support import client_for


class TestAtOnce:
    """Requests side by side, each in a transaction of its own."""

    async def _people(self, app: Litestar) -> tuple[httpx.AsyncClient, httpx.AsyncClient, str]:
        buyer, supplier = client_for(app), client_for(app)
        assert (await send_sign_up(buyer, 1)).status_code == 303
        assert (await send_sign_up(supplier, 2, roles=["ess"])).status_code == 303
        return buyer, supplier, await chosen(buyer, supplier)

    async def _found(self, app: Litestar) -> tuple[list[Any], list[str]]:
        async with app.state.work.sessions() as session:
            rows = list(await session.execute(text("SELECT state, revision FROM agreements")))
            told = "SELECT split_part(type, '.', 3) FROM outbox WHERE type LIKE 'catalog.agreement.%' ORDER BY id"
            return rows, list(await session.scalars(text(told)))

    async def test_concluded_twice_at_once_it_is_one(self, lasting_catalog: Litestar) -> None:
        buyer, supplier, proposal = await self._people(lasting_catalog)
        sent = {"_csrf": await csrf_of(buyer, "/needs/new"), "nature": "order"}
        answers = await asyncio.gather(*(buyer.post(f"{proposal}/agreement", data=sent) for _ in range(4)))
        assert {each.status_code for each in answers} == {303}
        assert await self._found(lasting_catalog) == ([("concluded", 1)], ["concluded"])
        await asyncio.gather(buyer.aclose(), supplier.aclose())

    async def test_two_signatures_at_once_make_it_run_once(self, lasting_catalog: Litestar) -> None:
        """INVARIANT: of two signatures that come at once the second sees the first: exactly one of them lets it run."""
        buyer, supplier, proposal = await self._people(lasting_catalog)
        agreement = await concluded(buyer, proposal)
        document = await document_of(buyer, agreement)
        both = [sign(each, agreement, document=document) for each in (buyer, supplier, buyer, supplier)]
        assert {each.status_code for each in await asyncio.gather(*both)} == {303}
        rows, told = await self._found(lasting_catalog)
        assert (rows, told) == ([("running", 1)], ["concluded", "signed", "running"])
        await asyncio.gather(buyer.aclose(), supplier.aclose())

    @pytest.mark.parametrize("order", [1, -1])
    async def test_signed_beside_a_change_nobody_is_bound_by_what_they_did_not_read(
        self, lasting_catalog: Litestar, order: int
    ) -> None:
        """INVARIANT: whatever comes first, no signature of the old document counts for the new one."""
        buyer, supplier, proposal = await self._people(lasting_catalog)
        agreement = await concluded(buyer, proposal)
        document = await document_of(buyer, agreement)
        sent = {"_csrf": await csrf_of(buyer, "/needs/new"), "_version": 1, "nature": "order", "terms": "Autre"}
        at_once = [buyer.post(agreement, data=sent), sign(supplier, agreement, document=document)]
        answers = await asyncio.gather(*at_once[::order])
        assert max(each.status_code for each in answers) < 500
        (row,), told = await self._found(lasting_catalog)
        assert row.state == "concluded"
        # A change that came second finds another version than the one it saw.
        assert (row.revision == 2) is ("changed" in told)
        refused = (await sign(supplier, agreement, document=document)).status_code == 422
        assert refused is (row.revision == 2)
        await asyncio.gather(buyer.aclose(), supplier.aclose())


# Whichever version it is.
ANY = {"if-match": "*"}


class TestAsJson:
    """The same rules for programs."""

    async def test_it_is_concluded_changed_signed_and_completed(
        self, buyer: httpx.AsyncClient, supplier: httpx.AsyncClient
    ) -> None:
        proposal = (await chosen(buyer, supplier)).rsplit("/", 1)[-1]
        theirs, ours = await signed(supplier), await signed(buyer)
        once = {"idempotency-key": uuid4().hex}
        body = {"proposal_id": proposal, "nature": "order", "milestones": [{"label": "Essai"}]}
        first = await ours.post("/api/v1/agreements", json=body, headers=once)
        assert (first.status_code, first.json()["state"]) == (201, "concluded"), first.text
        gift = await ours.post("/api/v1/agreements", json={**body, "nature": "gift"}, headers={"idempotency-key": "g"})
        assert (gift.status_code, gift.json()["errors"][0]["field"]) == (422, "nature")
        nowhere = await ours.post(
            "/api/v1/agreements", json={**body, "proposal_id": str(uuid4())}, headers={"idempotency-key": "n"}
        )
        assert (nowhere.status_code, nowhere.json()["errors"][0]["field"]) == (422, "proposal_id")
        address = f"/api/v1/agreements/{first.json()['id']}"
        draft = {"nature": "order", "purchase_order": "BC-1", "milestones": [{"label": "Essai"}]}
        assert (await ours.patch(address, json=draft)).status_code == 428
        changed = await ours.patch(address, json=draft, headers={"if-match": first.headers["etag"]})
        assert (changed.status_code, changed.json()["revision"]) == (200, 2), changed.text
        foreign = await theirs.patch(address, json=draft, headers={"if-match": changed.headers["etag"]})
        assert foreign.status_code == 403
        unread = {"document_sha256": changed.json()["documents"]["fr"]}
        refused = await theirs.post(f"{address}/sign", json=unread, headers=ANY)
        assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "has_read")
        old = {"document_sha256": first.json()["documents"]["fr"], "has_read": True}
        assert (await theirs.post(f"{address}/sign", json=old, headers=ANY)).status_code == 412
        for each in (theirs, ours):
            answer = await each.post(f"{address}/sign", json={**unread, "has_read": True}, headers=ANY)
            assert answer.status_code == 200, answer.text
        assert (answer.json()["state"], len(answer.json()["signatures"])) == ("running", 2)
        ticked = await theirs.post(f"{address}/milestones", json={"number": 1}, headers=ANY)
        assert ticked.json()["milestones"][0]["done_by"] == "supplier"
        assert (await theirs.post(f"{address}/complete", headers=ANY)).json()["state"] == "running"
        (line,) = (await ours.get("/api/v1/agreements")).json()["items"]
        assert (line["awaits_you"], line["nature"]) == (True, "order")
        assert (await ours.post(f"{address}/complete", headers=ANY)).json()["state"] == "completed"

    async def test_it_ends_with_a_reason(self, buyer: httpx.AsyncClient, supplier: httpx.AsyncClient) -> None:
        agreement = await concluded(buyer, await chosen(buyer, supplier))
        program, address = await signed(supplier), f"/api/v1{agreement}"
        fresh = {"if-match": (await program.get(address)).headers["etag"]}
        silent = await program.post(f"{address}/cancel", json={}, headers=fresh)
        assert (silent.status_code, silent.json()["errors"][0]["field"]) == (422, "reason")
        answer = await program.post(f"{address}/cancel", json={"reason": "price"}, headers=fresh)
        assert (answer.json()["state"], answer.json()["cancelled_by"]) == ("cancelled", "supplier")
