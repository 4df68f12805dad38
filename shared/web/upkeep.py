"""Forgets what requests left behind and nobody needs any more."""

from collections.abc import Sequence

from shared.database import Database
from shared.database.statement import Statement
from shared.observability.pulse import every
from shared.web import idempotency, limits

EVERY_S = 600
# Of a service that makes something under an Idempotency-Key.
WITH_ANSWERS = (limits.FORGET, idempotency.FORGET)


async def forget_for_ever(database: Database, what: Sequence[Statement] = (limits.FORGET,)) -> None:
    """Forget every ten minutes."""
    async for _ in every(EVERY_S):
        await forget(database, what)


async def forget(database: Database, what: Sequence[Statement]) -> None:
    """Forget once."""
    async with database.connection() as connection:
        for statement in what:
            await statement.execute(connection)
