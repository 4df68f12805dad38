"""What is left of lots and flows, as matching hears of it: nobody is asked, or shown, what is all taken."""

from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text

from shared.events.catalog import FlowPublished, FlowTaken, FlowUpdated, LotChanged, LotReleased
from shared.events.matching import DemandMatched
from tests.services.matching.scenes import NOW, flow, offer, quantity
from tests.services.matching.stage import Enter, Stage
from tests.services.matching.test_search import told
from tests.services.matching.test_waves import FRIDAY_18


def taken(given: FlowPublished, *, version: int = 2) -> FlowTaken:
    return FlowTaken(version=version, flow_id=given.flow_id, organisation_id=given.author.organisation_id)


def freed(given: FlowPublished) -> FlowUpdated:
    return FlowUpdated(**{**dict(given), "version": 3})


def lot(given: FlowPublished, left: str | None, *, at: datetime = NOW, lot_id: UUID | None = None) -> LotReleased:
    return LotReleased(
        version=1,
        lot_id=lot_id or uuid4(),
        flow_id=given.flow_id,
        organisation_id=given.author.organisation_id,
        quantity=quantity(100),
        left=None if left is None else Decimal(left),
        available_at=at,
        expires_at=at + timedelta(hours=30),
    )


async def is_open(stage: Stage, lot_id: UUID) -> bool:
    async with stage.database.sessions() as session:
        found = await session.scalar(text("SELECT is_open FROM lots WHERE id = :id"), {"id": lot_id})
        return bool(found)


async def fitting(stage: Stage, given: FlowPublished) -> list[UUID]:
    async with stage.database.sessions() as session:
        found = text("SELECT offer_id FROM matches WHERE demand_id = :id")
        return list(await session.scalars(found, {"id": given.flow_id}))


async def test_a_flow_that_is_all_taken_leaves_the_search_and_comes_back(stage: Stage, enter: Enter) -> None:
    given = flow()
    await stage.tell(given)
    assert (await told(enter(), q="palettes"))["total"] == 1
    await stage.tell(taken(given))
    assert (await told(enter(), q="palettes"))["total"] == 0
    await stage.tell(freed(given))
    assert (await told(enter(), q="palettes"))["total"] == 1


async def test_a_flow_that_is_all_taken_fits_nobody_until_something_is_freed(stage: Stage) -> None:
    given, taker = flow(), offer()
    await stage.tell(given, taker)
    await stage.tell(taken(given))
    assert await fitting(stage, given) == []
    await stage.tell(freed(given))
    assert await fitting(stage, given) == [taker.offer_id]
    assert [each.total for each in await stage.heard(DemandMatched, given.flow_id)] == [1, 0, 1]


async def test_that_all_is_taken_may_be_heard_after_it_is_free_again(stage: Stage) -> None:
    """INVARIANT: the newest fact about a flow decides, in whatever order they come."""
    given, taker = flow(), offer()
    await stage.tell(taker, given, freed(given), taken(given))
    assert await fitting(stage, given) == [taker.offer_id]


@pytest.mark.parametrize(("left", "asked"), [("0", 0), ("40", 1), (None, 1)])
async def test_nobody_is_hurried_for_a_lot_of_which_nothing_is_left(stage: Stage, left: str | None, asked: int) -> None:
    stage.now = FRIDAY_18
    given = flow()
    await stage.tell(given, lot(given, left, at=FRIDAY_18), offer())
    assert await stage.ask() == asked


async def test_a_lot_is_open_while_something_is_left(stage: Stage) -> None:
    given, lot_id = flow(), uuid4()
    first = lot(given, "100", lot_id=lot_id)
    await stage.tell(given, first)
    for version, left in enumerate(("0", "25"), start=2):
        changed = {**dict(first), "version": version, "left": Decimal(left)}
        await stage.tell(LotChanged(**changed))
        assert await is_open(stage, lot_id) is (left != "0")
