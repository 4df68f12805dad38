"""INVARIANT: on the broker a key opens its service's work and nothing else; whatever is refused changes nothing."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any

import nkeys
import pytest
from nats.aio.client import Client
from nats.errors import Error as NatsError

from deploy.embedded.engines import Engines
from shared.messaging.connection import connect
from shared.messaging.topology import CONSUMERS, PUBLISHES, QUESTIONS, STREAMS, consumers_of, inbox_prefix
from tests.security.conftest import SERVICES

STORED = [spec.name for spec in STREAMS]
CHANGES = ("CREATE", "UPDATE", "DELETE", "PURGE", "MSG.DELETE", "SNAPSHOT", "RESTORE")
NOBODYS = "nobody.may.say.this"
ID = "018f0000-0000-7000-8000-000000000000"
Enter = Callable[[str], AbstractAsyncContextManager["Key"]]


class Key:
    """A connection with one key, and what the broker refused it."""

    def __init__(self) -> None:
        self.client, self.errors, self.refused = Client(), list[str](), False

    async def note(self, error: Exception) -> None:
        self.errors.append(str(error).lower())

    async def may_publish(self, subjects: Iterable[str], payload: bytes = b"{}", *, reply: str = "") -> list[str]:
        """Publish to each; those that the broker did not refuse."""
        for subject in subjects:
            await self.client.publish(subject, payload, reply=reply)
        return await self._not_refused("publish", subjects)

    async def may_hear(self, subjects: Iterable[str]) -> list[str]:
        """Subscribe to each; those that the broker did not refuse."""
        for subject in subjects:
            await self.client.subscribe(subject)
        return await self._not_refused("subscription", subjects)

    async def may_answer(self, subject: str, queue: str) -> bool:
        """Subscribe as a member of a queue; whether the broker let it."""
        await self.client.subscribe(subject, queue=queue)
        await self._not_refused("subscription", [])
        return not self.refused

    async def _not_refused(self, deed: str, subjects: Iterable[str]) -> list[str]:
        # A refusal is no answer: it comes by itself and in its order, so after that of the last one all are there.
        await self.client.publish(NOBODYS, b"")
        async with asyncio.timeout(30):
            while not any(f'"{NOBODYS}"' in error for error in self.errors):
                await asyncio.sleep(0.01)
        told, self.errors = "".join(self.errors), []
        self.refused = "permissions violation for subscription" in told
        return [each for each in subjects if f'permissions violation for {deed} to "{each.lower()}"' not in told]


@pytest.fixture
def enter(engines: Engines) -> Enter:
    @asynccontextmanager
    async def entered(user: str) -> AsyncIterator[Key]:
        key = Key()
        await key.client.connect(
            engines.instance.nats_url,
            nkeys_seed=str(engines.instance.seed_file(user)),
            inbox_prefix=inbox_prefix(user).encode(),
            allow_reconnect=False,
            error_cb=key.note,
        )
        try:
            yield key
        finally:
            await key.client.close()

    return entered


@pytest.fixture
async def untouched(engines: Engines) -> AsyncIterator[None]:
    """Whatever the test tries: streams and durables are the same afterwards."""
    admin = await connect(engines.instance.nats_url, user="admin", seed_file=engines.instance.seed_file("admin"))

    async def held() -> list[Any]:
        jetstream = admin.jetstream()
        return [
            (
                stream.config,
                stream.state,
                [(each.name, each.config, each.num_pending, each.delivered) for each in found],
            )
            for stream in await jetstream.streams_info()
            for found in [await jetstream.consumers_info(str(stream.config.name))]
        ]

    before = await held()
    assert len(before) == len(STREAMS)
    yield
    assert await held() == before
    await admin.close()


def reading(operation: str, *, foreign_to: str) -> list[str]:
    """The API's subjects of an operation on every durable that others read."""
    return [f"$JS.API.CONSUMER.{operation}.{c.stream}.{c.durable}" for c in CONSUMERS if c.service != foreign_to]


def abuses(service: str) -> list[str]:
    """What a service must not publish: others' facts, others' reading, and anything that governs streams."""
    others = [subject for name, allowed in PUBLISHES.items() if name != service for subject in allowed]
    return [
        *(subject.replace(">", f"need.published.v1.{ID}") for subject in others if subject not in PUBLISHES[service]),
        *reading("MSG.NEXT", foreign_to=service),
        *reading("INFO", foreign_to=service),
        *(f"$JS.ACK.{c.stream}.{c.durable}.1.1.1.1.1" for c in CONSUMERS if c.service != service),
        *(f"$JS.API.CONSUMER.{each}.{c.stream}.{c.durable}" for c in CONSUMERS for each in ("DELETE", "PAUSE")),
        *(f"$JS.API.CONSUMER.{form}.{stream}.thief" for form in ("CREATE", "DURABLE.CREATE") for stream in STORED),
        *(f"$JS.API.CONSUMER.CREATE.{stream}.thief.>" for stream in STORED),
        *(f"$JS.API.STREAM.{change}.{stream}" for change in CHANGES for stream in STORED),
        *(f"$JS.API.STREAM.{look}.{stream}" for look in ("INFO", "MSG.GET") for stream in STORED),
        *(f"$JS.API.DIRECT.GET.{stream}" for stream in STORED),
        *(
            "$JS.API.STREAM.NAMES",
            "$JS.API.INFO",
            "$JS.API.STREAM.CREATE.MINE",
            "$SYS.REQ.SERVER.PING",
            "$JS.EVENT.ADVISORY.STREAM.X",
        ),
        *(f"{inbox_prefix(name)}.x" for name in (*SERVICES, "admin") if name != service),
        *(each.subject for each in QUESTIONS if each.asker != service),
        "rpc.matching.preview.v2",
        "rpc.anything",
    ]


