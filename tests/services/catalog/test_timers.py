"""A hundred rows that fail for ever keep nobody else waiting: each timer does what is due besides them."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from services.catalog.flows import planning
from services.catalog.flows.lot import Lot
from services.catalog.proposals import ending
from services.catalog.proposals.deciding import end_proposal
from services.catalog.takings import expiring
from services.catalog.takings.commands import fire_taking
from services.catalog.takings.queries import takings_due
from shared.database.one_by_one import RETRY
from tests.services.catalog.proposing import made
from tests.services.catalog.suppliers import a_need
from tests.services.catalog.takers import Clock, a_flow, held, lot_of, rows
from tests.services.catalog.test_flow_and_offer_wizards import post
from tests.services.catalog.timed import catalog_app, catalog_database, clock, publisher, taker, timed
from tests.support import Isolated

__all__ = ["catalog_app", "catalog_database", "clock", "publisher", "taker", "timed"]


async def test_takings_that_fail_are_due_later_and_the_others_now(
    publisher: httpx.AsyncClient,
    taker: httpx.AsyncClient,
    catalog_database: Isolated,
    clock: Clock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    lot = str((await lot_of(publisher, await a_flow(publisher)))["id"])
    broken, sound = [(await held(taker, lot, "1")).rsplit("/", 1)[-1] for _ in range(2)]
    fire, limit = fire_taking, takings_due

    async def failing(session: AsyncSession, *, taking_id: UUID, **rest: Any) -> None:
        if str(taking_id) == broken:
            raise RuntimeError("always")
        await fire(session, taking_id=taking_id, **rest)

    async def one_at_a_time(session: AsyncSession, now: Any) -> Any:
        return (await limit(session, now))[:1]

    monkeypatch.setattr(expiring, "fire_taking", failing)
    monkeypatch.setattr(expiring, "takings_due", one_at_a_time)
    # The broken one is the first in the order in which they are due.
    async with catalog_database.sessions.begin() as session:
        await session.execute(
            text("UPDATE takings SET due_at = due_at - interval '1 minute' WHERE id = :id"), {"id": broken}
        )
    clock.now += timedelta(days=3)
    for _ in range(4):
        await expiring.fire_takings(catalog_database)
    found = {str(row.id): row for row in await rows(catalog_database, "SELECT id, state, due_at FROM takings")}
    assert found[sound].state == "expired"
    assert (found[broken].state, found[broken].due_at) == ("held", clock.now + RETRY)


async def test_a_lot_that_fails_is_moved_later_and_the_others_now(
    publisher: httpx.AsyncClient, catalog_database: Isolated, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(2):
        await a_flow(publisher)
    broken = (await rows(catalog_database, "SELECT id FROM lots ORDER BY id LIMIT 1"))[0].id
    move_on = Lot.move_on

    def failing(lot: Lot, now: Any) -> Any:
        if lot.id == broken:
            raise RuntimeError("always")
        return move_on(lot, now)

    monkeypatch.setattr(Lot, "move_on", failing)
    clock.now += timedelta(days=400)
    await planning.fire_due(catalog_database)
    found = {row.id: row.state for row in await rows(catalog_database, "SELECT id, state FROM lots")}
    assert found.pop(broken) == "released"
    assert set(found.values()) == {"expired"}


async def test_a_proposal_that_fails_keeps_no_other_waiting(
    buyer: httpx.AsyncClient,
    supplier: httpx.AsyncClient,
    catalog_database: Isolated,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    needs = [await a_need(buyer) for _ in range(2)]
    proposals = [(await made(supplier, need)).rsplit("/", 1)[-1] for need in needs]
    for need in needs:
        assert (await post(buyer, f"{need}/withdraw", _version=1)).status_code == 303
    end = end_proposal

    async def failing(session: AsyncSession, machine: Any, proposal: Any, now: Any) -> None:
        if str(proposal.id) == proposals[0]:
            raise RuntimeError("always")
        await end(session, machine, proposal, now)

    monkeypatch.setattr(ending, "end_proposal", failing)
    async with catalog_database.sessions.begin() as session:
        await ending.end_left(session)
    found = {str(row.id): row.state for row in await rows(catalog_database, "SELECT id, state FROM proposals")}
    assert found == {proposals[0]: "made", proposals[1]: "rejected"}
