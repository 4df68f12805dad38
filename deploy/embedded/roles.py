"""One database and four least-privileged roles per service.

`owner` migrates; `app` answers requests, bound by row-level security; `work` acts for all organisations; `read` reads.
"""

from __future__ import annotations

import asyncpg

from deploy.embedded.credentials import SERVICES, SUPERUSER, database_roles, password
from deploy.embedded.data_folder import DataFolder

DATABASES_VERSION = 3
LOOPBACK = "127.0.0.1"

# messaging.md P10. Owners migrate: they may take longer, but never wait long for a lock that pages need. Pages wait
# longer than they: who comes while a disk is slow, or behind a migration, is served late rather than sent away.
ROLE_TIMEOUTS = {
    "owner": {"statement_timeout": "10min", "transaction_timeout": "15min", "lock_timeout": "5s"},
    "app": {"statement_timeout": "15s", "transaction_timeout": "60s", "lock_timeout": "6s"},
    "work": {"statement_timeout": "15s", "transaction_timeout": "60s", "lock_timeout": "6s"},
    "read": {"statement_timeout": "15s", "transaction_timeout": "60s", "lock_timeout": "6s"},
}


async def make_databases(folder: DataFolder, port: int, *, host: str = LOOPBACK) -> None:
    """Bring roles, databases and rights to what they should be; safe to repeat after an interrupted first start."""
    connection = await _connect(folder, port, "postgres", host)
    try:
        for role in database_roles():
            await _make_role(connection, role, password(folder, role))
        for service in SERVICES:
            await _make_database(connection, service)
        for shared in ("postgres", "template1"):
            await connection.execute(f"REVOKE ALL ON DATABASE {shared} FROM PUBLIC")
    finally:
        await connection.close()
    for service in SERVICES:
        await _grant_inside(folder, port, service, host)


async def _connect(folder: DataFolder, port: int, database: str, host: str) -> asyncpg.Connection[asyncpg.Record]:
    """`ssl=False`: loopback, or containers' own network; asyncpg would look for certificates in a home not ours."""
    return await asyncpg.connect(
        host=host,
        port=port,
        user=SUPERUSER,
        password=password(folder, SUPERUSER),
        database=database,
        ssl=False,
        timeout=10,
        command_timeout=30,
    )


async def _make_role(connection: asyncpg.Connection[asyncpg.Record], role: str, secret: str) -> None:
    """Secrets are our own url-safe tokens: nothing in them needs quoting."""
    exists = await connection.fetchval("SELECT 1 FROM pg_roles WHERE rolname = $1", role)
    verb = "ALTER" if exists else "CREATE"
    await connection.execute(
        f"{verb} ROLE {role} LOGIN PASSWORD '{secret}' NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS"
    )
    for setting, value in ROLE_TIMEOUTS[role.rsplit("_", 1)[1]].items():
        await connection.execute(f"ALTER ROLE {role} SET {setting} = '{value}'")


async def _make_database(connection: asyncpg.Connection[asyncpg.Record], service: str) -> None:
    if not await connection.fetchval("SELECT 1 FROM pg_database WHERE datname = $1", service):
        await connection.execute(f"CREATE DATABASE {service} OWNER {service}_owner")
    await connection.execute(f"REVOKE ALL ON DATABASE {service} FROM PUBLIC")
    await connection.execute(f"GRANT CONNECT ON DATABASE {service} TO {service}_app, {service}_work, {service}_read")


async def _grant_inside(folder: DataFolder, port: int, service: str, host: str) -> None:
    """Default privileges: whatever a migration creates later is usable by the others without another word.

    What is there already, the migration that knows the worker's role gives to it.
    """
    owner, app, work, read = (f"{service}_{kind}" for kind in ("owner", "app", "work", "read"))
    defaults = f"ALTER DEFAULT PRIVILEGES FOR ROLE {owner}"
    connection = await _connect(folder, port, service, host)
    try:
        await connection.execute(f"""
            REVOKE ALL ON SCHEMA public FROM PUBLIC;
            GRANT USAGE ON SCHEMA public TO {app}, {work}, {read};
            {defaults} GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {app}, {work};
            {defaults} GRANT SELECT ON TABLES TO {read};
            {defaults} GRANT USAGE, SELECT ON SEQUENCES TO {app}, {work};
            {defaults} GRANT SELECT ON SEQUENCES TO {read};
            {defaults} REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;
            {defaults} GRANT EXECUTE ON FUNCTIONS TO {app}, {work}, {read};
        """)
    finally:
        await connection.close()
