"""Suppliers and a need that is put to them."""

from typing import Any
from uuid import UUID

import httpx
from litestar import Litestar
from sqlalchemy import text

from shared.identity import Verifier
from shared.web.visit import IDENTITY_COOKIE
from tests.services.catalog.test_flow_and_offer_wizards import post
from tests.services.catalog.test_needs import post_need
from tests.support import Isolated


async def a_need(buyer: httpx.AsyncClient, **changes: object) -> str:
    """The address of a published need."""
    answer = await post_need(buyer, **changes)
    assert answer.status_code == 303, answer.text
    return str(answer.headers["location"])


async def interested(supplier: httpx.AsyncClient, need: str, *, seen: int = 0, **said: object) -> httpx.Response:
    """Press the button."""
    return await post(supplier, f"{need}/interested", _version=seen, **said)


async def declined(supplier: httpx.AsyncClient, need: str, *, seen: int = 0, **said: object) -> httpx.Response:
    """Press the other one, with a reason."""
    return await post(supplier, f"{need}/declined", **{"_version": seen, "reason": "too_far", **said})


async def ids_of(client: httpx.AsyncClient, app: Litestar) -> tuple[UUID, UUID]:
    """Which member of which organisation a browser acts as."""
    await client.get("/account")
    identity = Verifier(app.state.settings.identity_keys_file).read(client.cookies[IDENTITY_COOKIE])
    assert identity is not None
    return identity.member_id, identity.organisation_id


async def kept(database: Isolated) -> list[Any]:
    """Every answer, in the order they were first given."""
    async with database.sessions() as session:
        return list(await session.execute(text("SELECT * FROM answers ORDER BY id")))


async def pass_its_deadline(database: Isolated, need: str) -> None:
    """Let the day after a need's last one come."""
    async with database.sessions.begin() as session:
        await session.execute(
            text("UPDATE needs SET deadline_on = current_date - 2 WHERE id = :id"), {"id": need.rsplit("/", 1)[-1]}
        )
