"""What a timer found due, done one by one: what fails keeps nobody else waiting, now or at the next pass."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from typing import Any, NamedTuple, TypeVar
from uuid import UUID

import structlog
from sqlalchemy import Select
from sqlalchemy.ext.asyncio import AsyncSession

from shared.database.session import Database

log = structlog.get_logger(__name__)

RETRY = timedelta(minutes=10)
"""How much later what failed is due again: a timer takes the earliest first, and would find nothing else."""

AT_ONCE = 50

Due = TypeVar("Due")
Row = TypeVar("Row")
Step = Callable[[AsyncSession, Due], Awaitable[object]]


class Turn(NamedTuple):
    """Which of the rows that are due are looked at: some behind the last id, or one alone."""

    after: UUID | None = None
    only: UUID | None = None

    def of(self, query: Select[Row], model: Any) -> Select[Row]:
        """These of a query's rows of `model` by id, locked as they are stored now; what another holds is left to it."""
        if self.after is not None:
            query = query.where(model.id > self.after)
        if self.only is not None:
            query = query.where(model.id == self.only)
        query = query.order_by(model.id).limit(AT_ONCE).with_for_update(of=model, skip_locked=True)
        return query.execution_options(populate_existing=True)


async def all_due(
    database: Database,
    find: Callable[[AsyncSession, Turn], Awaitable[Sequence[Row]]],
    do: Step[Row],
    *,
    failed: str,
) -> int:
    """Do all that `find` finds due, one by one; returns how many were looked at.

    For rows without an hour of their own to be put off to: the pass goes on behind what fails, and the next one looks
    at it again. Any number of timers may run: each row is found again, and locked, before it is done.
    """

    async def do_one(session: AsyncSession, row_id: UUID) -> None:
        for row in await find(session, Turn(only=row_id)):
            await do(session, row)

    looked_at, last = 0, None
    while True:
        async with database.sessions.begin() as session:
            ids: list[UUID] = [row.id for row in await find(session, Turn(after=last))]  # type: ignore[attr-defined]
        if not ids:
            return looked_at
        looked_at, last = looked_at + await one_by_one(database, ids, do_one, failed=failed), ids[-1]


async def one_by_one(
    database: Database, due: Sequence[Due], do: Step[Due], *, failed: str, put_off: Step[Due] | None = None
) -> int:
    """Do each in a transaction of its own; returns how many there were.

    What fails is logged as `failed` and put off, in another transaction.
    """
    for each in due:
        try:
            async with database.sessions.begin() as session:
                await do(session, each)
        except Exception:
            log.exception(failed, about=str(each))
            if put_off is not None:
                await _put_off(database, each, put_off, failed)
    return len(due)


async def _put_off(database: Database, each: Due, put_off: Step[Due], failed: str) -> None:
    try:
        async with database.sessions.begin() as session:
            await put_off(session, each)
    except Exception:
        # The others' turn comes all the same, in this pass.
        log.exception(f"{failed}_nor_put_off", about=str(each))
