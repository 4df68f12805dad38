"""Nobody binds an organisation that the territory suspended, and what it has is ended or completed."""

import httpx
import pytest
from sqlalchemy import text

from services.catalog.subscriptions.serving import serve_lots
from tests.services.catalog.agreeing import chosen, conclude, concluded, sign
from tests.services.catalog.asking import ask as ask_publicly
from tests.services.catalog.asking import asked, reply, withdraw
from tests.services.catalog.conftest import SignUp
from tests.services.catalog.pages import said
from tests.services.catalog.proposing import accepted, made, proposed, rejected
from tests.services.catalog.subscribers import a_weekly_flow, ask, call_off, parts, subscribed
from tests.services.catalog.suppliers import a_need
from tests.services.catalog.takers import a_flow, hold, lot_of, take, took
from tests.services.catalog.test_flow_and_offer_wizards import post
from tests.services.catalog.timed import catalog_app, catalog_database, clock, publisher, timed
from tests.support import Isolated

__all__ = ["catalog_app", "catalog_database", "clock", "publisher", "timed"]

WHY = "rien de nouveau ne s'engage"


async def suspend(database: Isolated, name: str, state: str = "suspended") -> None:
    async with database.sessions.begin() as session:
        change = text("UPDATE organisations SET state = :state WHERE name = :name RETURNING id")
        assert (await session.execute(change, {"state": state, "name": name})).all()


@pytest.fixture
async def taker(publisher: httpx.AsyncClient, sign_up: SignUp) -> httpx.AsyncClient:
    return await sign_up(organisation_name="Palettes Garonne", roles=["ess"])


async def holder_of(database: Isolated) -> str:
    async with database.sessions.begin() as session:
        found = await session.scalar(text("SELECT o.name FROM flows f JOIN organisations o ON o.id = organisation_id"))
        return str(found)


async def test_lots_of_a_suspended_holder_are_not_taken_nor_kept(
    publisher: httpx.AsyncClient, taker: httpx.AsyncClient, catalog_database: Isolated
) -> None:
    flow = await a_flow(publisher)
    lot = str((await lot_of(publisher, flow))["id"])
    taking = await took(taker, lot, "2")
    await suspend(catalog_database, await holder_of(catalog_database))
    assert WHY in said(await take(taker, lot, "1"))
    assert WHY in said(await hold(taker, lot, "1"))
    # What is taken is called off, by either of the two.
    assert (await post(taker, f"{taking}/cancel", reason="other", _version=1)).status_code == 303


async def test_a_suspended_taker_calls_off_and_takes_no_more(
    publisher: httpx.AsyncClient, taker: httpx.AsyncClient, catalog_database: Isolated
) -> None:
    flow = await a_flow(publisher)
    lot = str((await lot_of(publisher, flow))["id"])
    taking = await took(taker, lot, "2")
    await suspend(catalog_database, "Palettes Garonne")
    assert (await take(taker, lot, "1")).status_code == 403
    assert (await post(taker, f"{taking}/cancel", reason="other", _version=1)).status_code == 303


async def test_nobody_subscribes_to_a_suspended_holder_and_its_lots_wait(
    publisher: httpx.AsyncClient, taker: httpx.AsyncClient, catalog_database: Isolated
) -> None:
    flow = await a_weekly_flow(publisher)
    await subscribed(publisher, taker, flow)
    await call_off(publisher, flow)
    holder = await holder_of(catalog_database)
    await suspend(catalog_database, holder)
    await serve_lots(catalog_database)
    assert await parts(catalog_database) == []
    assert WHY in said(await ask(taker, flow))


async def test_a_suspended_supplier_is_not_chosen_and_may_be_told_so(
    buyer: httpx.AsyncClient, supplier: httpx.AsyncClient, catalog_database: Isolated
) -> None:
    proposal = await made(supplier, await a_need(buyer))
    await suspend(catalog_database, "Traiteur solidaire")
    assert WHY in said(await accepted(buyer, proposal))
    assert (await rejected(buyer, proposal)).status_code == 303


async def test_with_a_suspended_one_nothing_is_concluded_nor_signed_and_what_runs_is_completed(
    buyer: httpx.AsyncClient, supplier: httpx.AsyncClient, catalog_database: Isolated
) -> None:
    proposal = await chosen(buyer, supplier)
    await suspend(catalog_database, "Traiteur solidaire")
    assert WHY in said(await conclude(buyer, proposal))
    await suspend(catalog_database, "Traiteur solidaire", "registered")
    agreement = await concluded(buyer, proposal)
    assert (await sign(supplier, agreement)).status_code == 303
    await suspend(catalog_database, "Traiteur solidaire")
    assert WHY in said(await sign(buyer, agreement))
    await suspend(catalog_database, "Traiteur solidaire", "registered")
    assert (await sign(buyer, agreement)).status_code == 303
    await suspend(catalog_database, "Traiteur solidaire")
    for each in (supplier, buyer):
        assert (await post(each, f"{agreement}/complete")).status_code == 303


async def test_a_suspended_author_is_asked_nothing_and_what_it_was_asked_stays(
    buyer: httpx.AsyncClient, supplier: httpx.AsyncClient, publisher: httpx.AsyncClient, catalog_database: Isolated
) -> None:
    need, flow = await a_need(buyer), await a_flow(publisher)
    question = await asked(supplier, need)
    async with catalog_database.sessions.begin() as session:
        await session.execute(
            text("""
            UPDATE organisations SET state = 'suspended'
            WHERE id IN (SELECT organisation_id FROM needs UNION SELECT organisation_id FROM flows)
        """)
        )
    for posting in (need, flow):
        assert WHY in said(await ask_publicly(supplier, posting, "Une autre ?"))
        assert "Poser une question" not in (await supplier.get(f"{posting}/questions")).text
    assert (await reply(buyer, question)).status_code == 403
    assert (await withdraw(supplier, question)).status_code == 303


async def test_a_suspended_author_is_answered_no_more_and_takes_part_in_ending(
    buyer: httpx.AsyncClient, supplier: httpx.AsyncClient, catalog_database: Isolated
) -> None:
    need = await a_need(buyer)
    proposal = await made(supplier, need)
    async with catalog_database.sessions.begin() as session:
        await session.execute(
            text("UPDATE organisations SET state = 'suspended' WHERE id = (SELECT organisation_id FROM needs)")
        )
    assert WHY in said(await proposed(supplier, need, seen=1, message="Autrement"))
    assert (await accepted(buyer, proposal)).status_code == 403
    assert (await rejected(buyer, proposal)).status_code == 303
