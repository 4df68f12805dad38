"""What weights are learnt from is kept when it happens; a learnt table ranks pages, index and judge alike."""

import importlib.util
from collections.abc import Iterator
from datetime import timedelta
from uuid import UUID

import pytest
from asyncpg.exceptions import InsufficientPrivilegeError
from sqlalchemy import text

from deploy.learning.lines import Line
from deploy.learning.reading import lines_of
from services.matching.index.compiled.encoding import row_of_supply
from services.matching.index.compiled.market import Market
from services.matching.learning.answers import Answer, taught
from services.matching.learning.commands import keep_answer
from services.matching.learning.promoting import promote
from services.matching.projections import rematch_demands
from services.matching.ranking.queries import read_weights
from services.matching.ranking.reading import demand_of_need, supply_of_offer
from services.matching.ranking.score import judge
from services.matching.ranking.weights import FILE, TableUnusable, put_in_force, released, table_of, weights
from shared.events.catalog import NeedPublished, OfferUpdated
from shared.events.matching import DemandMatched, SupplierSolicited
from shared.events.reasons import Feature
from tests.services.matching.scenes import NOW, TODAY, need, offer
from tests.services.matching.stage import Enter, Stage
from tests.services.matching.test_waves import offers

VERSIONS = FILE.parents[1] / "migrations" / "versions"
LEARNT = (
    FILE.read_text(encoding="utf-8")
    .replace(f'version = "{released().version}"', f'version = "{released().version}+1a2b3c4d"')
    .replace("category = 34", "category = 20")
    .replace("distance = 14", "distance = 28")
)


@pytest.fixture(autouse=True)
def _released_afterwards() -> Iterator[None]:
    yield
    put_in_force(None)


async def answer(stage: Stage, about: NeedPublished, whose: UUID, said: Answer, *, why: str | None = None) -> None:
    async with stage.database.sessions.begin() as session:
        await keep_answer(session, about.need_id, whose, answer=said, reason=why, at=stage.now)


async def promoted(stage: Stage, version: str, written: str) -> None:
    """As the owner, who alone may."""
    async with stage.database.sessions.begin() as session:
        await session.execute(text("SET LOCAL ROLE matching_owner"))
        await promote(session, version, written)
        await session.execute(text("SET LOCAL ROLE matching_work"))


async def lines(stage: Stage) -> list[Line]:
    async with stage.database.sessions.begin() as session:
        return await lines_of(session, since=NOW - timedelta(days=9), until=NOW + timedelta(days=9))


async def test_who_was_asked_is_read_with_what_was_measured_then(stage: Stage) -> None:
    asked, some = need(), offers(13)
    await stage.tell(*some, asked)
    await stage.ask()
    told = await stage.heard(SupplierSolicited)
    await answer(stage, asked, told[0].organisation_id, Answer.ACCEPTED)
    await answer(stage, asked, told[1].organisation_id, Answer.DECLINED, why="too_far")
    was = next(each for each in some if each.offer_id == told[0].offer_id)
    stage.wait(hours=1)
    await stage.tell(OfferUpdated(**{**dict(was), "version": 2, "title": "Collecte", "description": ""}))
    found = await lines(stage)
    assert sorted(line.asked for line in found) == [False] * 3 + [True] * 10
    assert {line.propensity for line in found if line.asked} == {each.propensity for each in told}
    by = {line.organisation: line for line in found}
    first, second = by[told[0].organisation_id], by[told[1].organisation_id]
    assert (first.answer, first.gain, first.rank) == (Answer.ACCEPTED, 3, told[0].rank)
    assert (second.answer, second.reason) == (Answer.DECLINED, "too_far")
    assert by[told[2].organisation_id].answer is None
    # What it says of itself since then was not what it was asked for.
    assert first.measures[Feature.TEXT] == second.measures[Feature.TEXT] > 0


async def test_measures_are_those_that_gave_the_points(stage: Stage) -> None:
    await stage.tell(offer(), need())
    async with stage.database.sessions.begin() as session:
        row = (await session.execute(text("SELECT points, score, measures FROM match_history"))).one()
    table = weights()
    whole = sum(table.points[Feature(name)] for name in row.measures)
    points = 100 * sum(table.points[Feature(name)] * value for name, value in row.measures.items()) / whole
    assert row.points == pytest.approx(points, abs=0.51)
    assert row.score == table.shown[row.points]


