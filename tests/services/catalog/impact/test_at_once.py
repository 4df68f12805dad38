"""INVARIANT: however many say at one moment that all is done, an exchange counts once."""

import asyncio

from litestar import Litestar
from sqlalchemy import text

from tests.services.catalog.agreeing import both_signed, chosen, concluded
from tests.services.catalog.conftest import csrf_of, send_sign_up
from tests.support import client_for


async def test_completed_by_both_at_once_and_again_it_counts_once(lasting_catalog: Litestar) -> None:
    buyer, supplier = client_for(lasting_catalog), client_for(lasting_catalog)
    assert (await send_sign_up(buyer, 1)).status_code == 303
    assert (await send_sign_up(supplier, 2, roles=["ess"])).status_code == 303
    agreement = await concluded(buyer, await chosen(buyer, supplier))
    await both_signed(buyer, supplier, agreement)
    said = [(each, {"_csrf": await csrf_of(each, "/needs/new")}) for each in (buyer, supplier)]
    answers = await asyncio.gather(*(each.post(f"{agreement}/complete", data=data) for each, data in said * 3))
    assert {each.status_code for each in answers} == {303}
    async with lasting_catalog.state.work.sessions() as session:
        counts = "SELECT count(DISTINCT exchange_id), count(*) FROM impact_entries WHERE measure = 'money'"
        told = "SELECT count(*) FROM outbox WHERE type = 'catalog.impact.recorded.v1'"
        assert tuple((await session.execute(text(counts))).one()) == (1, 1)
        assert await session.scalar(text(told)) == 2
    await asyncio.gather(buyer.aclose(), supplier.aclose())
