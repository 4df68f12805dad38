"""Keep the last known state of organisations, members and contacts, one writer at a time where two must meet."""

from typing import Any, cast
from uuid import UUID

from sqlalchemy import Table
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from services.notifications.db import Base
from shared.database.statement import Statement

# The first number tells these locks from others that take two.
MEET = Statement("SELECT pg_advisory_xact_lock(20261124, hashtext(CAST(:organisation_id AS uuid)::text))")


async def meet(session: AsyncSession, organisation_id: UUID) -> None:
    """Let one writer at a time bring a member to the organisation's notices or a notice to its members, until commit.

    INVARIANT: the later of the two finds the earlier one. Two streams are read at once, and two transactions at once
    would each not see the other's uncommitted row: no mail would ever be due. It is a statement of its own and comes
    before those that look for the other: a statement that waits for a lock still reads as of before it waited.
    """
    await MEET.execute(session, organisation_id=organisation_id)


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
