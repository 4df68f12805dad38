"""Who fits a new demand is told before anything of it is kept; what is kept then holds to it, or corrects it."""

from collections.abc import AsyncIterator
from types import SimpleNamespace
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from deploy.chaos.verdict import TOLD_TWICE
from services.matching.demands.handlers import FORETELLERS
from services.matching.matches.queries import kept_demand, until_kept
from shared.events.catalog import FlowPublished, NeedPublished, NeedUpdated, NeedWithdrawn
from shared.events.matching import DemandMatched, DemandUnmatched
from shared.messaging.outbox import recording_unless
from tests.services.matching.scenes import BESSIERES, flow, need, offer
from tests.services.matching.stage import HANDLERS, Stage

Posted = NeedPublished | FlowPublished
COUNTED = ("demands", "matches", "match_history", "waves")


@pytest.fixture(autouse=True)
async def nothing_told_twice(stage: Stage) -> AsyncIterator[None]:
    """What the rig asks of matching after a run holds of every story here."""
    yield
    assert await told_twice(stage) == 0


async def told_twice(stage: Stage) -> int:
    async with stage.database.sessions.begin() as session:
        return int(await session.scalar(text(TOLD_TWICE)) or 0)


async def foretold(stage: Stage, event: Posted) -> None:
    """Only told, as if the process had died after it."""
    await FORETELLERS[type(event)](stage.database, event)


async def whole(stage: Stage, event: Posted) -> None:
    """As the consumer does."""
    handler = await FORETELLERS[type(event)](stage.database, event)
    async with stage.database.sessions.begin() as session:
        await handler(session, event)


async def kept(stage: Stage) -> dict[str, int]:
    async with stage.database.sessions.begin() as session:
        return {table: int(await session.scalar(text(f"SELECT count(*) FROM {table}")) or 0) for table in COUNTED}


async def known(stage: Stage, *offers: object) -> None:
    """Offers that memory knows of: a demand was matched since they came."""
    await stage.tell(*offers, need(need_id=uuid4(), place=BESSIERES, radius_km=1))  # type: ignore[arg-type]


def scored(told: DemandMatched) -> list[tuple[UUID, UUID, int, object]]:
    return [(each.match_id, each.offer_id, each.score, each.reasons) for each in told.matches]


@pytest.mark.parametrize("posted", [need, flow])
async def test_what_is_foretold_is_what_is_told_anyway(stage: Stage, posted: type) -> None:
    """INVARIANT: one ranking, under the first number, and all of it is kept: no more and no less than otherwise."""
    asked, twin = posted(), posted(**{"need_id" if posted is need else "flow_id": uuid4()})
    await known(stage, offer(takes_material=True), offer(takes_material=True))
    await stage.tell(twin)
    before = await kept(stage)
    await whole(stage, asked)
    (told,), (otherwise,) = (
        await stage.heard(DemandMatched, asked.aggregate_id),
        await stage.heard(DemandMatched, twin.aggregate_id),
    )
    assert told.version == 1
    assert [each[1:] for each in scored(told)] == [each[1:] for each in scored(otherwise)]
    assert told.entered == otherwise.entered
    rows = {table: count - before[table] for table, count in (await kept(stage)).items()}
    assert rows == {"demands": 1, "matches": 2, "match_history": 2, "waves": 1}
    async with stage.database.sessions.begin() as session:
        ids = await session.scalars(text("SELECT id FROM matches WHERE demand_id = :id"), {"id": asked.aggregate_id})
        assert set(ids) == {each.match_id for each in told.matches}


@pytest.mark.promise(7)
async def test_who_died_after_telling_tells_nothing_again(stage: Stage) -> None:
    """INVARIANT: the event comes again, and its handler keeps what was told under the number that was told."""
    asked = need()
    await known(stage, offer())
    await foretold(stage, asked)
    assert (await kept(stage))["matches"] == 0
    await whole(stage, asked)
    assert [each.version for each in await stage.heard(DemandMatched, asked.need_id)] == [1]
    assert (await kept(stage))["matches"] == 1
    await stage.tell(offer())
    assert [each.version for each in await stage.heard(DemandMatched, asked.need_id)] == [1, 2]


async def test_a_supplier_that_memory_had_not_read_is_told_after(stage: Stage) -> None:
    asked, late = need(), offer()
    early = offer()
    await known(stage, early)
    await stage.tell(late)
    await whole(stage, asked)
    first, second = await stage.heard(DemandMatched, asked.need_id)
    assert [each.offer_id for each in first.matches] == [early.offer_id]
    assert {each.offer_id for each in second.matches} == {early.offer_id, late.offer_id}
    assert second.entered == (late.supplier.organisation_id,)


