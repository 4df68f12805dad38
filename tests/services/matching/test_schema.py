"""The tables that the queries name are the tables that the migration makes."""

from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection
from sqlalchemy.ext.asyncio import AsyncSession

from services.matching.db import metadata

EVENT_CORE = {"spent_requests", "outbox", "inbox", "dead_letter", "attempt", "alembic_version"}


def _differences(connection: Connection) -> list[str]:
    context = MigrationContext.configure(connection, opts={"include_name": _is_ours, "compare_type": True})
    found = compare_metadata(context, metadata)
    each = [change for group in found for change in (group if isinstance(group, list) else [group])]
    # Indexes, keys and checks stand in the migration only.
    return [str(change) for change in each if change[0].split("_")[-1] in ("table", "column", "type", "nullable")]


def _is_ours(name: str | None, kind: str, _parents: object) -> bool:
    return kind != "table" or name not in EVENT_CORE


async def test_migrations_and_tables_say_the_same(session: AsyncSession) -> None:
    connection = await session.connection()
    assert await connection.run_sync(_differences) == []
