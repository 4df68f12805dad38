"""Takers who press at once, over connections of their own."""

import asyncio
import re
from typing import Any

from litestar import Litestar
from sqlalchemy import text

from tests.services.catalog.conftest import send_sign_up
from tests.services.catalog.takers import a_flow, hold, insisting, lot_of, take
from tests.support import client_for


async def test_many_takers_at_once_never_take_more_than_there_is(lasting_catalog: Litestar) -> None:
    """INVARIANT: a lot is never over-taken, whoever comes at the same moment, over connections of their own."""
    clients = [client_for(lasting_catalog) for _ in range(6)]
    publisher, *takers = clients
    for number, client in enumerate(clients, start=1):
        answer = await send_sign_up(client, number, roles=["publisher" if number == 1 else "ess"])
        assert answer.status_code == 303, answer.text
    dates = {"starts_on": "", "ends_on": ""}
    lot = (await lot_of(publisher, await a_flow(publisher, **dates)))["id"]
    # The last day that is offered: of today's the morning may be over.
    day = re.findall(r'<option value="([0-9-]{10})"', (await takers[0].get(f"/flows/lots/{lot}/take")).text)[-1]
    forms: list[tuple[Any, dict[str, str]]] = [(take, {"slot_on": day}), (take, {"slot_on": day}), (hold, {})]
    pressed = [insisting(send, taker, lot, **more) for taker in takers for send, more in forms]
    answers = await asyncio.gather(*pressed)
    for client in clients:
        await client.aclose()
    assert {each.status_code for each in answers} == {303, 422}
    assert sum(each.status_code == 303 for each in answers) == 10
    async with lasting_catalog.state.work.sessions() as session:
        found = await session.execute(text("SELECT taken_value, held_value FROM lots"))
        taken, kept = found.one()
        counted = await session.execute(text("SELECT state, sum(quantity_value) AS value FROM takings GROUP BY state"))
        parts = {row.state: row.value for row in counted}
    assert taken + kept == 10
    assert parts == {state: value for state, value in (("made", taken), ("held", kept)) if value}
