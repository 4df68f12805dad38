"""What the rig does to a site: each fault strikes, holds on for a while, and heals."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from functools import partial
from pathlib import Path
from typing import NamedTuple
from uuid import uuid4

import asyncpg
from nats.aio.client import Client

from deploy.chaos.site import Site
from shared.database import new_id
from shared.fault import POINTS
from shared.messaging.connection import close, connect
from shared.messaging.worker import asyncpg_dsn

PAGES, WORKER = ("deploy.embedded.house",), ("deploy.embedded.work",)
NATS, POSTGRES = ("nats-server",), ("postgres", "-D")
HOLD_S = 2.0
FULL_S = 4.0
STORM, COPIES = 40, 5
# Calls to Stripe are killed where there is one: tests/services/catalog/test_payments_killed.py.
SERVICES_AT = {
    "outbox": ("catalog", "matching"),
    "http": ("catalog",),
    "relay": ("catalog", "matching"),
    "consumer": ("matching", "notifications"),
    "consumer.foretold": ("matching",),
}

Strike = Callable[[Site], Awaitable[None]]


class NothingYet(Exception):
    """What it strikes is not there yet, or not again: whoever comes first or after a kill tries again."""


class Fault(NamedTuple):
    """One kind of trouble; `strike` returns once it has healed what it did itself."""

    name: str
    strike: Strike


def faults(site: Site) -> list[Fault]:
    """Every fault of the catalogue that this machine allows, the failpoints' kills first."""
    kills = [
        Fault(f"kill at {point}@{service}", partial(kill_at, point=f"{point}@{service}"))
        for point in POINTS
        for service in SERVICES_AT.get(point) or SERVICES_AT.get(point.partition(".")[0], ())
    ]
    others: dict[str, Strike] = {
        "late kill before a commit": partial(kill_at, point="outbox.recorded@catalog", how="late 0.3"),
        "kill NATS": partial(kill, words=NATS),
        "kill PostgreSQL": partial(kill, words=POSTGRES),
        "kill a back-end": kill_back_end,
        "freeze NATS": partial(freeze, words=NATS),
        "freeze PostgreSQL": partial(freeze, words=POSTGRES),
        "black hole before NATS": partial(hold_back, which="nats"),
        "black hole before PostgreSQL": partial(hold_back, which="postgres"),
        "cut NATS": partial(cut, which="nats"),
        "cut PostgreSQL": partial(cut, which="postgres"),
        "duplicate storm": storm,
        "old events again, out of order": reorder,
        "poison: not JSON": partial(poison, body=b"\xff{"),
        "poison: unknown schema": partial(poison, body=b'{"specversion":"1.0"}'),
        "poison: unknown major": unknown_major,
        "a handler raises": partial(misbehave, how="raise"),
        "a handler holds up its process": partial(misbehave, how="block 2"),
        "a slow consumer": slow,
    }
    if site.has_own_disks:
        others["the disk of NATS is full"] = partial(fill, which="nats")
        others["the disk of PostgreSQL is full"] = partial(fill, which="postgres")
    return kills + [Fault(name, strike) for name, strike in others.items()]


async def kill_at(site: Site, *, point: str, how: str = "kill") -> None:
    """kill -9 a service the moment it passes a failpoint, or a little later."""
    await site.arm(point, how)


async def kill(site: Site, *, words: Iterable[str]) -> None:
    """kill -9 an engine."""
    await site.strike(signal.SIGKILL, *words)


async def kill_back_end(site: Site) -> None:
    """kill -9 one of PostgreSQL's back-ends that a service talks to."""
    connection = await _database(site, "catalog")
    try:
        found = await connection.fetch(
            "SELECT pid FROM pg_stat_activity WHERE usename ~ '_(app|work)$' AND pid <> pg_backend_pid()"
        )
    finally:
        await connection.close()
    if not found:
        raise NothingYet
    with contextlib.suppress(ProcessLookupError):
        os.kill(site.dice.choice(found)["pid"], signal.SIGKILL)


async def freeze(site: Site, *, words: Iterable[str]) -> None:
    """Stop an engine's process for a moment, as an overloaded machine would."""
    pids = [pid] if (pid := site.process(*words)) else []
    if "postgres" in words:
        pids += children(pid)
    for each in pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(each, signal.SIGSTOP)
    try:
        await asyncio.sleep(HOLD_S)
    finally:
        for each in pids:
            with contextlib.suppress(ProcessLookupError):
                os.kill(each, signal.SIGCONT)


