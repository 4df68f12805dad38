"""INVARIANT: timers, takers and options at once: one part a subscriber, and never more than there is."""

import asyncio
from datetime import timedelta
from uuid import uuid4

from litestar import Litestar
from sqlalchemy import text

from services.catalog.subscriptions.serving import serve_lots
from shared.clock import day_of, now
from tests.services.catalog.conftest import send_sign_up
from tests.services.catalog.subscribers import a_weekly_flow, call_off, subscribed
from tests.services.catalog.takers import hold, insisting, take
from tests.support import client_for

LOTS = "SELECT id, day, taken_value, held_value FROM lots WHERE extra"
PARTS = "SELECT count(*) FROM takings WHERE subscription_id IS NOT NULL"


async def test_a_lot_that_is_called_off_is_never_overtaken(lasting_catalog: Litestar) -> None:
    clients = [client_for(lasting_catalog) for _ in range(5)]
    publisher, *takers = clients
    for number, client in enumerate(clients, start=1):
        answer = await send_sign_up(client, number, roles=["publisher" if number == 1 else "ess"])
        assert answer.status_code == 303, answer.text
    tomorrow = day_of(now()) + timedelta(days=1)
    far = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"][(tomorrow.weekday() + 3) % 7]
    flow = await a_weekly_flow(publisher, starts_on="", weekdays=[far])
    days = {"from_on": tomorrow.isoformat(), "until_on": (tomorrow + timedelta(days=300)).isoformat()}
    for each in takers[:2]:
        await subscribed(publisher, each, flow, once=str(uuid4()), **days)
    assert (await call_off(publisher, flow, day_on=tomorrow.isoformat())).status_code == 303
    work = lasting_catalog.state.work
    async with work.sessions() as session:
        lot = str((await session.execute(text(LOTS))).one().id)
    slot = {"slot_on": (tomorrow + timedelta(days=1)).isoformat()}
    pressed = [insisting(take, each, lot, **slot) for each in takers for _ in range(2)]
    kept = [insisting(hold, each, lot) for each in takers]
    await asyncio.gather(*(serve_lots(work) for _ in range(3)), *pressed, *kept)
    await serve_lots(work)
    await asyncio.gather(*(insisting(take, each, lot, **slot) for each in takers))
    for client in clients:
        await client.aclose()
    async with work.sessions() as session:
        (found,) = await session.execute(text(LOTS))
        parts = await session.scalar(text(PARTS))
        sums = await session.scalar(text("SELECT sum(quantity_value) FROM takings"))
    assert parts == 2
    assert found.taken_value + found.held_value == sums <= 10
