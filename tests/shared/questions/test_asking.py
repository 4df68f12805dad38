"""A question crosses the real broker: answered once, in time or not at all, and never by or for anybody else."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any
from uuid import uuid4

import pytest
from nats.aio.client import Client
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from deploy.embedded.engines import Engines
from shared.contract.asked import ANSWER, QUESTION
from shared.events.event import Facts
from shared.messaging import answering
from shared.messaging.answering import Answerer
from shared.messaging.asking import Asker
from shared.messaging.connection import close, connect
from shared.observability import traces
from shared.observability.metrics import Metrics
from shared.questions.preview import Preview, PreviewAsked
from shared.questions.question import Refusal, Refused, Unreadable, encoded, reply_to

Link = Callable[[str], Awaitable[Client]]
SUBJECT = PreviewAsked.subject
PATIENCE_S = 20.0
SECRET = "ce que quelqu'un écrit"


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(answering, "PATIENCE_S", PATIENCE_S)


@pytest.fixture
async def link(engines: Engines) -> AsyncIterator[Link]:
    """Connections with the key of a service."""
    clients: list[Client] = []

    async def linked(user: str) -> Client:
        client = await connect(engines.instance.nats_url, user=user, seed_file=engines.instance.seed_file(user))
        clients.append(client)
        return client

    yield linked
    for client in clients:
        await close(client)


@asynccontextmanager
async def asked_of(
    link: Link, *answers: Any, patience_s: float = PATIENCE_S
) -> AsyncIterator[tuple[Asker, list[Metrics]]]:
    """Somebody of catalog, and one replica of matching for each way to answer."""
    async with AsyncExitStack() as stack:
        told = [Metrics() for _ in range(len(answers) + 1)]
        for answer, metrics in zip(answers, told[1:], strict=True):
            client = await link("matching")
            await stack.enter_async_context(Answerer("matching", {PreviewAsked: answer}, metrics).on(client))
            await client.flush()
        asker = Asker("catalog", told[0], patience_s=patience_s)
        await stack.enter_async_context(asker.on(await link("catalog")))
        yield asker, told


def counted(metrics: Metrics, name: str, result: str) -> float:
    return metrics.registry.get_sample_value(f"boucle_{name}_total", {"question": SUBJECT, "result": result}) or 0.0


def changed(**fields: Any) -> bytes:
    """The example with other values."""
    return json.dumps({**json.loads(encoded(QUESTION)), **fields}).encode()


async def promptly(_: PreviewAsked) -> Facts:
    return ANSWER


async def test_a_question_is_answered_and_both_sides_count_it(link: Link) -> None:
    heard: list[PreviewAsked] = []

    async def answer(asked: PreviewAsked) -> Facts:
        heard.append(asked)
        return ANSWER

    async with asked_of(link, answer) as (asker, (asking, answered)):
        assert await asker.ask(QUESTION) == ANSWER
        assert heard == [QUESTION]
        assert counted(asking, "question", "answered") == counted(answered, "answer", "answered") == 1
        sample = answered.registry.get_sample_value
        assert sample("boucle_answer_seconds_count", {"question": SUBJECT}) == 1


async def test_replicas_share_the_questions(link: Link) -> None:
    async with asked_of(link, promptly, promptly) as (asker, (_, one, other)):
        assert await asyncio.gather(*(asker.ask(QUESTION) for _ in range(40))) == [ANSWER] * 40
        shares = [counted(each, "answer", "answered") for each in (one, other)]
        assert sum(shares) == 40
        assert min(shares) >= 5


async def test_who_asks_goes_on_when_nobody_is_there_and_when_it_takes_too_long(link: Link) -> None:
    async def slowly(_: PreviewAsked) -> Facts:
        await asyncio.Event().wait()
        return ANSWER

    assert await Asker("catalog", Metrics()).ask(QUESTION) is None
    async with asked_of(link) as (asker, (told,)):
        began = time.perf_counter()
        assert await asker.ask(QUESTION) is None
        assert time.perf_counter() - began < PATIENCE_S / 2
        assert counted(told, "question", "away") == 1
    async with asked_of(link, slowly, patience_s=0.2) as (asker, (told, _)):
        async with asyncio.timeout(PATIENCE_S):
            assert await asker.ask(QUESTION) is None
        assert counted(told, "question", "late") == 1


@pytest.mark.parametrize(
    ("payload", "fields"),
    [
        (b"", ()),
        (b"[]", ()),
        (b"{}", ("of", "place", "organisation_id", "legal_entity_id")),
        (changed(radius_km=0, title="x" * 201), ("title", "radius_km")),
        (changed(of="lot", most=51), ("of", "most")),
        (changed(categories=["x"] * 51), ("categories",)),
    ],
)
async def test_what_is_no_question_is_refused_by_name(link: Link, payload: bytes, fields: tuple[str, ...]) -> None:
    async with asked_of(link, promptly) as (asker, (_, told)):
        assert asker.client is not None
        reply = await asker.client.request(SUBJECT, payload, timeout=PATIENCE_S)
        assert reply_to(PreviewAsked, reply.data) == Refused(refused=Refusal.MALFORMED, fields=fields)
        assert counted(told, "answer", "malformed") == 1
        assert await asker.ask(QUESTION) == ANSWER


async def test_a_failure_is_refused_without_a_word_of_what_was_asked(link: Link) -> None:
    async def fails(asked: PreviewAsked) -> Facts:
        raise LookupError(asked.title)

    async with asked_of(link, fails) as (asker, (told, _)):
        secret = QUESTION.model_copy(update={"title": SECRET})
        assert await asker.ask(secret) is None
        assert counted(told, "question", "failed") == 1
        assert asker.client is not None
        reply = await asker.client.request(SUBJECT, encoded(secret), timeout=PATIENCE_S)
        assert json.loads(reply.data) == {"refused": "failed", "fields": []}


async def test_more_than_it_can_is_refused_at_once(link: Link, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(answering, "MOST_WAITING", 3)
    gate, at_once, most = asyncio.Event(), 0, 0

    async def answer(_: PreviewAsked) -> Facts:
        nonlocal at_once, most
        at_once += 1
        most = max(most, at_once)
        await gate.wait()
        at_once -= 1
        return ANSWER

    async with asked_of(link, answer) as (asker, (told, _)):
        asking = [asyncio.create_task(asker.ask(QUESTION)) for _ in range(10)]
        async with asyncio.timeout(PATIENCE_S):
            while counted(told, "question", "busy") < 7:
                await asyncio.sleep(0.01)
        gate.set()
        assert sorted(await asyncio.gather(*asking), key=str) == sorted([ANSWER] * 3 + [None] * 7, key=str)
    assert most == answering.MOST_AT_ONCE


async def test_nobody_has_it_speak_where_they_may_not(link: Link) -> None:
    """INVARIANT: an answer goes to an inbox of whoever may ask; a question cannot aim it at a subject of matching's."""
    async with asked_of(link, promptly) as (asker, (_, told)):
        assert asker.client is not None
        for reply in ("matching.demand.matched.v1.x", "$JS.API.STREAM.DELETE.CATALOG", "_INBOX_notifications.x"):
            await asker.client.publish(SUBJECT, encoded(QUESTION), reply=reply)
        await asker.client.publish(SUBJECT, encoded(QUESTION))
        async with asyncio.timeout(PATIENCE_S):
            while counted(told, "answer", "unasked") < 4:
                await asyncio.sleep(0.01)
        assert counted(told, "answer", "answered") == 0


