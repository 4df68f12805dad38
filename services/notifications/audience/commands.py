"""Keep the last known state of organisations, members and contacts."""

from typing import Any, cast

from sqlalchemy import Table
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from services.notifications.db import Base


async def keep_newest(session: AsyncSession, model: type[Base], row: dict[str, Any]) -> bool:
    """Insert or replace a row unless the one we have is as new; True when it was written."""
    table = cast(Table, model.__table__)
    (key,) = table.primary_key
    statement = insert(table).values(row)
    statement = statement.on_conflict_do_update(
        index_elements=[key],
        set_={name: statement.excluded[name] for name in row if name != key.name},
        where=table.c.version < statement.excluded.version,
    )
    written = await session.execute(statement.returning(key))
    return written.first() is not None
