"""INVARIANT: whenever the process dies, before a call to Stripe, after it or after its store: one payment."""

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import text

from deploy.embedded.engines import Engines
from services.catalog.settings import Settings
from shared.database import Database
from tests.services.catalog.conftest import LASTING_TABLES, send_sign_up
from tests.services.catalog.online import Till, asking, paid_online, sum_of_ledger
from tests.services.catalog.paying import accounts, due, say, settlements
from tests.support import client_for, committing, emptied

BUYER, SUPPLIER = "Hexaplane Systèmes", "Traiteur solidaire"
STEP_BY_STEP = {"label": ["Premier repas", "Bilan"], "due_on": ["2030-01-07", ""], "euros": ["400", "600"]}
AROUND_A_CALL = ("begun", "called", "kept")


class Mortal(Till):
    """The same, whose worker is a process that is killed."""

    folder: Path

    async def die_at(self, point: str) -> None:
        """Let the worker come by a point and die there."""
        (self.folder / point).write_text("kill")
        # Whoever claimed it is never heard of again, and the timer's patience is over.
        async with self.database.sessions.begin() as session:
            await session.execute(text("UPDATE stripe_calls SET due_at = now() WHERE state = 'begun'"))
        assert await self.work() == -signal.SIGKILL, point
        assert (self.folder / f"{point}.hit").exists()

    async def work(self) -> int:
        """Run the worker until it ends or dies."""
        settings = asking(self.app.state.settings, self.twin)
        known = self.folder.parent / "settings.json"
        known.write_text(json.dumps(_plain(settings)))
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "tests.services.catalog.online_worker",
            env={**os.environ, "BOUCLE_CATALOG_SETTINGS": str(known), "BOUCLE_FAULTS": str(self.folder)},
        )  # fmt: skip
        return await process.wait()

    async def survive(self, what: str) -> None:
        """Die around a call of one kind: before it, after it, and after what came of it was kept."""
        for point in AROUND_A_CALL:
            await self.die_at(f"stripe.{point}@{what}")
        assert await self.work() == 0


def _plain(settings: Settings) -> dict[str, Any]:
    def revealed(each: Any) -> Any:
        return each.get_secret_value() if hasattr(each, "get_secret_value") else str(each)

    return json.loads(json.dumps(settings.model_dump(), default=revealed))  # type: ignore[no-any-return]


@pytest.fixture
async def till(engines: Engines, catalog_settings: Settings, tmp_path: Path) -> AsyncIterator[Mortal]:
    async with (
        committing(engines.instance, "catalog") as databases,
        paid_online(catalog_settings, databases, tmp_path / "files") as (app, twin),
    ):
        till = Mortal(app, twin, databases.at_work())
        till.folder = tmp_path / "faults"
        till.folder.mkdir()
        yield till
    owner = Database(engines.instance.database_url("catalog", "owner"))
    async with owner.sessions.begin() as session:
        await emptied(session, LASTING_TABLES)
    await owner.close()


@pytest.fixture
async def pair(till: Mortal) -> AsyncIterator[tuple[httpx.AsyncClient, httpx.AsyncClient]]:
    async with client_for(till.app) as buyer, client_for(till.app) as supplier:
        assert (await send_sign_up(buyer, 1, organisation_name=BUYER)).status_code == 303
        assert (await send_sign_up(supplier, 2, organisation_name=SUPPLIER, roles=["ess"])).status_code == 303
        yield buyer, supplier


@pytest.mark.promise(41)
@pytest.mark.parametrize("shares", [{}, STEP_BY_STEP], ids=["straight to the payee", "passed on"])
async def test_however_often_it_dies_each_thing_happens_once(
    till: Mortal, pair: tuple[httpx.AsyncClient, httpx.AsyncClient], shares: dict[str, Any]
) -> None:
    buyer, supplier = pair
    await due(buyer, supplier, till.database, **shares)  # type: ignore[arg-type]
    await till.enable(supplier)
    first = (await settlements(till.database))[0]  # type: ignore[arg-type]
    address = f"/payments/{first.id}"

    # The page dies in its call: what it began is asked by the worker.
    await till.twin.order("faults", {"path": "/v1/checkout", "when": "before", "times": 4})
    assert (await till.ask(buyer, address)).status_code == 503
    await till.survive("checkout")
    async with till.client() as client:
        sessions = await client.v1.checkout.sessions.list_async()
    assert len(sessions.data) == 1

    assert await till.checkout(buyer, address) == sessions.data[0].id
    await till.twin.do("pay", sessions.data[0].id)
    await till.tell()
    for point in ("stripe.read", "stripe.handled"):
        await till.die_at(point)
    if shares:
        await till.survive("transfer")
    assert await till.work() == 0
    assert (await settlements(till.database))[0].state == "confirmed"  # type: ignore[arg-type]

    assert (await say(supplier, address, "refund", back_euros="100")).status_code == 303
    if shares:
        await till.survive("reversal")
    else:
        await till.survive("refund")
    await till.settle()
    effects = [kind for kind, _ in await till.effects()]
    for kind in ("payment", "transfer", "refund", "reversal"):
        assert effects.count(kind) == 1, effects
    balances = await accounts(till.database)  # type: ignore[arg-type]
    assert balances["paid", BUYER] == -(30_000 if shares else 90_000)
    assert balances["received", SUPPLIER] == (29_400 if shares else 88_200)
    assert await sum_of_ledger(till.database) == 0


@pytest.mark.promise(40)
async def test_twenty_who_pay_at_once_are_led_to_one_checkout(
    till: Mortal, pair: tuple[httpx.AsyncClient, httpx.AsyncClient]
) -> None:
    buyer, supplier = pair
    address = await due(buyer, supplier, till.database)  # type: ignore[arg-type]
    await till.enable(supplier)
    await till.twin.order("slow", {"seconds": 0.2})
    answers = await asyncio.gather(*(till.ask(buyer, address) for _ in range(20)))
    led = {answer.headers["refresh"] for answer in answers if answer.status_code == 200}
    assert len(led) == 1
    assert {answer.status_code for answer in answers} <= {200, 503}
    async with till.client() as client:
        sessions = await client.v1.checkout.sessions.list_async()
    assert len(sessions.data) == 1
    async with till.client() as client:
        assert len((await client.v1.customers.list_async()).data) == 1