async def test_one_trace_leads_from_the_question_to_the_answer(link: Link) -> None:
    exporter = InMemorySpanExporter()
    traces.trace_with(SimpleSpanProcessor(exporter))
    try:
        async with asked_of(link, promptly) as (asker, _):
            await asker.ask(QUESTION)
            async with asyncio.timeout(PATIENCE_S):
                while len(exporter.get_finished_spans()) < 2:
                    await asyncio.sleep(0.01)
    finally:
        traces.trace_with(None)
    spans = {span.name: span for span in exporter.get_finished_spans()}
    asked, answered = spans[f"ask {SUBJECT}"], spans[f"answer {SUBJECT}"]
    assert answered.parent is not None
    assert answered.parent.span_id == asked.context.span_id
    assert answered.context.trace_id == asked.context.trace_id


def test_a_reply_of_another_version_is_unreadable_and_an_addition_is_not() -> None:
    with pytest.raises(Unreadable):
        reply_to(PreviewAsked, b'{"total": "many"}')
    told = {**json.loads(encoded(ANSWER)), "more": 1}
    assert reply_to(PreviewAsked, json.dumps(told).encode()) == ANSWER
    question = {**json.loads(encoded(QUESTION)), "language": "fr", "organisation_id": str(uuid4())}
    assert PreviewAsked.model_validate_json(json.dumps(question)).title == QUESTION.title
    assert isinstance(ANSWER, Preview)
