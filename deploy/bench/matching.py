"""The compiled index beside PostgreSQL, the reference platform's query and tantivy: same data, same filters, one run.

Nothing is timed that was not right first: on every question the fifty best of ours must be those that looking at every
offer gives. The engines take turns on the same question, in an order that moves on.
"""

import gc
import tempfile
import time
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import psutil  # type: ignore[import-untyped]

from deploy.bench.market.asking import Exhaustive, Question, question
from deploy.bench.market.making import Postings, made_needs, made_offers
from deploy.bench.market.ours import Asker, add_needs, filled, made_rows
from deploy.bench.market.peers import PostgreSql, Tantivy, spread
from deploy.bench.market.reference import Reference
from deploy.bench.preview import measure_preview
from deploy.embedded.engines import temporary_engines
from services.matching.index.compiled import snapshot
from services.matching.index.compiled.layout import DEMAND, SUPPLY
from services.matching.index.compiled.rules import rules_of
from services.matching.index.compiled.searching import Engine
from services.matching.ranking.weights import weights

QUESTIONS, JUDGED, WARMING = 400, 200, 20
ROUNDS, MISSES = 3, 50
OPEN_NEEDS = {100_000: 22_790, 1_000_000: 227_906}
WRITES = 500

Say = Callable[[str], None]


async def measure(say: Say, *, sizes: list[int], peers: bool = True) -> dict[str, Any]:
    """The figures of each size, and the memory bandwidth of the machine on which they were taken."""
    figures: dict[str, Any] = {"copy_gb_per_s": bandwidth()}
    for size in sizes:
        figures[str(size)] = await measure_one(say, size, peers=peers)
    return figures


