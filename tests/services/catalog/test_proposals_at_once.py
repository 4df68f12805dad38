"""Choices, revisions and withdrawals of one proposal side by side, each in a transaction of its own."""

import asyncio
from typing import Any

import httpx
import pytest
from litestar import Litestar
from sqlalchemy import text

from tests.services.catalog.conftest import csrf_of, send_sign_up
from tests.services.catalog.proposing import a_proposal, made
from tests.services.catalog.suppliers import a_need
from tests.support import client_for

ACCEPTED, REJECTED = "catalog.proposal.accepted.v1", "catalog.proposal.rejected.v1"


class TestAtOnce:
    async def _scene(self, app: Litestar) -> tuple[httpx.AsyncClient, httpx.AsyncClient, str, str]:
        buyer, supplier = client_for(app), client_for(app)
        assert (await send_sign_up(buyer, 1)).status_code == 303
        assert (await send_sign_up(supplier, 2, roles=["ess"])).status_code == 303
        need = await a_need(buyer)
        return buyer, supplier, need, await made(supplier, need)

    async def _found(self, app: Litestar) -> tuple[Any, list[str]]:
        async with app.state.work.sessions() as session:
            states = "SELECT p.state, a.state AS answer FROM proposals p JOIN answers a ON a.id = p.answer_id"
            told = "SELECT type FROM outbox WHERE type LIKE 'catalog.proposal.%' ORDER BY id"
            return (await session.execute(text(states))).one(), list(await session.scalars(text(told)))

    async def test_two_acceptances_make_one(self, lasting_catalog: Litestar) -> None:
        """INVARIANT: a proposal is chosen once, whatever comes at the same moment."""
        buyer, supplier, _, address = await self._scene(lasting_catalog)
        sent = {"_csrf": await csrf_of(buyer, "/needs/new"), "_version": 1, "reason": "price"}
        answers = await asyncio.gather(*(buyer.post(f"{address}/accept", data=sent) for _ in range(6)))
        assert {each.status_code for each in answers} == {303}
        states, told = await self._found(lasting_catalog)
        assert tuple(states) == ("accepted", "accepted")
        assert told == ["catalog.proposal.made.v1", ACCEPTED]
        await asyncio.gather(buyer.aclose(), supplier.aclose())

    @pytest.mark.parametrize("round_", range(4))
    async def test_accept_beside_withdraw_revise_and_decline_leaves_one_story(
        self, lasting_catalog: Litestar, round_: int
    ) -> None:
        """INVARIANT: of what comes at once one wins, and answer, proposal and events agree, and none waits for ever."""
        buyer, supplier, need, address = await self._scene(lasting_catalog)
        token, theirs = await csrf_of(buyer, "/needs/new"), await csrf_of(supplier, "/needs/new")
        both, own = {"_csrf": token, "_version": 1, "reason": "price"}, {"_csrf": theirs, "_version": 1}
        asked = [
            buyer.post(f"{address}/accept", data=both),
            supplier.post(f"{need}/proposal/withdraw", data=own),
            supplier.post(f"{need}/proposal", data={**own, **a_proposal(message="Autre")}),
            supplier.post(f"{need}/declined", data={**own, "reason": "price"}),
            buyer.post(f"{address}/reject", data={**both, "reason": "another"}),
        ]
        answers = await asyncio.gather(*asked[round_:], *asked[:round_])
        assert max(each.status_code for each in answers) < 500
        states, told = await self._found(lasting_catalog)
        goes_with = {"made": "proposed", "accepted": "accepted", "rejected": "rejected"}
        assert states.answer == goes_with.get(states.state, states.answer)
        if states.state == "withdrawn":
            assert states.answer in ("interested", "declined")
        ends = [each for each in told if each in (ACCEPTED, REJECTED)]
        assert len(ends) == (states.state in ("accepted", "rejected"))
        await asyncio.gather(buyer.aclose(), supplier.aclose())
