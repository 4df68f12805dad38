"""Bring one service's database to its newest schema, as its owner."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

PROJECT = Path(__file__).resolve().parents[2]
# Alembic makes its table like any other, open to the application: whoever writes it decides which migrations run.
KEEP_VERSION = """
    DO $$ BEGIN
      IF EXISTS (SELECT FROM pg_roles WHERE rolname = '{role}') THEN
        REVOKE INSERT, UPDATE, DELETE, TRUNCATE ON alembic_version FROM {role};
      END IF;
    END $$
"""


def configuration(service: str) -> Config:
    """Alembic's configuration of a service: its migrations folder, nothing from an ini file."""
    config = Config()
    config.set_main_option("script_location", str(PROJECT / "services" / service / "migrations"))
    config.set_main_option("path_separator", "os")
    config.attributes["service"] = service
    return config


async def upgrade(service: str, owner_url: str) -> None:
    """Apply every pending migration in one transaction each; does nothing when there is none."""
    config = configuration(service)

    def run(connection: Connection) -> None:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
        for kind in ("app", "work"):
            connection.execute(text(KEEP_VERSION.format(role=f"{service}_{kind}")))

    engine = create_async_engine(owner_url, poolclass=NullPool, connect_args={"command_timeout": 600, "ssl": False})
    try:
        async with engine.begin() as connection:
            await connection.run_sync(run)
    finally:
        await engine.dispose()


async def pending(service: str, owner_url: str) -> list[str]:
    """The revisions not applied yet, oldest first."""
    script = ScriptDirectory.from_config(configuration(service))
    engine = create_async_engine(owner_url, poolclass=NullPool, connect_args={"command_timeout": 30, "ssl": False})
    try:
        async with engine.connect() as connection:
            current = await connection.run_sync(lambda c: MigrationContext.configure(c).get_current_revision())
    finally:
        await engine.dispose()
    return [r.revision for r in reversed(list(script.iterate_revisions("head", current or "base")))]


def heads(service: str) -> list[str]:
    """The newest revisions in the code, without asking any database."""
    return list(ScriptDirectory.from_config(configuration(service)).get_heads())


def run_env() -> None:
    """The body of every service's `migrations/env.py`."""
    from alembic import context

    connection = context.config.attributes["connection"]
    context.configure(connection=connection, transaction_per_migration=True)
    with context.begin_transaction():
        context.run_migrations()
