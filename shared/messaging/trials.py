"""How often a message was tried: failures that were told, and processes that died with it in hand."""

from typing import Any

import structlog
from nats.aio.msg import Msg
from sqlalchemy import Column, ColumnElement, Delete, Update, delete, func, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.exc import SQLAlchemyError

from shared.database import Database
from shared.messaging.tables import attempt

log = structlog.get_logger(__name__)

# Delivered more often than this, a message may be killing us: from here on each beginning is written down first.
# Deliveries alone prove nothing, an outage of the database causes as many.
UNSUSPICIOUS_DELIVERIES = 10
MAX_DEATHS = 5


class Trials:
    """The counters of one consumer, each in a transaction of its own; nothing is written while all is well."""

    def __init__(self, database: Database, consumer: str) -> None:
        self._database = database
        self._consumer = consumer
        self._begun: set[int] = set()

    async def may_begin(self, message: Msg) -> bool:
        """False when process after process began this message and none lived to say how it ended."""
        where = message.metadata.sequence.stream
        if message.metadata.num_delivered <= UNSUSPICIOUS_DELIVERIES or where in self._begun:
            return True
        again = {"started": attempt.c.started + 1, "at": func.clock_timestamp()}
        started = await self._add({"stream_seq": where, "n": 0, "started": 1}, again, attempt.c.started)
        self._begun.add(where)
        return started <= MAX_DEATHS

    async def survived(self, message: Msg) -> None:
        """Take the beginning back: it ended without an effect, but this process lives."""
        where = message.metadata.sequence.stream
        if where in self._begun and await self._write(update(attempt).where(*self._of(where)).values(started=0)):
            self._begun.discard(where)

    async def count_failure(self, message: Msg, error: Exception) -> int:
        """Add one failure, and return how many there are."""
        where, text = message.metadata.sequence.stream, repr(error)[:2000]
        self._begun.discard(where)
        # A first delivery has no past: the number is another message's, of a stream since made anew.
        failures = 1 if _is_first(message) else attempt.c.n + 1
        values = {"n": failures, "started": 0, "last_error": text, "at": func.clock_timestamp()}
        return await self._add({"stream_seq": where, "n": 1, "last_error": text}, values, attempt.c.n)

    async def forget(self, message: Msg) -> None:
        """Drop the counters of a message that has found its place; one delivered for the first time has none."""
        where = message.metadata.sequence.stream
        if not _is_first(message) and await self._write(delete(attempt).where(*self._of(where))):
            self._begun.discard(where)

    def _of(self, where: int) -> tuple[ColumnElement[bool], ...]:
        return attempt.c.consumer == self._consumer, attempt.c.stream_seq == where

    async def _add(self, first: dict[str, Any], again: dict[str, Any], counted: Column[int]) -> int:
        statement = upsert(attempt).values(consumer=self._consumer, **first)
        statement = statement.on_conflict_do_update(
            index_elements=[attempt.c.consumer, attempt.c.stream_seq], set_=again
        )
        async with self._database.sessions.begin() as session:
            return int((await session.execute(statement.returning(counted))).scalar_one())

    async def _write(self, statement: Update | Delete) -> bool:
        # Tidying up: the message's own outcome stands, whether or not this succeeds.
        try:
            async with self._database.sessions.begin() as session:
                await session.execute(statement)
        except (SQLAlchemyError, OSError) as error:
            log.warning("attempts_not_tidied", consumer=self._consumer, error=repr(error))
            return False
        return True


def _is_first(message: Msg) -> bool:
    return message.metadata.num_delivered == 1
