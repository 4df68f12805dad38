"""The index between two starts: what was written is read again, and only what changed since is read anew."""

import asyncio
import random
import threading
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from services.matching.index.compiled import rack, snapshot
from services.matching.index.compiled.keeping import catch_up, kept_index, read_for_ever, read_index, write_index
from services.matching.index.compiled.market import Market, market_at
from services.matching.index.compiled.rules import rules_of
from services.matching.ranking.reading import demand_of_need
from services.matching.ranking.weights import weights
from shared.events import Event
from shared.events.catalog import OfferPublished, OfferUpdated, OfferWithdrawn
from shared.territory.place import radius_around
from tests.services.matching.scenes import MURET, TODAY, need, offer, random_place, supplier
from tests.services.matching.stage import Stage
from tests.support import Isolated


async def a_start(database: Isolated, folder: Path) -> tuple[int, int]:
    """How many supplies and demands a worker that begins now holds; it leaves them in the folder."""
    market_at(database).begin_again()
    async with kept_index(database, folder):
        engine = market_at(database).engine
        return engine.supplies.living, engine.demands.living


async def test_a_start_reads_what_the_last_one_left_and_what_came_since(stage: Stage, tmp_path: Path) -> None:
    folder = tmp_path / "index"
    first, second = offer(), offer()
    await stage.tell(first, need())
    assert await a_start(stage.database, folder) == (1, 1)
    left = Market()
    assert await read_index(stage.database, left, folder)
    assert left.engine.supplies.tag_of(first.offer_id) is not None
    await stage.tell(second)
    assert await a_start(stage.database, folder) == (2, 1)


async def test_an_index_of_another_database_is_not_read(stage: Stage, tmp_path: Path) -> None:
    await stage.tell(offer())
    await a_start(stage.database, tmp_path / "index")
    async with stage.database.sessions.begin() as session:
        await session.execute(text("RESET ROLE"))
        await session.execute(text("COMMENT ON SEQUENCE changes IS 'another'"))
    assert not await read_index(stage.database, Market(), tmp_path / "index")
    assert await a_start(stage.database, tmp_path / "index") == (1, 0)


async def test_many_rows_are_read_in_short_transactions(stage: Stage) -> None:
    for _ in range(5):
        await stage.tell(offer())
    market = Market(at_once=2)
    await catch_up(stage.database, market)
    assert market.engine.supplies.living == 5


async def test_rows_that_somebody_took_away_are_found_no_more(stage: Stage) -> None:
    first, second = offer(), offer()
    await stage.tell(first, second)
    market = Market()
    await catch_up(stage.database, market)
    assert market.engine.supplies.living == 2
    async with stage.database.sessions.begin() as session:
        await session.execute(text("DELETE FROM supplies WHERE id = :id"), {"id": first.offer_id})
    await catch_up(stage.database, market)
    assert market.engine.supplies.tag_of(first.offer_id) is None
    assert market.engine.supplies.tag_of(second.offer_id) is not None


@pytest.mark.promise(31)
async def test_two_replicas_hold_the_same_index(stage: Stage) -> None:
    """Whatever each has heard of when, and in however small pieces: the same rows, the same answers."""
    chance, replicas, offers = random.Random(8), (Market(), Market(at_once=2)), [offer()]
    await stage.tell(*offers)
    for _ in range(24):
        step = chance.choice(("offer", "need", "change", "withdraw"))
        if step in ("offer", "need"):
            made = offer(supplier=supplier(place=random_place(chance))) if step == "offer" else need()
            offers += [made] if isinstance(made, OfferPublished) else []
            await stage.tell(made)
        else:
            await stage.tell(written_again(offers, chance, is_over=step == "withdraw"))
        if chance.random() < 0.4:
            await catch_up(stage.database, chance.choice(replicas))
    for market in replicas:
        await catch_up(stage.database, market)
    one, other = (held(market, [each.offer_id for each in offers]) for market in replicas)
    assert one == other
    assert sum(tag is not None for tag in one["tags"]) == sum(each is not None for each in one["found"]) > 3


def written_again(offers: list[OfferPublished], chance: random.Random, *, is_over: bool) -> Event:
    """The next version of an offer: withdrawn, or for another place."""
    number = chance.randrange(len(offers))
    before = offers[number]
    offers[number] = before.model_copy(update={"version": before.version + 1, "zones": (radius_around(MURET, 30),)})
    if is_over:
        return OfferWithdrawn(
            offer_id=before.offer_id, organisation_id=before.supplier.organisation_id, version=before.version + 1
        )
    return OfferUpdated(**dict(offers[number]))


