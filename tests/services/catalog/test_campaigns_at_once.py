"""Pledges that come at the same moment as each other, or as the end; and the same rules for programs."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from litestar import Litestar
from sqlalchemy import text

from services.catalog.campaigns.closing import move_campaign
from shared.clock import now
from tests.services.catalog.campaigners import CAMPAIGN, LAST, a_campaign, promise
from tests.services.catalog.conftest import csrf_of, send_sign_up
from tests.services.catalog.test_http_contract import signed
from tests.support import client_for

ANY = {"if-match": "*"}


class TestAtOnce:
    """Requests side by side, each in a transaction of its own."""

    @pytest.fixture
    async def people(self, lasting_catalog: Litestar) -> AsyncIterator[tuple[httpx.AsyncClient, ...]]:
        """Whoever opens the campaign, and two companies."""
        clients = tuple(client_for(lasting_catalog) for _ in range(3))
        for number, (client, roles) in enumerate(zip(clients, (["ess"], ["buyer"], ["buyer"]), strict=True), start=1):
            assert (await send_sign_up(client, number, roles=roles)).status_code == 303
        yield clients
        await asyncio.gather(*(each.aclose() for each in clients))

    async def _found(self, app: Litestar) -> tuple[Any, list[str], list[str]]:
        async with app.state.work.sessions() as session:
            sums = (await session.execute(text("SELECT state, pledged_cents, pledges FROM campaigns"))).one()
            states = list(await session.scalars(text("SELECT state FROM pledges ORDER BY id")))
            told = "SELECT split_part(type, '.', 3) FROM outbox WHERE type LIKE 'catalog.pledge.%' ORDER BY id"
            return tuple(sums), states, list(await session.scalars(text(told)))

    async def test_twenty_identical_pledges_are_one(
        self, lasting_catalog: Litestar, people: tuple[httpx.AsyncClient, ...]
    ) -> None:
        """INVARIANT: an organisation has one pledge to a campaign, and the sum counts it once."""
        owner, company, _ = people
        campaign = await a_campaign(owner)
        sent = {"_csrf": await csrf_of(company, "/needs/new"), "amount_euros": "500"}
        answers = await asyncio.gather(*(company.post(f"{campaign}/pledge", data=sent) for _ in range(20)))
        assert {each.status_code for each in answers} == {303}
        assert await self._found(lasting_catalog) == (("open", 50_000, 1), ["made"], ["made"])

    async def test_whatever_is_promised_and_taken_back_at_once_the_sum_is_that_of_the_pledges(
        self, lasting_catalog: Litestar, people: tuple[httpx.AsyncClient, ...]
    ) -> None:
        owner, *companies = people
        campaign = await a_campaign(owner)
        await asyncio.gather(*(promise(each, campaign, "100") for each in companies))
        async with lasting_catalog.state.work.sessions() as session:
            ids = list(await session.scalars(text("SELECT id FROM pledges ORDER BY supporter_id")))
        changes = [promise(each, campaign, str(euros)) for each in companies for euros in (200, 300)]
        token = await csrf_of(companies[0], "/needs/new")
        changes += [companies[0].post(f"/pledges/{each}/withdraw", data={"_csrf": token}) for each in ids]
        assert max(each.status_code for each in await asyncio.gather(*changes)) < 500
        async with lasting_catalog.state.work.sessions() as session:
            standing = await session.scalar(
                text("SELECT (sum(amount_cents), count(*))::text FROM pledges WHERE state = 'made'")
            )
            counted = await session.scalar(
                text("SELECT (pledged_cents::numeric, pledges::bigint)::text FROM campaigns")
            )
        assert standing == counted

    @pytest.mark.parametrize("first", ["pledge", "timer"])
    async def test_a_pledge_that_arrives_as_the_timer_closes_is_counted_or_refused(
        self, lasting_catalog: Litestar, people: tuple[httpx.AsyncClient, ...], first: str
    ) -> None:
        """INVARIANT: what the end confirmed is what was promised before it, whoever got the lock first."""
        owner, company, other = people
        campaign = await a_campaign(owner, rule="keep")
        assert (await promise(company, campaign, "100")).status_code == 303
        moment = datetime.combine(LAST + timedelta(days=1), datetime.min.time(), UTC) + timedelta(hours=1)

        async def close() -> None:
            async with lasting_catalog.state.work.sessions.begin() as session:
                session.info["clock"] = lambda: moment
                await move_campaign(session, UUID(campaign.rsplit("/", 1)[-1]))

        at_once: list[Any] = [promise(other, campaign, "200"), close()]
        answer = next(
            each
            for each in await asyncio.gather(*at_once[:: 1 if first == "pledge" else -1])
            if isinstance(each, httpx.Response)
        )
        sums, states, told = await self._found(lasting_catalog)
        assert sums[0] == "succeeded"
        assert set(states) == {"confirmed"}
        if answer.status_code == 303:
            assert (sums[1:], len(states)) == ((30_000, 2), 2)
        else:
            assert (answer.status_code, sums[1:], len(states)) == (422, (10_000, 1), 1)
        assert told.count("confirmed") == len(states)
        assert now() < moment


class TestAsJson:
    """The same rules for programs."""

    async def test_it_is_drafted_published_pledged_to_and_called_off(
        self, buyer: httpx.AsyncClient, supplier: httpx.AsyncClient
    ) -> None:
        theirs, ours = await signed(supplier), await signed(buyer)
        body = {
            **{name: CAMPAIGN[name] for name in ("title", "description", "categories", "rule", "ends_on")},
            "goal_euros": "8000",
            "steps": [{"step_euros": "3000", "step_words": "Le four"}],
        }
        made = await theirs.post("/api/v1/campaigns", json=body, headers={"idempotency-key": uuid4().hex})
        assert (made.status_code, made.json()["state"]) == (201, "draft"), made.text
        path = f"/api/v1/campaigns/{made.json()['id']}"
        assert (await ours.get(path)).status_code == 404
        shown = (await theirs.post(f"{path}/publish", headers=ANY)).json()
        assert (shown["state"], shown["threshold_cents"]) == ("open", 800_000)
        frozen = await theirs.patch(path, json={**body, "goal_euros": "1"}, headers=ANY)
        assert (frozen.status_code, "garde son objectif" in frozen.text) == (409, True)
        once = {"idempotency-key": uuid4().hex}
        asked = {"campaign_id": made.json()["id"], "amount_euros": "250"}
        pledge = await ours.post("/api/v1/pledges", json=asked, headers=once)
        assert (pledge.status_code, pledge.json()["amount_cents"]) == (201, 25_000), pledge.text
        assert (await ours.post("/api/v1/pledges", json=asked, headers=once)).json() == pledge.json()
        (received,) = (await theirs.get("/api/v1/pledges/received")).json()["items"]
        assert received["id"] == pledge.json()["id"]
        assert [each["id"] for each in (await ours.get("/api/v1/pledges")).json()["items"]] == [received["id"]]
        assert (await ours.get("/api/v1/campaigns")).json()["items"][0]["pledged_cents"] == 25_000
        own = f"/api/v1/pledges/{received['id']}"
        assert (await theirs.post(f"{own}/withdraw", headers=ANY)).status_code == 404
        assert (await ours.post(f"{own}/withdraw", headers=ANY)).json()["state"] == "withdrawn"
        assert (await theirs.post(f"{path}/cancel", json={}, headers=ANY)).status_code == 422
        over = await theirs.post(f"{path}/cancel", json={"reason": "Vendu."}, headers=ANY)
        assert (over.json()["state"], over.json()["reason"]) == ("cancelled", "Vendu.")
        unknown = await ours.post(
            "/api/v1/pledges", json={**asked, "campaign_id": str(uuid4())}, headers={"idempotency-key": "x"}
        )
        assert (unknown.status_code, unknown.json()["errors"][0]["field"]) == (422, "campaign_id")