async def measure_one(say: Say, size: int, *, peers: bool) -> dict[str, Any]:
    """One market."""
    say(f"{size}: making offers and needs")
    offers, needs = made_offers(size, 3), made_needs(QUESTIONS + WARMING, 4)
    asked = [question(needs, row) for row in range(len(needs))]
    say(f"{size}: filling the compiled index")
    began, before = time.perf_counter(), psutil.Process().memory_info().rss
    engine = filled(offers, rules_of(weights()))
    built_s = time.perf_counter() - began
    asker = Asker(engine, needs, DEMAND, number=len(needs))
    say(f"{size}: comparing with every offer")
    overlap = exact_overlap(asker, Exhaustive(offers), asked[:JUDGED])
    figures: dict[str, Any] = {
        "boucle": {"build_s": round(built_s, 1), "memory_mb": memory_mb(engine)},
        "rss_mb": round((psutil.Process().memory_info().rss - before) / 1e6),
        "exact_overlap": overlap,
    }
    say(f"{size}: asking")
    if peers:
        figures |= await beside_peers(say, offers, asker, asked, figures["boucle"])
    else:
        figures["boucle"] |= spread([await timed(ours(asker, each)) for each in asked][WARMING:])
    ways = by_question([each.row for each in asked], asker.full, partial(asker.full, misses=MISSES))
    figures["full_score"], figures["with_near_misses"] = ways
    say(f"{size}: writing, saving, loading")
    figures |= writing(engine, offers) | restart(engine)
    say(f"{size}: the other way")
    figures |= reverse(engine, offers, made_needs(OPEN_NEEDS.get(size, size // 5), 5))
    del engine, asker, offers
    if peers:
        previews = await measure_preview(say, offers=size)
        figures |= {f"preview_{name}": previews[name] for name in ("p50_ms", "p95_ms", "p99_ms", "late")}
    return figures


def by_question(rows: Sequence[int], *ways: Callable[[int], object]) -> list[dict[str, float]]:
    """Percentiles of each way of asking, a question's time being the middle one of its three.

    All questions in one way, then in the next, and that three times: a shared machine's speed changes by the minute.
    """
    rounds = [[[timed_now(partial(ask, row)) for row in rows] for ask in ways] for _ in range(ROUNDS)]
    return [spread(times[WARMING:]) for times in np.median(rounds, axis=0).tolist()]


def exact_overlap(asker: Asker, truth: Exhaustive, asked: list[Question]) -> float:
    """The share of the fifty best that looking at every offer gives; 1 is all."""
    shared = total = 0
    for each in asked:
        expected = truth.best(each)
        shared += len({*expected} & {*asker.by_text(each.row)})
        total += len(expected)
    return round(shared / max(total, 1), 6)


async def beside_peers(
    say: Say, offers: Postings, asker: Asker, asked: list[Question], own: dict[str, Any]
) -> dict[str, Any]:
    """Ours, PostgreSQL, tantivy and the reference query on each question, in turns."""
    with tempfile.TemporaryDirectory(prefix="boucle-bench-") as folder:
        async with temporary_engines() as engines:
            say("filling PostgreSQL")
            began = time.perf_counter()
            postgresql = await PostgreSql.filled(engines.instance, offers)
            postgresql_s = time.perf_counter() - began
            say("filling tantivy")
            began = time.perf_counter()
            other = Tantivy.filled(offers, Path(folder))
            tantivy_s = time.perf_counter() - began
            say("filling the reference platform's tables")
            reference = await Reference.filled(postgresql.connection, offers)
            say("asking in turns")
            samples = await in_turns(asker, postgresql, other, reference, asked)
            sizes = await postgresql.size_mb(), other.size_mb()
    own |= spread(samples["boucle"])
    figures: dict[str, Any] = {
        "postgresql": spread(samples["postgresql"]) | {"build_s": round(postgresql_s, 1), "memory_mb": round(sizes[0])},
        "tantivy": spread(samples["tantivy"]) | {"build_s": round(tantivy_s, 1), "memory_mb": round(sizes[1])},
        "reference": spread(samples["reference"]),
        "reference_by_one_join": spread(samples["reference_by_one_join"]),
    }
    figures["ratio"] = {name: ratio(figures[name], own) for name in samples if name != "boucle"}
    return figures


async def in_turns(
    asker: Asker, postgresql: PostgreSql, other: Tantivy, reference: Reference, asked: list[Question]
) -> dict[str, list[float]]:
    """Seconds of each engine; the first questions warm all of them and are not counted."""
    engines: dict[str, Callable[[Question], Awaitable[object]]] = {
        "boucle": lambda each: ours(asker, each),
        "postgresql": postgresql.best,
        "tantivy": lambda each: now(other.best, each),
        "reference": reference.as_published,
        "reference_by_one_join": reference.without_detour,
    }
    samples: dict[str, list[float]] = {name: [] for name in engines}
    names = list(engines)
    gc.collect()
    gc.disable()
    try:
        for number, each in enumerate(asked):
            turn = number % len(names)
            for name in (*names[turn:], *names[:turn]):
                if number % every_nth(name) == 0:
                    samples[name].append(await timed(engines[name](each)))
    finally:
        gc.enable()
    return {name: found[WARMING // every_nth(name) :] for name, found in samples.items()}


def every_nth(name: str) -> int:
    """Which questions an engine is asked: slow ones need no hundreds of samples."""
    return 8 if name.startswith("reference") else 1


async def ours(asker: Asker, asked: Question) -> list[int]:
    """What the compiled index ranks first by text."""
    return asker.by_text(asked.row)


async def now(ask: Callable[[Question], object], asked: Question) -> object:
    """A call that waits for nothing, as the others."""
    return ask(asked)


async def timed(asking: Awaitable[object]) -> float:
    """Seconds it takes."""
    began = time.perf_counter()
    await asking
    return time.perf_counter() - began


def timed_now(ask: Callable[[], object]) -> float:
    """Seconds of a plain call."""
    began = time.perf_counter()
    ask()
    return time.perf_counter() - began


def ratio(peer: dict[str, float], own: dict[str, float]) -> dict[str, float]:
    """How many times slower."""
    return {name.removesuffix("_ms"): round(peer[name] / own[name], 1) for name in ("p50_ms", "p99_ms")}


def writing(engine: Engine, offers: Postings) -> dict[str, float]:
    """From having read an event's row to its being found: put in, and looked for once."""
    samples = []
    for row in made_rows(offers, engine.numbering, WRITES):
        began = time.perf_counter()
        engine.supplies.add(row)
        samples.append(time.perf_counter() - began)
    return {"visible_ms": spread(samples)["p50_ms"], "visible_p99_ms": spread(samples)["p99_ms"]}


def restart(engine: Engine) -> dict[str, float]:
    """Seconds to write the index and to read it again."""
    with tempfile.TemporaryDirectory(prefix="boucle-bench-") as folder:
        began = time.perf_counter()
        snapshot.save(engine, Path(folder) / "index", {"supplies": 0, "demands": 0}, of="bench")
        saved_s = time.perf_counter() - began
        began = time.perf_counter()
        seen = snapshot.load(Engine(engine.rules), Path(folder) / "index", of="bench", until=0)
        loaded_s = time.perf_counter() - began
    if seen is None:
        raise ValueError("the index that was written could not be read")
    return {"save_s": round(saved_s, 2), "load_s": round(loaded_s, 2)}


def reverse(engine: Engine, offers: Postings, open_needs: Postings) -> dict[str, Any]:
    """A new offer against the open needs."""
    add_needs(engine, open_needs)
    asker = Asker(engine, offers, SUPPLY, number=QUESTIONS + WARMING)
    (found,) = by_question(range(QUESTIONS + WARMING), asker.open_needs)
    return {"open_needs": len(open_needs), "reverse_p50_ms": found["p50_ms"], "reverse_p99_ms": found["p99_ms"]}


def memory_mb(engine: Engine) -> int:
    """The arrays of the side that was filled, and what its rows say by number."""
    rack = engine.supplies
    tiers = [array for tier in rack.segments.tiers for array in tier]
    arrays = [
        rack.heads,
        rack.records,
        rack.pool,
        rack.signs,
        rack.brows,
        rack.tags,
        rack.ids,
        rack.room.marks,
        rack.room.slots,
        *rack.room.work,
        engine.numbering.amounts.lines,
        engine.numbering.rims.lines,
    ]
    return round(sum(array.nbytes for array in (*arrays, *tiers)) / 1e6)


def bandwidth() -> float:
    """GB a second that one core copies: what the figures of another machine are compared by."""
    data = np.ones(32_000_000)
    best = min(timed_now(data.copy) for _ in range(5))
    return round(2 * data.nbytes / best / 1e9, 1)
