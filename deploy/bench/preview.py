"""How long "who could answer this draft?" takes, through NATS, with many offers."""

import asyncio
import random
import time
from collections.abc import Callable, Iterator
from typing import Any
from uuid import UUID

from deploy.bench.figures import percentile
from deploy.bench.offers import put_offers, somewhere
from deploy.bench.quiet import quiet
from deploy.bench.search import until_in_memory
from deploy.bench.stage import stage
from deploy.cli.place import running_instance
from deploy.embedded.data_folder import DataFolder
from deploy.embedded.instance import Instance
from shared.messaging import answering
from shared.messaging.asking import Asker
from shared.messaging.connection import close, connect
from shared.observability.metrics import Metrics
from shared.observability.pulse import every
from shared.questions.preview import Preview, PreviewAsked
from shared.vocabulary import categories, category

WARM_UP, ASKED = 60, 400
AT_ONCE = 4
# So long that a slow answer is measured and not given up.
PATIENCE_S = 30.0
READ_S = 900.0

Say = Callable[[str], None]
# Seconds, and no answer when it was late for whoever listens: it counts with the time that it took.
Timed = tuple[float, Preview | None]


class Unanswered(RuntimeError):
    """A question that was refused before its time was up: a figure without it would be a lie."""


async def measure_preview(say: Say, *, offers: int) -> dict[str, Any]:
    """Percentiles on a throw-away instance with its demonstration and so many offers more.

    When all of it is read: while the same process still takes in a million rows for the search page, some answers wait
    for it.
    """
    async with stage() as standing:
        say("Starting")
        await standing.start()
        await standing.ready()
        instance = running_instance(DataFolder(standing.folder))
        say("Waiting until the demonstration is matched")
        await quiet(instance)
        say(f"Writing {offers} offers")
        await put_offers(instance, offers)
        say("Waiting until matching has read them")
        await _until_read(instance)
        await until_in_memory(instance, offers)
        return {"offers": offers, **await _measured(instance, say)}


async def _measured(instance: Instance, say: Say) -> dict[str, Any]:
    client = await connect(instance.nats_url, user="catalog", seed_file=instance.seed_file("catalog"))
    asker = Asker("catalog", Metrics(), patience_s=PATIENCE_S)
    asker.client = client
    try:
        say("Asking")
        drafts = list(some_drafts(WARM_UP + ASKED))
        cold = [await _asked(asker, draft) for draft in drafts[:WARM_UP]]
        warm = [await _asked(asker, draft) for draft in drafts[WARM_UP:]]
        say(f"Asking, {AT_ONCE} at once")
        several = await _several(asker, drafts[WARM_UP:])
    finally:
        await close(client)
    seconds, answers = [each for each, _ in warm], [each for _, each in warm if each is not None]
    return {
        "asked": ASKED,
        "p50_ms": percentile(seconds, 0.5),
        "p95_ms": percentile(seconds, 0.95),
        "p99_ms": percentile(seconds, 0.99),
        "first_p95_ms": percentile([each for each, _ in cold], 0.95),
        f"at_once_{AT_ONCE}_p95_ms": percentile([each for each, _ in several], 0.95),
        "late": sum(1 for _, each in (*cold, *warm, *several) if each is None),
        "fitting_mean": round(sum(each.total for each in answers) / max(len(answers), 1), 1),
        "incomplete": sum(1 for each in answers if not each.complete),
    }


async def _until_read(instance: Instance) -> None:
    """Questions make matching read what was written behind its back, each for as long as a transaction may last."""
    client = await connect(instance.nats_url, user="catalog", seed_file=instance.seed_file("catalog"))
    asker = Asker("catalog", Metrics(), patience_s=PATIENCE_S)
    asker.client = client
    try:
        async with asyncio.timeout(READ_S):
            async for _ in every(1.0):
                if isinstance(await asker.ask(next(some_drafts(1))), Preview):
                    break
    finally:
        await close(client)


async def _several(asker: Asker, drafts: list[PreviewAsked]) -> list[Timed]:
    samples: list[Timed] = []
    waiting = iter(drafts)

    async def ask() -> None:
        for draft in waiting:
            samples.append(await _asked(asker, draft))

    await asyncio.gather(*(ask() for _ in range(AT_ONCE)))
    return samples


async def _asked(asker: Asker, draft: PreviewAsked) -> Timed:
    began = time.perf_counter()
    answer = await asker.ask(draft)
    seconds = time.perf_counter() - began
    if isinstance(answer, Preview):
        return seconds, answer
    if seconds < answering.PATIENCE_S:
        raise Unanswered(draft.title)
    return seconds, None


def some_drafts(many: int, *, seed: int = 2) -> Iterator[PreviewAsked]:
    """Drafts as people begin them: a title in everyday words, its category, a commune, often a radius."""
    chance, known = random.Random(seed), sorted(categories())  # noqa: S311 - the same drafts again
    for _ in range(many):
        chosen = chance.choice(known)
        yield PreviewAsked(
            of=chance.choice(("need", "flow")),
            title=chance.choice(category(chosen).phrases()),
            categories=(chosen,),
            place=somewhere(chance),
            radius_km=chance.choice((None, 10, 20, 40)),
            organisation_id=UUID(int=chance.getrandbits(128)),
            legal_entity_id=UUID(int=chance.getrandbits(128)),
            names=True,
        )
