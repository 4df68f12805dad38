"""What a publisher sees of a split, tries, and says yes to; and nobody else."""

from collections.abc import AsyncIterator, Callable
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from litestar import Litestar
from sqlalchemy import text

from services.matching.app import create_app
from services.matching.settings import Settings
from shared.events.catalog import FlowPaused, FlowPublished, OfferPublished
from shared.events.facts import Level
from shared.events.matching import AllocationAccepted
from shared.identity import Identity, Role
from tests.services.matching.scenes import LAUNAGUET, MURET, flow, offer, quantity, supplier
from tests.services.matching.stage import Stage

Enter = Callable[..., httpx.AsyncClient]


@pytest.fixture
def app(stage: Stage, matching_settings: Settings) -> Litestar:
    return create_app(matching_settings, databases=stage.database.both, clock=stage.clock)


@pytest.fixture
async def enter(
    app: Litestar, client_for: Any, sign_in_as: Any, identity: Callable[..., Identity]
) -> AsyncIterator[Enter]:
    """A client signed in for an organisation; without one, a visitor."""
    opened: list[httpx.AsyncClient] = []

    def _enter(organisation_id: Any = None, **facts: Any) -> httpx.AsyncClient:
        client: httpx.AsyncClient = client_for(app)
        if organisation_id is not None:
            sign_in_as(client, identity(organisation_id=organisation_id, **facts))
        opened.append(client)
        return client

    yield _enter
    for client in opened:
        await client.aclose()


def taker(name: str, **changed: Any) -> OfferPublished:
    facts: dict[str, Any] = {"supplier": supplier(name=name), "level": Level.REUSE, "capacity": quantity(2, "t", "week")}
    return offer(**facts | changed)


async def a_market(stage: Stage, **changed: Any) -> tuple[FlowPublished, OfferPublished, OfferPublished]:
    """Six tonnes a week; a recycler that comes first and could take all, and a reuser for two."""
    published = flow(**changed)
    recycler = taker("Broyage du Lauragais", level=Level.RECYCLING, capacity=quantity(6, "t", "week"))
    reuser = taker("Les Palettes du Nord")
    await stage.tell(published, recycler)
    stage.wait(hours=1)
    await stage.tell(reuser)
    return published, recycler, reuser


async def test_the_publisher_sees_who_takes_what_and_what_it_changes(stage: Stage, enter: Enter) -> None:
    published, recycler, reuser = await a_market(stage)
    answer = await enter(published.author.organisation_id).get(f"/matching/flows/{published.flow_id}/allocation")
    assert answer.status_code == 200, answer.text
    print(answer.text)
    assert "Les Palettes du Nord" in answer.text
