"""The first byte of the search's page, among so many needs, flows, offers and organisations each."""

import asyncio
import random
import time
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlencode

import httpx

from deploy.bench.figures import percentile
from deploy.bench.open_rows import put_rows
from deploy.bench.quiet import quiet
from deploy.bench.stage import stage
from deploy.cli.place import running_instance
from deploy.embedded.data_folder import DataFolder
from deploy.embedded.instance import Instance
from services.matching.search.asking import asked_in
from services.matching.search.queries import search_in_database
from shared.clock import now
from shared.database import Database
from shared.messaging.asking import Asker
from shared.messaging.connection import close, connect
from shared.observability.metrics import Metrics
from shared.questions.search import SearchAsked, SearchFound
from shared.vocabulary import categories, category, root_of

WARM_UP, ASKED, BY_DATABASE = 60, 500, 40
READ_LIMIT_S = 900.0
PATIENCE_S = 30.0
COMMUNES = ("Toulouse", "Muret", "Blagnac", "Colomiers", "Montauban", "31000")

Say = Callable[[str], None]
Pairs = list[tuple[str, str]]


class Unanswered(RuntimeError):
    """A page that was not given, or not from memory: a figure without it would be a lie."""


async def measure_search(say: Say, *, rows: int) -> dict[str, Any]:
    """Percentiles on a throw-away instance, with its demonstration and `rows` of each kind more."""
    async with stage() as standing:
        say("Starting")
        await standing.start()
        await standing.ready()
        instance = running_instance(DataFolder(standing.folder))
        say("Waiting until the demonstration is matched")
        await quiet(instance)
        began = time.perf_counter()
        await put_rows(instance, rows, say)
        written_s = time.perf_counter() - began
        say("Waiting until memory has read them")
        read_s = await until_in_memory(instance, 4 * rows) - began
        figures = {"rows": 4 * rows, "written_s": round(written_s, 1), "read_s": round(read_s, 1)}
        return {**figures, **await _measured(instance, standing.url, say)}


async def until_in_memory(instance: Instance, rows: int) -> float:
    """Wait until the memory of the search has read so many rows; returns when that was."""
    asker = await _asker(instance)
    try:
        async with asyncio.timeout(READ_LIMIT_S):
            while True:
                found = await asker.ask(SearchAsked(text="", most=0))
                if isinstance(found, SearchFound) and found.total >= rows:
                    return time.perf_counter()
                await asyncio.sleep(0.5)
    finally:
        await _away(asker)


async def _measured(instance: Instance, url: str, say: Say) -> dict[str, Any]:
    searches = list(some_searches(WARM_UP + ASKED))
    say("Opening pages")
    async with httpx.AsyncClient(base_url=url, timeout=30) as client:
        pages = [await _first_byte(client, each) for each in searches]
    say("Asking memory alone")
    asker = await _asker(instance)
    try:
        questions = [_question(each) for each in searches]
        alone = [await _asked(asker, each) for each in questions]
    finally:
        await _away(asker)
    say("Asking the database alone")
    database = Database(instance.database_url("matching", "app"))
    database.surround(clock=now)
    try:
        by_database = [await _by_database(database, each) for each in questions[:BY_DATABASE]]
    finally:
        await database.close()
    seconds = pages[WARM_UP:]
    return {
        "asked": ASKED,
        "p50_ms": percentile(seconds, 0.5),
        "p95_ms": percentile(seconds, 0.95),
        "p99_ms": percentile(seconds, 0.99),
        "memory_p50_ms": percentile([each for each, _ in alone[WARM_UP:]], 0.5),
        "memory_p95_ms": percentile([each for each, _ in alone[WARM_UP:]], 0.95),
        "database_p50_ms": percentile(by_database, 0.5),
        "database_p95_ms": percentile(by_database, 0.95),
        "found_median": sorted(found.total for _, found in alone)[len(alone) // 2],
    }


def some_searches(many: int, *, seed: int = 11) -> Iterator[Pairs]:
    """Searches as people make them: one to three everyday words, often a place or a condition, sometimes no word."""
    chance, known = random.Random(seed), sorted(categories())  # noqa: S311 - the same searches again
    for _ in range(many):
        about = chance.choice(known)
        words = chance.choice(category(about).phrases()).split()[:3]
        asked: Pairs = [("q", " ".join(words))] if chance.random() < 0.9 else []
        if chance.random() < 0.4:
            asked += [("place", chance.choice(COMMUNES)), ("within", chance.choice(("10", "25", "50")))]
        if chance.random() < 0.3:
            asked.append(("what", chance.choice(("need", "flow", "offer", "organisation"))))
        if chance.random() < 0.15:
            asked.append(("family", root_of(about)))
        if chance.random() < 0.2:
            asked.append(("sort", chance.choice(("newest", "nearest", "deadline"))))
        if chance.random() < 0.15:
            asked.append(("view", "table"))
        yield asked


async def _first_byte(client: httpx.AsyncClient, asked: Pairs) -> float:
    began, first = time.perf_counter(), 0.0
    async with client.stream("GET", f"/matching/search?{urlencode(asked)}") as answer:
        # The rest is read before the next one is asked, as a browser does.
        async for _ in answer.aiter_raw():
            first = first or time.perf_counter() - began
    if answer.status_code != httpx.codes.OK:
        raise Unanswered(urlencode(asked))
    return first


def _question(asked: Pairs) -> SearchAsked:
    return asked_in(asked).question(start=0, most=30)


async def _asked(asker: Asker, asked: SearchAsked) -> tuple[float, SearchFound]:
    began = time.perf_counter()
    found = await asker.ask(asked)
    if not isinstance(found, SearchFound):
        raise Unanswered(asked.text)
    return time.perf_counter() - began, found


async def _by_database(database: Database, asked: SearchAsked) -> float:
    began = time.perf_counter()
    async with database.sessions() as session:
        await search_in_database(session, asked)
    return time.perf_counter() - began


async def _asker(instance: Instance) -> Asker:
    asker = Asker("matching", Metrics(), patience_s=PATIENCE_S)
    asker.client = await connect(instance.nats_url, user="matching", seed_file=instance.seed_file("matching"))
    return asker


async def _away(asker: Asker) -> None:
    if asker.client is not None:
        await close(asker.client)
