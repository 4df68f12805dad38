"""A data folder of before the worker had a role: the next start makes it, the next migration gives it its rights."""

import asyncpg
from alembic import command
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from deploy.embedded.credentials import SERVICES, make_credentials
from deploy.embedded.engines import Engines, temporary_engines
from shared.database.migrate import configuration, upgrade
from shared.messaging.worker import asyncpg_dsn

BEFORE = {"catalog": "0005", "matching": "0002", "notifications": "0002"}
A_LINE = "INSERT INTO audit (id, action, organisation_id) VALUES (gen_random_uuid(), 'kept', gen_random_uuid())"


async def as_role(engines: Engines, service: str, kind: str, statement: str) -> object:
    url = (
        engines.instance.admin_database_url(service)
        if kind == "admin"
        else engines.instance.database_url(service, kind)
    )
    connection = await asyncpg.connect(asyncpg_dsn(url), ssl=False, timeout=5)
    try:
        return await connection.fetchval(statement)
    finally:
        await connection.close()


async def _as_before(engines: Engines, service: str) -> None:
    """The schema of before, and no role for the worker."""
    config = configuration(service)

    def run(connection: Connection) -> None:
        config.attributes["connection"] = connection
        command.upgrade(config, BEFORE[service])

    engine = create_async_engine(engines.instance.database_url(service, "owner"), poolclass=NullPool)
    async with engine.begin() as connection:
        await connection.run_sync(run)
    await engine.dispose()
    await as_role(engines, service, "admin", f"DROP OWNED BY {service}_work")
    admin = create_async_engine(
        engines.instance.admin_database_url(service), poolclass=NullPool, isolation_level="AUTOCOMMIT"
    )
    async with admin.connect() as connection:
        await connection.execute(text(f"REVOKE ALL ON DATABASE {service} FROM {service}_work"))
        await connection.execute(text(f"DROP ROLE {service}_work"))
    await admin.dispose()
    (engines.folder.secrets / f"{service}_work.password").unlink()


async def test_an_older_folder_is_brought_on_at_its_next_start() -> None:
    async with temporary_engines() as engines:
        for service in SERVICES:
            await _as_before(engines, service)
        await as_role(engines, "catalog", "app", A_LINE)
        engines.folder.remember(databases=1)
        make_credentials(engines.folder)
        await engines.postgres.stop()
        await engines.postgres.start()
        for service in SERVICES:
            await upgrade(service, engines.instance.database_url(service, "owner"))
            assert await as_role(engines, service, "work", "SELECT count(*) FROM outbox") == 0
            await as_role(engines, service, "work", "DELETE FROM inbox")
        assert await as_role(engines, "catalog", "work", "SELECT action FROM audit") == "kept"
        assert await as_role(engines, "catalog", "app", "SELECT count(*) FROM audit") == 0
        rights = [f"has_table_privilege('catalog_work', '{table}', 'DELETE')" for table in ("audit", "alembic_version")]
        assert await as_role(engines, "catalog", "work", f"SELECT {' OR '.join(rights)}") is False
