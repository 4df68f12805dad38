"""PostgreSQL and NATS from their wheels: rights, durability, and what a kill leaves."""

from __future__ import annotations

import asyncio
import os
import signal
from pathlib import Path
from typing import Any

import asyncpg
import nats
import pytest
from nats.aio.client import Client
from nats.errors import Error as NatsError
from nats.js.api import StreamConfig

from deploy.embedded.durability import NotDurable, nats_reasons, prove_durability
from deploy.embedded.engine import Engine, EngineFailed
from deploy.embedded.engines import Engines, keep_alive, temporary_engines
from deploy.embedded.nats import Nats
from deploy.embedded.os_user import EngineUser, engine_user
from tests.waiting import holds

Connection = Any
# a back-end that sleeps notices the postmaster's death by itself, one that computes does not
LONG_WORK = "SELECT count(*) FROM generate_series(1, 30000) a, generate_series(1, 30000) b"


async def connect(engines: Engines, role: str, database: str | None = None) -> Connection:
    service, kind = role.split("_")
    url = engines.instance.database_url(service, kind, database=database)
    return await asyncpg.connect(url.replace("+asyncpg", ""), ssl=False, timeout=5)


async def as_role(engines: Engines, role: str, statement: str, database: str | None = None) -> Any:
    connection = await connect(engines, role, database)
    try:
        return await connection.fetchval(statement)
    finally:
        await connection.close()


@pytest.fixture
async def table(mortal_engines: Engines) -> Any:
    """A table as a migration would leave it: made by the owner, nothing granted by hand."""
    await as_role(mortal_engines, "catalog_owner", "CREATE TABLE IF NOT EXISTS thing (id bigserial PRIMARY KEY, n int)")
    yield "thing"
    await as_role(mortal_engines, "catalog_owner", "DROP TABLE thing")


async def test_the_app_role_uses_the_owners_tables_and_the_read_role_reads(mortal_engines: Engines, table: str) -> None:
    await as_role(mortal_engines, "catalog_app", f"INSERT INTO {table} (n) VALUES (7)")
    assert await as_role(mortal_engines, "catalog_read", f"SELECT n FROM {table}") == 7
    assert await as_role(mortal_engines, "catalog_app", f"UPDATE {table} SET n = 8 RETURNING n") == 8
    await as_role(mortal_engines, "catalog_app", f"DELETE FROM {table}")


@pytest.mark.parametrize(
    ("role", "statement"),
    [
        ("catalog_app", "CREATE TABLE mine (id int)"),
        ("catalog_app", "CREATE TEMPORARY TABLE mine (id int)"),
        ("catalog_app", "ALTER TABLE thing ADD COLUMN x int"),
        ("catalog_app", "DROP TABLE thing"),
        ("catalog_app", "TRUNCATE thing"),
        ("catalog_app", "SET ROLE catalog_owner"),
        ("catalog_app", "SELECT pg_read_file('postgresql.conf')"),
        ("catalog_app", "CREATE ROLE friend"),
        ("catalog_app", "CREATE SCHEMA mine"),
        ("catalog_read", "INSERT INTO thing (n) VALUES (1)"),
        ("catalog_owner", "CREATE DATABASE mine"),
        ("catalog_owner", "SELECT pg_read_file('postgresql.conf')"),
    ],
)
async def test_each_role_is_refused_what_is_not_its_work(
    mortal_engines: Engines, table: str, role: str, statement: str
) -> None:
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await as_role(mortal_engines, role, statement)


@pytest.mark.parametrize("role", ["catalog_owner", "catalog_app", "catalog_read"])
@pytest.mark.parametrize("database", ["matching", "notifications", "postgres", "template1"])
async def test_no_role_enters_another_database(mortal_engines: Engines, role: str, database: str) -> None:
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await as_role(mortal_engines, role, "SELECT 1", database)


