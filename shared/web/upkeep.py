"""Forgets what requests left behind and nobody needs any more."""

import asyncio
from collections.abc import Sequence

from shared.database import Database
from shared.database.statement import Statement
from shared.observability.pulse import beat
from shared.web import idempotency, limits

EVERY_S = 600
# Of a service that makes something under an Idempotency-Key.
WITH_ANSWERS = (limits.FORGET, idempotency.FORGET)


async def forget_for_ever(database: Database, what: Sequence[Statement] = (limits.FORGET,)) -> None:
    """Forget every ten minutes."""
    while True:
        beat(rest_s=EVERY_S)
        await forget(database, what)
        await asyncio.sleep(EVERY_S)


async def forget(database: Database, what: Sequence[Statement]) -> None:
    """Forget once."""
    async with database.connection() as connection:
        for statement in what:
            await statement.execute(connection)
