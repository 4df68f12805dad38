"""How evenly suppliers are asked: the arithmetic, what is counted, and what it does to whose turn it is."""

import random
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text

from services.matching.exposure.figures import CURVE_POINTS, Asked, curve, exposure_of, gini
from shared.events.matching import SupplierSolicited
from shared.territory.place import radius_around
from tests.services.matching.scenes import BESSIERES, NOW, need, offer, supplier
from tests.services.matching.stage import Enter, Stage
from tests.services.matching.test_waves import offers

counts = st.lists(st.integers(0, 40), min_size=1, max_size=60)


def test_the_coefficient_of_known_markets() -> None:
    assert gini([3, 3, 3, 3]) == 0
    assert gini([0, 0, 0, 12]) == pytest.approx(0.75)
    assert gini([1, 2, 3, 4]) == pytest.approx(0.25)
    assert gini([]) == gini([0, 0]) == 0


@given(counts)
def test_the_coefficient_is_what_the_mean_difference_says(asked: list[int]) -> None:
    whole, size = sum(asked), len(asked)
    differences = sum(abs(a - b) for a in asked for b in asked)
    expected = differences / (2 * size * whole) if whole else 0.0
    assert gini(asked) == pytest.approx(expected)
    assert gini(random.Random(1).sample(asked, k=size)) == pytest.approx(gini(asked))


@given(counts)
def test_the_curve_rises_from_nothing_to_all_below_the_diagonal(asked: list[int]) -> None:
    points = curve(asked)
    assert (points[0], points[-1], len(points)) == (0.0, 1.0, CURVE_POINTS)
    assert points == sorted(points)
    assert all(point <= at / (CURVE_POINTS - 1) + 1e-4 for at, point in enumerate(points))


def test_who_fits_nothing_counts_among_the_asked_only() -> None:
    def one(*, fits: bool, asked: int, is_new: bool | None) -> Asked:
        return Asked(uuid4(), fits, asked, is_new)

    found = exposure_of(
        [
            one(fits=True, asked=4, is_new=False),
            one(fits=True, asked=0, is_new=True),
            one(fits=False, asked=1, is_new=True),
            one(fits=True, asked=2, is_new=None),
        ]
    )
    assert (found.suppliers, found.solicitations) == (3, 6)
    assert found.never_asked == pytest.approx(1 / 3)
    assert found.newcomers == pytest.approx(1 / 2)


async def measured(stage: Stage) -> list[Any]:
    await stage.measure()
    async with stage.database.sessions.begin() as session:
        return list((await session.execute(text("SELECT * FROM exposure_figures ORDER BY root"))).all())


async def fair(stage: Stage) -> dict[UUID, float]:
    async with stage.database.sessions.begin() as session:
        rows = await session.execute(text("SELECT organisation_id, fair FROM exposures"))
        return {row.organisation_id: row.fair for row in rows}


async def test_ten_of_fifteen_asked_are_counted(stage: Stage) -> None:
    known = supplier(registered_on=NOW.date() - timedelta(days=800), name="Ancienne")
    fresh = [offer(supplier=supplier(registered_on=NOW.date() - timedelta(days=30))) for _ in range(14)]
    await stage.tell(offer(supplier=known), *fresh, need())
    assert await stage.ask() == 10
    everywhere, *roots = await measured(stage)
    assert (everywhere.root, everywhere.suppliers, everywhere.solicitations) == ("", 15, 10)
    assert everywhere.never_asked == pytest.approx(1 / 3, abs=1e-4)
    assert everywhere.gini == pytest.approx(1 / 3, abs=1e-4)
    told = {each.organisation_id for each in await stage.heard(SupplierSolicited)}
    assert everywhere.newcomers == pytest.approx((10 - (known.organisation_id in told)) / 10)
    assert [(each.root, each.suppliers) for each in roots] == [("packaging", 15)]
    shares = await fair(stage)
    assert len(shares) == 15
    assert all(share == pytest.approx(10 / 15) for share in shares.values())


async def test_a_root_with_few_suppliers_has_no_line(stage: Stage) -> None:
    await stage.tell(*offers(9), need())
    await stage.ask()
    assert [each.root for each in await measured(stage)] == [""]


async def test_what_was_asked_over_ninety_days_ago_is_forgotten(stage: Stage) -> None:
    await stage.tell(*offers(12), need())
    await stage.ask()
    await measured(stage)
    stage.wait(days=91)
    rows = await measured(stage)
    assert [row.suppliers for row in rows if row.measured_on > NOW.date()] == [0]
    assert await fair(stage) == {}


async def test_a_day_keeps_its_last_count(stage: Stage) -> None:
    await stage.tell(*offers(3), need())
    assert [row.solicitations for row in await measured(stage)] == [0]
    await stage.ask()
    stage.wait(hours=1)
    assert [row.solicitations for row in await measured(stage)] == [3]


async def test_what_everybody_is_told_takes_nothing_from_anyones_share(stage: Stage) -> None:
    await stage.tell(*offers(12), need(public_tender=True))
    assert await stage.ask() == 12
    assert [row.solicitations for row in await measured(stage)] == [12, 12]
    assert await fair(stage) == {}


@pytest.mark.parametrize(("passed_over", "chosen"), [(0.0, []), (40.0, ["turn"])])
async def test_who_was_passed_over_comes_earlier_next_time(stage: Stage, passed_over: float, chosen: list[str]) -> None:
    """INVARIANT: who fits a little less well and never got its share goes before who got it."""
    near = [offer(supplier=supplier(name=f"Proche {number}")) for number in range(12)]
    further = offer(zones=(radius_around(BESSIERES, 40),), supplier=supplier(place=BESSIERES))
    asked = need()
    await stage.measure({further.supplier.organisation_id: passed_over})
    await stage.tell(*near, further, asked)
    await stage.ask()
    told = await stage.heard(SupplierSolicited)
    found = [each for each in told if each.organisation_id == further.supplier.organisation_id]
    assert [each.chosen for each in found if each.chosen == "turn"] == chosen
    assert all(each.rank == 13 and each.bonus == pytest.approx(9.7, abs=0.1) for each in found if chosen)


async def test_coordinators_see_the_figures_and_everybody_the_general_ones(stage: Stage, enter: Enter) -> None:
    nobody, coordinator = enter(), enter(uuid4(), roles=frozenset({"territory"}))
    assert "Ce que cela donne" not in (await nobody.get("/matching/ranking")).text
    assert "Rien à compter" in (await coordinator.get("/matching/exposure")).text
    await stage.tell(*offers(15), need())
    await stage.ask()
    await measured(stage)
    page = (await coordinator.get("/matching/exposure")).text
    for words in ("0,33", "33 %", "Les 20 % les moins sollicitées", "Emballages", "<polyline"):
        assert words in page.replace("\u00a0", " ").replace("\u202f", " ")
    told = (await coordinator.get("/matching/api/v1/exposure")).json()
    assert told["overall"]["suppliers"] == 15
    assert told["overall"]["gini"] == pytest.approx(1 / 3, abs=1e-4)
    assert [each["root"] for each in told["by_root"]] == ["packaging"]
    general = (await nobody.get("/matching/ranking")).text
    assert "Ce que cela donne" in general
    assert "0,33" in general
    assert "tirée au sort" in general


async def test_nobody_else_sees_the_figures_by_family(stage: Stage, enter: Enter) -> None:
    supplier_ = enter(uuid4())
    assert (await supplier_.get("/matching/exposure")).status_code == 403
    assert (await supplier_.get("/matching/api/v1/exposure")).status_code == 403
    assert (await enter().get("/matching/exposure")).status_code in (303, 401)