async def test_a_supplier_that_went_meanwhile_leaves(stage: Stage) -> None:
    asked, gone = need(), offer()
    await known(stage, gone)
    await foretold(stage, asked)
    async with stage.database.sessions.begin() as session:
        await session.execute(text("UPDATE supplies SET status = 'withdrawn' WHERE id = :id"), {"id": gone.offer_id})
    await stage.tell(asked)
    first, second = await stage.heard(DemandMatched, asked.need_id)
    assert (first.version, second.version) == (1, 2)
    assert second.left == first.entered
    assert await stage.ranking(asked) == []


async def test_what_was_told_of_a_need_that_stopped_before_it_was_kept_is_taken_back(stage: Stage) -> None:
    asked = need()
    await known(stage, offer())
    await foretold(stage, asked)
    stop = NeedWithdrawn(version=2, need_id=asked.need_id, organisation_id=asked.author.organisation_id)
    await stage.tell(stop, asked)
    first, second = await stage.heard(DemandMatched, asked.need_id)
    assert (second.version, second.matches, second.left) == (2, (), first.entered)
    assert (await kept(stage))["matches"] == 0


async def test_what_was_told_of_an_older_version_is_corrected(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """INVARIANT: what is told last is what is kept, also where two replicas have two versions at the same moment."""
    asked = need()
    away = NeedUpdated(**{**dict(asked), "version": 2, "place": BESSIERES, "radius_km": 5})
    await known(stage, offer())
    await stage.tell(away)
    assert await stage.heard(DemandUnmatched, asked.need_id)
    # The replica that foretells does not see yet what the other one kept.
    monkeypatch.setattr("services.matching.matches.foretelling.RECORD_FIRST", recording_unless("false"))
    await foretold(stage, asked)
    await stage.tell(asked)
    first, second = await stage.heard(DemandMatched, asked.need_id)
    assert (first.version, second.version) == (1, 2)
    assert second.left == first.entered
    assert second.matches == ()


async def test_nothing_is_foretold_of_a_known_need_nor_where_nobody_fits(stage: Stage) -> None:
    asked, alone = need(), need(place=BESSIERES, radius_km=1)
    await known(stage, offer())
    await stage.tell(asked)
    async with stage.database.sessions.begin() as session:
        # Told so long ago that the outbox has forgotten it.
        await session.execute(text("DELETE FROM outbox"))
    for each in (asked, alone):
        await foretold(stage, each)
        assert await stage.heard(DemandMatched) == []


async def test_who_comes_because_of_it_waits_until_it_is_kept(
    stage: Stage, session: AsyncSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.matching.matches.queries.LOOKS", 3)
    asked = need()
    await known(stage, offer())
    await foretold(stage, asked)
    looked: list[int] = []

    async def keep(_seconds: float) -> None:
        looked.append(1)
        await HANDLERS[NeedPublished](session, asked)

    monkeypatch.setattr("services.matching.matches.queries.asyncio", SimpleNamespace(sleep=keep))
    found = await kept_demand(session, asked.need_id, kind="need")
    assert found is not None
    assert looked == [1]
    await until_kept(session)
    assert looked == [1]


COPIED = text("""
    INSERT INTO outbox (event_id, type, aggregate_id, version, subject, payload)
    SELECT gen_random_uuid(), type, aggregate_id, version + :later, subject,
           CASE WHEN :is_empty THEN jsonb_set(payload::jsonb, '{data,matches}', '[]')::json ELSE payload END
    FROM outbox WHERE type = :type AND version = 1
""")


@pytest.mark.parametrize(
    ("empties", "twice"), [((False,), 1), ((True,), 0), ((True, False), 3)], ids=["the same", "a correction", "a third"]
)
async def test_the_rig_tells_a_correction_from_what_is_told_twice(
    stage: Stage, empties: tuple[bool, ...], twice: int
) -> None:
    await known(stage, offer())
    await whole(stage, need())
    async with stage.database.sessions.begin() as session:
        for later, is_empty in enumerate(empties, start=1):
            await session.execute(COPIED, {"later": later, "is_empty": is_empty, "type": DemandMatched.type})
    assert await told_twice(stage) == twice
    async with stage.database.sessions.begin() as session:
        await session.execute(text("DELETE FROM outbox"))
