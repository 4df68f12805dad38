"""Numbers of receipts under requests that come at the same moment: one each, none twice, none left out."""

import asyncio
from uuid import UUID, uuid4

import httpx
from litestar import Litestar
from sqlalchemy import text

from tests.services.catalog.conftest import csrf_of, send_sign_up
from tests.services.catalog.giving import SIGNED, issued, ready
from tests.support import client_for

LIKE = """
    INSERT INTO gifts SELECT (jsonb_populate_record(g, jsonb_build_object(
        'id', CAST(:id AS uuid), 'agreement_id', NULL, 'pledge_id', gen_random_uuid()))).* FROM gifts g
    WHERE g.id = CAST(:like AS uuid)
"""
MANY = 20


async def test_twenty_at_once_and_some_refused_leave_no_gap_and_no_double(lasting_catalog: Litestar) -> None:
    """INVARIANT: the numbers of a recipient and year are 1 to n, whatever is refused or comes twice between them."""
    donor, recipient = client_for(lasting_catalog), client_for(lasting_catalog)
    assert (await send_sign_up(donor, 1)).status_code == 303
    assert (await send_sign_up(recipient, 2, roles=["ess"])).status_code == 303
    first = await ready(donor, recipient, lasting_catalog.state.work)
    gifts = [await _like(lasting_catalog, first) for _ in range(MANY - 1)] + [first]
    token = await csrf_of(recipient, "/needs/new")
    requests = []
    for number, gift in enumerate(gifts):
        # Every third is asked twice, and every fourth has one beside it that says nobody's name.
        forms = [SIGNED] * (2 if number % 3 == 0 else 1) + [{**SIGNED, "signatory": ""}] * (number % 4 == 0)
        requests += [_asked(recipient, gift, {**form, "_csrf": token}) for form in forms]
    answers = await asyncio.gather(*requests)
    statuses = [each.status_code for each in answers]
    assert (statuses.count(303), {each for each in statuses if each >= 500}) == (MANY, set())
    async with lasting_catalog.state.work.sessions() as session:
        numbers = list(await session.scalars(text("SELECT number FROM gift_papers ORDER BY number")))
        told = await session.scalar(text("SELECT count(*) FROM outbox WHERE type = 'catalog.gift.receipted.v1'"))
    assert (numbers, told) == (list(range(1, MANY + 1)), MANY)
    again = await issued(recipient, first)
    assert again.status_code == 422
    await asyncio.gather(donor.aclose(), recipient.aclose())


async def _asked(client: httpx.AsyncClient, gift: str, form: dict[str, str]) -> httpx.Response:
    return await client.post(f"{gift}/papers/receipt", data=form)


async def _like(app: Litestar, gift: str) -> str:
    new = uuid4()
    async with app.state.work.sessions.begin() as session:
        await session.execute(text(LIKE), {"id": new, "like": UUID(gift.rsplit("/", 1)[-1])})
    return f"/gifts/{new}"
