"""Answers `rpc.matching.search.v1` from memory, and keeps that memory up to date."""

from services.matching.search.memory import memory_at, search_in_memory
from shared.clock import day_of
from shared.database import Database
from shared.events.event import Facts
from shared.messaging.answering import Answers
from shared.observability.pulse import beat, every
from shared.questions.question import Refusal, Refused
from shared.questions.search import SearchAsked

EVERY_S = 1.0
# An import of many rows is read beside, and whoever asks meanwhile asks the database.
MOST_READ = 1000


def answers(database: Database) -> Answers:
    """What matching answers to its own pages."""

    async def on_search(asked: SearchAsked) -> Facts:
        today = day_of(database.now())
        # What changed is one statement, which needs no transaction around it.
        async with database.connection() as connection:
            found = await search_in_memory(connection, memory_at(database), asked, today=today, most_read=MOST_READ)
        return found or Refused(refused=Refusal.BUSY)

    return {SearchAsked: on_search}


async def read_for_ever(database: Database) -> None:
    """Read what is there at the start, and then what changed every second, some rows at a time."""
    memory = memory_at(database)
    async for _ in every(EVERY_S):
        fresh = True
        while fresh:
            beat()
            async with database.sessions() as session:
                fresh = await memory.read(session) == memory.at_once
