"""What a timer found due, done one by one: what fails keeps nobody else waiting, now or at the next pass."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from typing import TypeVar

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from shared.database.session import Database

log = structlog.get_logger(__name__)

RETRY = timedelta(minutes=10)
"""How much later what failed is due again: a timer takes the earliest first, and would find nothing else."""

Due = TypeVar("Due")
Step = Callable[[AsyncSession, Due], Awaitable[object]]


async def one_by_one(database: Database, due: Sequence[Due], do: Step[Due], *, put_off: Step[Due], failed: str) -> int:
    """Do each in a transaction of its own; returns how many there were.

    What fails is logged as `failed` and put off, in another transaction.
    """
    for each in due:
        try:
            async with database.sessions.begin() as session:
                await do(session, each)
        except Exception:
            log.exception(failed, about=str(each))
            await _put_off(database, each, put_off, failed)
    return len(due)


async def _put_off(database: Database, each: Due, put_off: Step[Due], failed: str) -> None:
    try:
        async with database.sessions.begin() as session:
            await put_off(session, each)
    except Exception:
        # The others' turn comes all the same, in this pass.
        log.exception(f"{failed}_nor_put_off", about=str(each))