async def hold_back(site: Site, *, which: str) -> None:
    """Bytes in flight stay in flight, and nobody is told."""
    proxy = getattr(site, which)
    proxy.hold_back()
    try:
        await asyncio.sleep(HOLD_S)
    finally:
        proxy.let_pass()


async def cut(site: Site, *, which: str) -> None:
    """Every connection ends in the middle of whatever it says."""
    getattr(site, which).cut()


async def storm(site: Site) -> None:
    """Recent messages come five times more, as if the broker had forgotten their ids, shuffled."""
    async with _as_catalog(site) as client:
        messages = [message for message in await _recent(site) for _ in range(COPIES)]
        site.dice.shuffle(messages)
        for subject, payload in messages:
            await _publish(site, client, subject, payload)


async def reorder(site: Site) -> None:
    """Recent messages come again as events of their own, the newest first: old versions after new ones."""
    async with _as_catalog(site) as client:
        for subject, payload in reversed(await _recent(site)):
            await _publish(site, client, subject, _renamed(site, payload))


async def poison(site: Site, *, body: bytes) -> None:
    """A message that nobody can read."""
    async with _as_catalog(site) as client:
        await _publish(site, client, f"catalog.need.published.v1.{uuid4()}", body)


async def unknown_major(site: Site) -> None:
    """A fact in a form that readers do not know yet."""
    async with _as_catalog(site) as client:
        _, payload = (await _recent(site))[-1]
        aggregate = str(uuid4())
        event = _renamed(site, payload, type="catalog.need.published.v9", subject=aggregate)
        await _publish(site, client, f"catalog.need.published.v9.{aggregate}", event)


async def misbehave(site: Site, *, how: str) -> None:
    """The next handler of matching has a bug."""
    await site.arm("consumer.applied@matching", how)


async def slow(site: Site) -> None:
    """Matching takes its time over every message."""
    point = "consumer.received@matching"
    await site.arm(point, "wait 0.2 always")
    await asyncio.sleep(HOLD_S)
    site.disarm(point)


async def fill(site: Site, *, which: str) -> None:
    """No space is left on an engine's disk; after a while there is some again."""
    ballast = (site.folder.nats if which == "nats" else site.folder.root) / "ballast"
    await asyncio.to_thread(_fill, ballast)
    try:
        await asyncio.sleep(FULL_S)
    finally:
        ballast.unlink()


def _fill(ballast: Path) -> None:
    block = b"\0" * 1_048_576
    with ballast.open("wb", buffering=0) as file:
        for size in (len(block), 4096, 1):
            with contextlib.suppress(OSError):
                while file.write(block[:size]):
                    pass


def children(pid: int) -> list[int]:
    """The processes that a process started."""
    return [int(each) for each in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


@contextlib.asynccontextmanager
async def _as_catalog(site: Site) -> AsyncIterator[Client]:
    instance = site.instance
    client = await connect(instance.nats_url, user="catalog", seed_file=instance.seed_file("catalog"))
    try:
        yield client
    finally:
        await close(client)


async def _publish(site: Site, client: Client, subject: str, payload: str | bytes) -> None:
    body = payload.encode() if isinstance(payload, str) else payload
    message_id = str(uuid4())
    site.own_events.add(message_id)
    await client.jetstream().publish(subject, body, headers={"Nats-Msg-Id": message_id}, timeout=5)


def _renamed(site: Site, payload: str, **changes: str) -> str:
    """The same event as another one."""
    event_id = str(new_id())
    site.own_events.add(event_id)
    return json.dumps(json.loads(payload) | {"id": event_id, **changes})


async def _recent(site: Site) -> list[tuple[str, str]]:
    connection = await _database(site, "catalog")
    try:
        rows = await connection.fetch(
            """
            SELECT subject, payload::text AS payload FROM outbox
            WHERE published_at IS NOT NULL AND subject LIKE 'catalog.need.%' ORDER BY id DESC LIMIT $1
            """,
            STORM,
        )
    finally:
        await connection.close()
    if not rows:
        raise NothingYet
    return [(row["subject"], row["payload"]) for row in reversed(rows)]


async def _database(site: Site, service: str) -> asyncpg.Connection[asyncpg.Record]:
    return await asyncpg.connect(asyncpg_dsn(site.instance.database_url(service, "work")), ssl=False, timeout=5)