async def test_a_wrong_password_is_refused(mortal_engines: Engines) -> None:
    port = mortal_engines.instance.postgres_port
    for password in ("wrong", ""):
        with pytest.raises((asyncpg.InvalidPasswordError, asyncpg.InterfaceError)):
            await asyncpg.connect(
                host="127.0.0.1", port=port, user="catalog_app", database="catalog", password=password, ssl=False
            )


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("statement_timeout", "15s"),
        ("lock_timeout", "6s"),
        ("idle_in_transaction_session_timeout", "15s"),
        ("transaction_timeout", "1min"),
        ("client_connection_check_interval", "5s"),
        ("data_checksums", "on"),
        ("fsync", "on"),
        ("listen_addresses", "127.0.0.1"),
    ],
)
async def test_the_server_keeps_its_promises(mortal_engines: Engines, setting: str, value: str) -> None:
    assert await as_role(mortal_engines, "catalog_app", f"SHOW {setting}") == value


@pytest.mark.promise(24)
async def test_what_was_committed_survives_a_killed_postmaster(mortal_engines: Engines, table: str) -> None:
    """A back-end that works on holds the shared memory: the start must not wait for the end of its query."""
    busy = await connect(mortal_engines, "matching_app")
    working = asyncio.create_task(busy.fetchval(LONG_WORK))
    await as_role(mortal_engines, "catalog_app", f"INSERT INTO {table} (n) VALUES (42)")
    started = asyncio.get_running_loop().time()
    await kill_and_restart(mortal_engines, "postgres")
    assert asyncio.get_running_loop().time() - started < 10
    assert await as_role(mortal_engines, "catalog_app", f"SELECT n FROM {table}") == 42
    with pytest.raises((asyncpg.PostgresError, asyncpg.InterfaceError, OSError)):
        await working
    busy.terminate()


async def test_what_was_acknowledged_survives_a_killed_nats(mortal_engines: Engines) -> None:
    async with admin(mortal_engines) as client:
        await client.jetstream().add_stream(StreamConfig(name="KEPT", subjects=["kept.>"], max_bytes=1_000_000))
    await kill_and_restart(mortal_engines, "nats")
    async with admin(mortal_engines) as client:
        assert (await client.jetstream().stream_info("KEPT")).config.name == "KEPT"
        await client.jetstream().delete_stream("KEPT")


@pytest.mark.promise(25)
async def test_a_frozen_nats_is_replaced(mortal_engines: Engines, monkeypatch: pytest.MonkeyPatch) -> None:
    """F5: a frozen server keeps its port and its connections; only its health tells."""
    monkeypatch.setattr(Nats, "seconds_between_looks", 0.1)
    monkeypatch.setattr(Nats, "health_limit_seconds", 1.0)
    heard: list[str] = []
    watching = asyncio.create_task(mortal_engines.watch(heard.append))
    frozen = mortal_engines.nats.process
    assert frozen is not None
    os.kill(frozen.pid, signal.SIGSTOP)
    while len(heard) < 2:
        await asyncio.sleep(0.02)
    watching.cancel()
    assert "no healthy answer" in heard[0]
    assert "answers again" in heard[1]
    assert frozen.poll() is not None
    assert await mortal_engines.nats.healthy()


class Failing(Engine):
    """Cannot start until every reason against it is used up."""

    name = "Engine"
    stop_signals = ()

    def __init__(self, *reasons: Exception) -> None:
        super().__init__()
        self.reasons = list(reasons)
        self.started = asyncio.Event()

    async def start(self) -> None:
        if self.reasons:
            raise self.reasons.pop(0)
        self.started.set()

    async def trouble(self) -> str:
        if self.started.is_set():
            await asyncio.Event().wait()
        return "is not running"


@pytest.mark.promise(18)
async def test_a_full_disk_does_not_end_the_watch(monkeypatch: pytest.MonkeyPatch) -> None:
    """INVARIANT: whatever keeps an engine from starting, it is tried again, with growing pauses."""
    pauses: list[float] = []
    sleep = asyncio.sleep

    async def no_time(seconds: float) -> None:
        pauses.append(seconds)
        await sleep(0)

    monkeypatch.setattr(asyncio, "sleep", no_time)
    heard: list[str] = []
    engine = Failing(OSError(28, "No space left on device"), OSError(28, "No space left on device"), EngineFailed("no"))
    watching = asyncio.create_task(keep_alive(engine, heard.append))
    await asyncio.wait_for(engine.started.wait(), timeout=30)
    watching.cancel()
    assert [said for said in heard if "No space left" in said] == [
        "Engine could not be started: [Errno 28] No space left on device"
    ] * 2
    assert "answers again" in heard[-1]
    assert pauses == [0.0, 0.25, 0.5, 1.0]


