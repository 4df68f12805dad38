"""Backups of one service's database, and putting one in its place while everything else runs."""

from __future__ import annotations

import os
import subprocess
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import asyncpg

from deploy.embedded.binaries import postgres_programs
from deploy.embedded.credentials import SUPERUSER, password
from deploy.embedded.data_folder import write_private
from deploy.embedded.instance import LOOPBACK, Instance
from deploy.embedded.process import clean_environment
from deploy.embedded.roles import make_databases

# Transactions commit in another order than they begin: what the newest row says may lack what was begun before it.
MARGIN = timedelta(minutes=2)
# The database does not take its new name while somebody still has it open.
RENAME_TRIES = 20
NEWEST = """
SELECT greatest((SELECT max(created_at) FROM outbox), (SELECT max(processed_at) FROM inbox))
"""
LEAVE = """
SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = $1 AND pid <> pg_backend_pid()
"""


class RestoreFailed(Exception):
    """A program of PostgreSQL refused; the message ends with its words."""


def back_up(instance: Instance, service: str, file: Path) -> None:
    """Write one service's database to a file, in PostgreSQL's own format, as of one moment; nobody has to stop."""
    draft = file.with_name(f".{file.name}.part")
    try:
        _run(instance, "pg_dump", "--format=custom", f"--file={draft}", f"--dbname={service}")
        draft.chmod(0o600)
        draft.replace(file)
    finally:
        draft.unlink(missing_ok=True)


async def restore_beside(instance: Instance, service: str, file: Path) -> str:
    """Fill a new database beside the service's own; gives its name. Nobody uses it yet."""
    name = f"{service}_restored"
    await discard(instance, name)
    async with _superuser(instance) as connection:
        await connection.execute(f"CREATE DATABASE {name} OWNER {service}_owner TEMPLATE template0")
        await connection.execute(f"REVOKE ALL ON DATABASE {name} FROM PUBLIC")
    try:
        _run(instance, "pg_restore", "--exit-on-error", f"--dbname={name}", str(file))
    except RestoreFailed:
        await discard(instance, name)
        raise
    return name


async def discard(instance: Instance, restored: str) -> None:
    """Drop a restored database that will not be used."""
    async with _superuser(instance) as connection:
        await connection.execute(f"DROP DATABASE IF EXISTS {restored} WITH (FORCE)")


async def newest_in(instance: Instance, database: str) -> datetime:
    """The moment up to which a database knows everything, a little early."""
    async with _superuser(instance, database) as connection:
        newest: datetime | None = await connection.fetchval(NEWEST)
    return (newest or datetime(1970, 1, 1, tzinfo=UTC) + MARGIN) - MARGIN


@asynccontextmanager
async def shut_out(instance: Instance, service: str) -> AsyncIterator[None]:
    """The service waits outside its database until the block ends: it answers "later", and nothing is written."""
    async with _superuser(instance) as connection:
        await connection.execute(f"ALTER DATABASE {service} CONNECTION LIMIT 0")
        await connection.fetchval(LEAVE, service)
        try:
            yield
        except BaseException:
            await connection.execute(f"ALTER DATABASE {service} CONNECTION LIMIT -1")
            raise


async def take_its_place(instance: Instance, service: str, restored: str) -> str:
    """Give the restored database the service's name; the one before it is kept, under the name that comes back."""
    kept = f"{service}_until_{datetime.now(UTC):%Y%m%dt%H%M%S}"
    async with _superuser(instance) as connection:
        for left in reversed(range(RENAME_TRIES)):
            await connection.fetchval(LEAVE, service)
            await connection.fetchval(LEAVE, restored)
            try:
                # One step: whoever asks meanwhile waits, and nobody finds the name gone.
                async with connection.transaction():
                    await connection.execute(f"ALTER DATABASE {service} RENAME TO {kept}")
                    await connection.execute(f"ALTER DATABASE {restored} RENAME TO {service}")
            except asyncpg.ObjectInUseError:
                if not left:
                    raise
            else:
                break
    await make_databases(instance.folder, instance.postgres_port)
    return kept


@asynccontextmanager
async def _superuser(
    instance: Instance, database: str = "postgres"
) -> AsyncIterator[asyncpg.Connection[asyncpg.Record]]:
    connection = await asyncpg.connect(
        host=LOOPBACK,
        port=instance.postgres_port,
        user=SUPERUSER,
        password=password(instance.folder, SUPERUSER),
        database=database,
        ssl=False,
        timeout=10,
    )
    try:
        yield connection
    finally:
        await connection.close(timeout=5)


def _run(instance: Instance, program: str, *options: str) -> None:
    where = [f"--host={LOOPBACK}", f"--port={instance.postgres_port}", f"--username={SUPERUSER}", "--no-password"]
    with _password_file(instance) as secret:
        done = subprocess.run(
            [postgres_programs(instance.folder) / program, *where, *options],
            env=clean_environment(PGPASSFILE=str(secret)),
            capture_output=True,
            text=True,
            check=False,
        )
    if done.returncode != 0:
        raise RestoreFailed(f"{program}: {done.stderr.strip()[-2000:]}")


@contextmanager
def _password_file(instance: Instance) -> Iterator[Path]:
    """Neither an argument nor the environment tells the password."""
    secret = instance.folder.secrets / f"pgpass.{os.getpid()}"
    write_private(secret, f"{LOOPBACK}:{instance.postgres_port}:*:{SUPERUSER}:{password(instance.folder, SUPERUSER)}\n")
    try:
        yield secret
    finally:
        secret.unlink()