def held(market: Market, ids: list[UUID]) -> dict[str, Any]:
    """Which rows a market holds, how they are written, and the score of each for a demand."""
    supplies = market.engine.supplies
    loose = replace(weights(), match_from=0, near_miss_from=0)
    market.engine.rules = rules_of(loose)
    hits = market.engine.supplies_for(demand_of_need(need()), today=TODAY, most=999, misses=999)
    scores = {supplies.id_of(hit["slot"]): (hit["score"], hit["gap"]) for hit in (*hits.matches, *hits.misses)}
    return {"tags": [supplies.tag_of(each) for each in ids], "found": [scores.get(each) for each in ids]}


async def test_memory_knows_of_an_offer_before_any_need_comes(stage: Stage) -> None:
    await stage.tell(offer())
    reading = asyncio.create_task(read_for_ever(stage.database))
    async with asyncio.timeout(10):
        while not market_at(stage.database).engine.supplies.living:
            await asyncio.sleep(0.01)
    reading.cancel()
    await asyncio.gather(reading, return_exceptions=True)


async def test_what_was_written_over_is_given_up_while_searches_go_on(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The index of a worker that runs for months is as large as what it holds, and lies as after a start."""
    monkeypatch.setattr(rack, "UNTIDY", 6)
    market, offers = Market(), [offer(), offer()]
    await stage.tell(*offers)
    await catch_up(stage.database, market)
    as_it_lay, chance = market.engine.supplies, random.Random(3)
    await market.tidy()
    assert market.engine.supplies is as_it_lay, "so few changes are not worth it"
    for _ in range(6):
        await stage.tell(written_again(offers, chance, is_over=False))
        await catch_up(stage.database, market)
        held_before = held(market, [each.offer_id for each in offers])
        fresh = Market()
        await catch_up(stage.database, fresh)
        assert held_before == held(fresh, [each.offer_id for each in offers])
        assert market.engine.supplies.used - market.engine.supplies.living <= 6
    assert market.engine.supplies is not as_it_lay


async def test_what_comes_while_rows_are_laid_side_by_side_is_read_after(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rack, "UNTIDY", 0)
    market, first, second = Market(), offer(), offer()
    await stage.tell(first)
    await read(stage.database, market)
    lay, thread = rack.Rack.side_by_side, Held()

    def slowly(before: rack.Rack) -> rack.Rack:
        laid = lay(before)
        thread.wait()
        return laid

    monkeypatch.setattr(rack.Rack, "side_by_side", slowly)
    tidying = asyncio.create_task(market.tidy())
    reading = await told_meanwhile(stage, market, thread, first, second)
    thread.go_on.set()
    await asyncio.gather(tidying, reading)
    found = held(market, [first.offer_id, second.offer_id])["found"]
    assert None not in found
    assert market.engine.supplies.living == 2


@pytest.mark.parametrize("is_called_off", [False, True], ids=["to the end", "called off"])
async def test_what_comes_while_the_index_is_written_is_read_after(
    stage: Stage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, is_called_off: bool
) -> None:
    folder, market, first, second = tmp_path / "index", Market(), offer(), offer()
    await stage.tell(first)
    await read(stage.database, market)
    save, thread = snapshot.save, Held()

    def slowly(*args: Any, **kwargs: Any) -> None:
        thread.wait()
        save(*args, **kwargs)

    monkeypatch.setattr(snapshot, "save", slowly)
    writing = asyncio.create_task(write_index(stage.database, market, folder))
    await thread.begun.wait()
    if is_called_off:
        writing.cancel()
    reading = await told_meanwhile(stage, market, thread, first, second)
    thread.go_on.set()
    await asyncio.gather(writing, reading, return_exceptions=True)
    assert writing.cancelled() is is_called_off
    assert market.engine.supplies.living == 2
    left = Market()
    assert await read_index(stage.database, left, folder)
    assert left.engine.supplies.living == 1, "what was known when it was begun"
    await read(stage.database, left)
    assert left.engine.supplies.living == 2


class Held:
    """A thread that tells when it has begun, and goes on when it may."""

    def __init__(self) -> None:
        self.begun, self.go_on, self._loop = asyncio.Event(), threading.Event(), asyncio.get_running_loop()

    def wait(self) -> None:
        self._loop.call_soon_threadsafe(self.begun.set)
        self.go_on.wait(10)


async def told_meanwhile(
    stage: Stage, market: Market, thread: Held, known: OfferPublished, other: OfferPublished
) -> "asyncio.Task[None]":
    """While the thread is held another offer comes, and a search finds what was known; returns who reads the other."""
    await thread.begun.wait()
    await stage.tell(other)
    reading = asyncio.create_task(read(stage.database, market))
    await asyncio.sleep(0.2)
    assert held(market, [known.offer_id])["found"] != [None], "a search waits for nobody"
    return reading


async def read(database: Isolated, market: Market) -> None:
    async with database.sessions.begin() as session:
        await market.read_supplies(session)
