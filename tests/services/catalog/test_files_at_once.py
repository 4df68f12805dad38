"""How many files one thing may have, when they come at the same moment; and that a slow scanner holds nobody up."""

import asyncio
import time

import httpx
import pytest
from litestar import Litestar
from sqlalchemy import text

from services.catalog.files.commands import MOST_PHOTOS
from services.catalog.files.keeping import Keeper
from services.catalog.files.models import MOST_FILES
from services.catalog.files.scanning import Scanner
from tests.clamd import clamd
from tests.services.catalog.claimants import claimed, imported
from tests.services.catalog.conftest import csrf_of, send_sign_up
from tests.services.catalog.test_files import PDF, a_photo
from tests.services.catalog.test_needs import post_need
from tests.support import client_for


async def sent_at_once(client: httpx.AsyncClient, address: str, data: bytes, count: int, **more: str) -> list[int]:
    """Send a file so many times at the same moment, and give what was answered."""
    form = {"_csrf": await csrf_of(client, "/needs/whole"), **more}
    answers = await asyncio.gather(
        *(client.post(f"{address}/files", data=form, files={"file": ("x.pdf", data)}) for _ in range(count))
    )
    return [each.status_code for each in answers]


async def standing(app: Litestar) -> int:
    async with app.state.work.sessions() as session:
        return int(await session.scalar(text("SELECT count(*) FROM files")))


@pytest.mark.parametrize(("purpose", "most"), [("document", MOST_FILES), ("photo", MOST_PHOTOS)])
async def test_of_files_sent_at_once_no_more_stand_than_may(lasting_catalog: Litestar, purpose: str, most: int) -> None:
    """INVARIANT: three documents and six photos beside one thing, however many come at the same moment."""
    async with client_for(lasting_catalog) as buyer:
        assert (await send_sign_up(buyer)).status_code == 303
        address = (await post_need(buyer)).headers["location"]
        data = a_photo((60, 40)) if purpose == "photo" else PDF
        assert set(await sent_at_once(buyer, address, data, most + 1, purpose=purpose)) == {303}
        assert await standing(lasting_catalog) == most
        assert "retirez-en un" in (await buyer.get(address)).text


async def test_of_proofs_of_an_organisation_too(lasting_catalog: Litestar) -> None:
    async with client_for(lasting_catalog) as member:
        assert (await send_sign_up(member)).status_code == 303
        assert set(await sent_at_once(member, "/organisation", PDF, MOST_FILES + 1)) == {303}
        assert await standing(lasting_catalog) == MOST_FILES


async def test_of_proofs_of_a_claim_too(lasting_catalog: Litestar) -> None:
    organisation_id = await imported(lasting_catalog.state.work)
    async with client_for(lasting_catalog) as member:
        assert (await send_sign_up(member)).status_code == 303
        claim = await claimed(member, organisation_id)
        assert set(await sent_at_once(member, claim, PDF, MOST_FILES + 1)) == {303}
        assert await standing(lasting_catalog) == MOST_FILES


async def test_a_scanner_that_hangs_locks_nothing(lasting_catalog: Litestar) -> None:
    """Each look may take longer than anybody waits for a lock (two seconds): looks come before locks."""
    async with clamd() as twin, client_for(lasting_catalog) as buyer:
        before = lasting_catalog.state.files
        lasting_catalog.state.files = Keeper(before.store, Scanner(twin.address, patience_s=2.5))
        assert (await send_sign_up(buyer)).status_code == 303
        address = (await post_need(buyer)).headers["location"]
        twin.fault, began = "silent", time.monotonic()
        assert set(await sent_at_once(buyer, address, PDF, MOST_FILES + 1)) == {303}
        assert time.monotonic() - began < 8, "at once, not one after the other"
        assert await standing(lasting_catalog) == MOST_FILES
