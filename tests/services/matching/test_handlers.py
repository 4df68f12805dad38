"""What an open ranking tells, both ways, and what makes it change."""

import asyncio
from uuid import uuid4

from sqlalchemy import text

from deploy.embedded.engines import Engines
from shared.clock import Calendar
from shared.database import Database
from shared.events import Event
from shared.events.catalog import (
    Ending,
    NeedClosed,
    NeedUpdated,
    NeedWithdrawn,
    OfferPaused,
    OfferUpdated,
    OfferWithdrawn,
)
from shared.events.matching import DemandMatched, DemandUnmatched
from shared.events.reasons import Constraint
from shared.territory.place import radius_around
from tests.services.matching.scenes import BESSIERES, MURET, NOW, author, need, offer, supplier
from tests.services.matching.stage import HANDLERS, Stage


async def test_a_need_finds_the_offers_that_were_there_before(stage: Stage) -> None:
    before, asked = offer(), need()
    await stage.tell(before, asked)
    (told,) = await stage.heard(DemandMatched)
    assert [match.offer_id for match in told.matches] == [before.offer_id]
    assert told.entered == (before.supplier.organisation_id,)
    assert told.matches[0].reasons
    assert (told.version, told.total, told.matches[0].rank) == (1, 1, 1)


async def test_an_offer_finds_the_needs_that_were_there_before(stage: Stage) -> None:
    asked, after = need(), offer()
    await stage.tell(asked, after)
    assert await stage.ranking(asked) == [after.offer_id]


async def test_both_orders_give_the_same_match(stage: Stage) -> None:
    asked, offered = need(), offer()
    await stage.tell(asked, offered)
    other = need(need_id=uuid4(), author=asked.author)
    await stage.tell(other)
    first = await stage.heard(DemandMatched, asked.need_id)
    second = await stage.heard(DemandMatched, other.need_id)
    assert first[-1].matches[0].score == second[-1].matches[0].score
    assert first[-1].matches[0].reasons == second[-1].matches[0].reasons


async def test_telling_the_same_twice_changes_nothing(stage: Stage) -> None:
    asked, offered = need(), offer()
    await stage.tell(asked, offered, asked, offered)
    assert len(await stage.heard(DemandMatched)) == 1


async def test_an_older_version_is_ignored(stage: Stage) -> None:
    offered = offer(version=3)
    old = OfferUpdated(**{**dict(offered), "version": 2, "zones": (radius_around(MURET, 1),)})
    asked = need()
    await stage.tell(offered, old, asked)
    assert await stage.ranking(asked) == [offered.offer_id]


async def test_an_offer_that_changes_leaves_and_enters(stage: Stage) -> None:
    asked, offered = need(), offer()
    away = OfferUpdated(**{**dict(offered), "version": 2, "zones": (radius_around(MURET, 1),)})
    back = OfferUpdated(**{**dict(offered), "version": 3})
    await stage.tell(asked, offered, away, back)
    entered, left, again = await stage.heard(DemandMatched)
    assert left.left == entered.entered == again.entered
    assert left.matches == ()
    assert left.total == 0


async def test_a_need_that_changes_is_matched_anew(stage: Stage) -> None:
    offered, asked = offer(), need()
    away = NeedUpdated(**{**dict(asked), "version": 2, "place": BESSIERES, "radius_km": 5})
    await stage.tell(offered, asked, away)
    assert await stage.ranking(asked) == []


async def test_a_withdrawn_or_paused_offer_disappears(stage: Stage) -> None:
    for stopped in (OfferPaused, OfferWithdrawn):
        asked, offered = need(), offer()
        await stage.tell(asked, offered)
        assert await stage.ranking(asked) == [offered.offer_id]
        await stage.tell(
            stopped(version=2, offer_id=offered.offer_id, organisation_id=offered.supplier.organisation_id)
        )
        assert await stage.ranking(asked) == []


async def test_a_need_that_ended_has_no_ranking_and_gets_no_new_match(stage: Stage) -> None:
    for ended in (
        lambda need: NeedWithdrawn(version=2, need_id=need.need_id, organisation_id=need.author.organisation_id),
        lambda need: NeedClosed(
            version=2, need_id=need.need_id, organisation_id=need.author.organisation_id, outcome=Ending.PRICE
        ),
    ):
        asked, offered = need(), offer()
        await stage.tell(asked, offered, ended(asked), offer())
        assert await stage.ranking(asked) == []


async def test_nobody_fits_tells_the_nearest_misses_once(stage: Stage) -> None:
    short, asked = offer(zones=(radius_around(BESSIERES, 20),), supplier=supplier(place=BESSIERES)), need()
    await stage.tell(short, asked, asked)
    (told,) = await stage.heard(DemandUnmatched)
    assert [miss.gap.constraint for miss in told.near_misses] == [Constraint.AREA]
    assert await stage.heard(DemandMatched) == []


async def test_a_hidden_author_is_never_named(stage: Stage) -> None:
    await stage.tell(offer(), need(author=author(hidden=True)))
    (told,) = await stage.heard(DemandMatched)
    assert told.matches
    assert told.demand.author_name is None
    assert "Hexaplane" not in (await stage.payloads(DemandMatched))[0]


async def test_a_change_that_moves_nobody_tells_nothing(stage: Stage) -> None:
    asked, offered = need(), offer()
    reworded = OfferUpdated(**{**dict(offered), "version": 2, "description": "Ouvert le lundi."})
    await stage.tell(asked, offered, reworded)
    assert len(await stage.heard(DemandMatched)) == 1


async def test_the_history_says_why_a_supplier_was_matched_and_when_it_left(stage: Stage) -> None:
    asked, offered = need(), offer()
    away = OfferUpdated(**{**dict(offered), "version": 2, "zones": (radius_around(MURET, 1),)})
    await stage.tell(asked, offered, away)
    async with stage.database.sessions.begin() as session:
        rows = (
            await session.execute(
                text("SELECT change, score, reasons, weights FROM match_history WHERE demand_id = :need ORDER BY id"),
                {"need": asked.need_id},
            )
        ).all()
    assert [row.change for row in rows] == ["entered", "left"]
    assert all(row.score > 0 and row.reasons and row.weights for row in rows)


async def test_invariant_the_later_event_of_a_pair_finds_the_earlier_one(engines: Engines) -> None:
    """INVARIANT: two replicas handle a need and an offer at once; without the lock neither would see the other."""
    asked, offered = need(), offer()
    database = Database(
        engines.instance.database_url("matching", "work"), clock=lambda: NOW, calendar=Calendar(always_open=True)
    )
    try:
        async with database.sessions.begin() as first:
            await HANDLERS[type(asked)](first, asked)
            later = asyncio.create_task(_handle(database, offered))
            await asyncio.sleep(0.2)
            assert not later.done()
        await later
        async with database.sessions.begin() as session:
            found = await session.scalars(
                text("SELECT offer_id FROM matches WHERE demand_id = :need"), {"need": asked.need_id}
            )
            assert found.all() == [offered.offer_id]
    finally:
        async with database.sessions.begin() as session:
            for table in ("outbox", "solicitations", "waves", "match_history", "matches", "near_misses"):
                await session.execute(text(f"DELETE FROM {table}"))
            await session.execute(text("DELETE FROM demands"))
            await session.execute(text("DELETE FROM supplies"))
        await database.close()


async def _handle(database: Database, event: Event) -> None:
    async with database.sessions.begin() as session:
        await HANDLERS[type(event)](session, event)