async def kill_and_restart(engines: Engines, name: str) -> None:
    engine = getattr(engines, name)
    os.kill(engine.process.pid, signal.SIGKILL)
    assert "SIGKILL" in await engine.trouble()
    await engine.start()


def admin(engines: Engines) -> Any:
    return Speaking(engines, "admin")


class Speaking:
    """A connection as one NATS user."""

    def __init__(self, engines: Engines, user: str) -> None:
        self.engines, self.user, self.errors = engines, user, list[str]()

    async def __aenter__(self) -> Any:
        self.connection = await nats.connect(
            self.engines.instance.nats_url,
            nkeys_seed=str(self.engines.instance.seed_file(self.user)),
            inbox_prefix=f"_INBOX_{self.user}".encode(),
            error_cb=self._note,
            allow_reconnect=False,
        )
        return self.connection

    async def __aexit__(self, *_: object) -> None:
        await self.connection.close()

    async def _note(self, error: Exception) -> None:
        self.errors.append(str(error).lower())


@pytest.mark.parametrize("subject", ["matching.demand.matched.v1.x", "$JS.API.STREAM.DELETE.CATALOG", "$SYS.REQ.X"])
async def test_a_service_may_not_speak_for_another(mortal_engines: Engines, subject: str) -> None:
    client = Speaking(mortal_engines, "catalog")
    async with client as connection:
        await connection.publish(subject, b"{}")
        await connection.flush()

        async def refused() -> None:
            assert any("permissions violation" in error for error in client.errors)

        await holds(refused)


async def test_nobody_enters_nats_without_a_key(mortal_engines: Engines) -> None:
    stranger = Client()
    with pytest.raises((NatsError, OSError)):
        await stranger.connect(mortal_engines.instance.nats_url, allow_reconnect=False, error_cb=_ignore)
    await stranger.close()


async def _ignore(_: Exception) -> None:
    return None


async def test_durable_engines_are_proven(mortal_engines: Engines) -> None:
    instance = mortal_engines.instance
    await prove_durability(
        instance.nats_url, sys_seed_file=instance.seed_file("sys"), database_urls=[instance.database_url("catalog")]
    )


@pytest.mark.promise(21)
async def test_lazy_engines_are_refused_with_every_reason() -> None:
    async with temporary_engines(durable=False) as engines:
        instance = engines.instance
        with pytest.raises(NotDurable) as refused:
            await prove_durability(
                instance.nats_url,
                sys_seed_file=instance.seed_file("sys"),
                database_urls=[instance.database_url("catalog")],
            )
    assert "acknowledges before it syncs" in str(refused.value)
    assert "fsync = off" in str(refused.value)


def program_of(engine: Engine) -> Path:
    assert engine.process is not None
    return Path(f"/proc/{engine.process.pid}/exe").readlink()


@pytest.mark.skipif(engine_user(None) is None, reason="an ordinary user runs the programs where they lie")
async def test_programs_that_the_engines_user_cannot_reach_are_copied(monkeypatch: pytest.MonkeyPatch) -> None:
    """A project under /root: its wheels are closed to the user PostgreSQL runs as."""
    monkeypatch.setattr(EngineUser, "can_run", lambda *_: False)
    async with temporary_engines() as engines:
        program = program_of(engines.postgres)
        assert program.is_relative_to(engines.folder.root / "engines")
        assert await as_role(engines, "catalog_app", "SELECT 1") == 1


async def test_what_cannot_be_asked_is_not_proven(mortal_engines: Engines) -> None:
    instance = mortal_engines.instance
    reasons = await nats_reasons(instance.nats_url, instance.seed_file("catalog"))
    assert reasons
    assert "could not be asked" in reasons[0]