async def test_the_newest_answer_counts_and_waves_hear_who_is_interested(stage: Stage) -> None:
    asked, (one,) = need(), offers(1)
    await stage.tell(one, asked)
    await stage.ask()
    whose = one.supplier.organisation_id
    await answer(stage, asked, whose, Answer.INTERESTED)
    stage.wait(hours=1)
    await answer(stage, asked, whose, Answer.PROPOSED)
    stage.wait(hours=-2)
    await answer(stage, asked, whose, Answer.DECLINED, why="price")
    async with stage.database.sessions.begin() as session:
        kept = (await session.execute(text("SELECT answer, reason FROM answers"))).all()
        interested = await session.scalar(text("SELECT interested FROM demands"))
    assert [tuple(row) for row in kept] == [("proposed", None)]
    assert interested == 1


def test_a_reason_teaches_only_what_it_speaks_of() -> None:
    assert taught("too_far") == {Feature.DISTANCE}
    assert Feature.DISTANCE not in taught("other_trade")
    assert taught("price") == taught("no_time") == frozenset()
    assert taught(None) == taught("a reason of a newer catalog") == frozenset(Feature)


async def test_a_promoted_table_ranks_from_the_next_start_and_each_match_keeps_its_own(
    stage: Stage, enter: Enter
) -> None:
    asked, offered = need(), offer()
    await stage.tell(offered, asked)
    await promoted(stage, table_of(LEARNT).version, LEARNT)
    assert weights() is released(), "not before a start"
    await read_weights(stage.database)
    assert weights().points[Feature.DISTANCE] == 28
    async with stage.database.sessions.begin() as session:
        await rematch_demands(session, [asked.need_id])
        kept = await session.execute(text("SELECT change, weights FROM match_history ORDER BY id"))
        assert [tuple(row) for row in kept] == [
            ("entered", released().version),
            ("changed", f"{released().version}+1a2b3c4d"),
        ]
    told = (await stage.heard(DemandMatched))[-1]
    assert told.weights == f"{released().version}+1a2b3c4d"
    page = (await enter().get("/matching/ranking")).text
    assert f"version {released().version}+1a2b3c4d" in page.replace("\u00a0", " ")
    assert ">28<" in page
    assert "Ces poids ont été appris de réponses" in page


async def test_the_index_goes_by_the_same_table_as_judge(stage: Stage) -> None:
    """INVARIANT: one table for the compiled passes and for `judge`, whichever is in force."""
    for table in (None, table_of(LEARNT)):
        put_in_force(table)
        market, demand, supply = Market(), demand_of_need(need()), supply_of_offer(offer())
        market.engine.supplies.add(row_of_supply(supply, market.engine.numbering))
        (hit,) = market.engine.supplies_for(demand, today=TODAY, most=5, misses=5).matches
        verdict = judge(demand, supply, weights(), today=TODAY)
        assert verdict is not None
        assert hit["score"] == verdict.score


async def test_the_worker_itself_promotes_nothing(stage: Stage) -> None:
    with pytest.raises(InsufficientPrivilegeError):
        async with stage.database.sessions.begin() as session:
            await promote(session, table_of(LEARNT).version, LEARNT)


async def test_a_table_of_another_release_or_one_that_is_broken_is_not_ranked_by(stage: Stage) -> None:
    for version, written in (("2020-01-01+1a2b3c4d", LEARNT), (f"{released().version}+ffffffff", "[points]")):
        await promoted(stage, version, written)
        await read_weights(stage.database)
        assert weights() is released()
        stage.wait(hours=1)


@pytest.mark.parametrize(
    ("was", "becomes"),
    [
        ("freshness = 3", ""),
        ("category = 34", "category = 35"),
        ("category = 34\ncode = 10", "category = 46\ncode = -2"),
        ("[60, 11]", "[60, 9]"),
        ("[100, 98]", "[100, 101]"),
        ("[100, 98]", "[99, 98]"),
        ("match = 50", ""),
    ],
)
def test_a_table_that_would_change_an_order_or_lacks_something_is_refused(was: str, becomes: str) -> None:
    """INVARIANT: among matches the score orders as the points do, and ties where they tie."""
    written = FILE.read_text(encoding="utf-8")
    assert was in written
    with pytest.raises(TableUnusable):
        table_of(written.replace(was, becomes))


def test_scores_rise_with_every_point_from_the_floor_on() -> None:
    table = released()
    fitting = table.shown[table.match_from :]
    assert sorted(set(fitting)) == list(fitting)
    assert (table.shown[0], table.shown[49]) == (0, 0)
    assert max(table.shown) <= 100


def test_the_migration_shows_stored_points_as_the_released_table_does() -> None:
    spec = importlib.util.spec_from_file_location("learning", VERSIONS / "0012_learning.py")
    assert spec is not None
    assert spec.loader is not None
    migration = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(migration)
    assert tuple(map(int, migration.SHOWN.split(","))) == released().shown[50:]