def eavesdropping(service: str) -> list[str]:
    """What a service must not listen to."""
    inboxes = [f"{inbox_prefix(name)}.>" for name in (*SERVICES, "admin") if name != service]
    facts = [subject for allowed in PUBLISHES.values() for subject in allowed]
    # Whoever answers hears questions as a member of its queue, and not beside it.
    questions = [each.subject for each in QUESTIONS]
    everything = [">", "*.>", "_INBOX.>", "rpc.>", "rpc.matching.>", "$SYS.>", "$JS.>", "$JS.API.>"]
    return [*inboxes, *facts, *questions, *everything, "$JS.EVENT.ADVISORY.>"]


@pytest.mark.promise(56)
@pytest.mark.parametrize("service", SERVICES)
async def test_a_services_key_governs_nothing_and_speaks_for_no_other(
    enter: Enter, untouched: None, service: str
) -> None:
    async with enter(service) as key:
        assert await key.may_publish(abuses(service), reply=f"{inbox_prefix(service)}.reply") == []
        assert await key.may_hear(eavesdropping(service)) == []


@pytest.mark.promise(56)
@pytest.mark.parametrize("service", SERVICES)
async def test_a_services_key_is_enough_for_its_own_work(enter: Enter, service: str) -> None:
    """Otherwise the refusals above would say nothing."""
    async with enter(service) as key:
        own = {
            f"{operation}.{c.stream}.{c.durable}" for c in consumers_of(service) for operation in ("INFO", "MSG.NEXT")
        }
        subjects = {f"$JS.API.CONSUMER.{each}" for each in own}
        inbox = f"{inbox_prefix(service)}.x"
        assert set(await key.may_publish(subjects, b'{"no_wait":true}', reply=inbox)) == subjects != set()
        assert await key.may_hear([inbox]) == [inbox]


@pytest.mark.parametrize("service", SERVICES)
async def test_questions_are_asked_by_one_service_and_answered_by_one_in_its_queue(
    enter: Enter, untouched: None, service: str
) -> None:
    """INVARIANT: nobody else asks, nobody else listens, and nobody listens beside the queue that replicas share."""
    async with enter(service) as key:
        for spec in QUESTIONS:
            asked = await key.may_publish([spec.subject], reply=f"{inbox_prefix(service)}.x")
            assert asked == ([spec.subject] if service == spec.asker else [])
            assert await key.may_answer(spec.subject, spec.answerer) == (service == spec.answerer)
            assert not await key.may_answer(spec.subject, "thieves")


async def test_whoever_answers_may_speak_to_who_asked_once_and_to_nobody_else(enter: Enter, untouched: None) -> None:
    spec = QUESTIONS[0]
    async with enter(spec.asker) as asker, enter(spec.answerer) as answerer:
        inbox = f"{inbox_prefix(spec.asker)}.x"
        heard = await asker.client.subscribe(inbox)
        asked = await answerer.client.subscribe(spec.subject, queue=spec.answerer)
        await answerer.client.flush()
        assert await answerer.may_publish([inbox]) == []
        await asker.client.publish(spec.subject, b"{}", reply=inbox)
        await asked.next_msg(timeout=30)
        assert await answerer.may_publish([inbox]) == [inbox]
        assert (await heard.next_msg(timeout=30)).data == b"{}"
        assert await answerer.may_publish([inbox]) == []


async def test_who_governs_streams_tells_no_facts_and_reads_none_as_they_pass(enter: Enter, untouched: None) -> None:
    async with enter("admin") as key:
        facts = [subject.replace(">", "x") for allowed in PUBLISHES.values() for subject in allowed]
        assert await key.may_publish(facts) == []
        assert await key.may_hear([*facts, ">"]) == []


async def test_the_system_account_sees_no_facts(enter: Enter, untouched: None) -> None:
    """Another account is another world: a publish there reaches no stream, and it has no streams of its own."""
    async with enter("sys") as key:
        await key.client.publish(f"catalog.need.withdrawn.v1.{ID}", b"{}")
        answer = await key.client.request("$JS.API.STREAM.NAMES", b"{}", timeout=30)
    assert "not enabled" in json.loads(answer.data)["error"]["description"]


@pytest.fixture
def another_seed(tmp_path: Path) -> str:
    """A good key that the broker has never heard of."""
    path = tmp_path / "stranger.nkey"
    path.write_bytes(nkeys.encode_seed(bytes(range(32)), nkeys.PREFIX_BYTE_USER))
    return str(path)


@pytest.mark.promise(56)
@pytest.mark.parametrize("how", ["no key", "unknown key", "a password", "a token"])
async def test_nobody_enters_without_a_key_the_broker_knows(
    engines: Engines, untouched: None, another_seed: str, how: str
) -> None:
    given: dict[str, Any] = {
        "no key": {},
        "unknown key": {"nkeys_seed": another_seed},
        "a password": {"user": "catalog", "password": "catalog"},
        "a token": {"token": "catalog"},
    }[how]
    stranger = Client()
    with pytest.raises((NatsError, OSError), match=r"(?i)authorization violation"):
        await stranger.connect(engines.instance.nats_url, allow_reconnect=False, error_cb=_ignored, **given)
    await stranger.close()


async def _ignored(_: Exception) -> None:
    await asyncio.sleep(0)
