"""May a service answer: has it started, and is its own database there? The broker and other services are not asked."""

from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError

from shared.database import Database
from shared.database.revisions import head_of, revisions_of
from shared.observability.question import Question

DATABASE_S = 1.0
START_S = 5.0


class Health:
    """Of one service, with reasons in words for whoever runs it."""

    def __init__(self, service: str, database: Database) -> None:
        self._service, self._database = service, database
        self._is_migrated = False
        self._alive = Question(self._ask, within_s=DATABASE_S, keep_s=DATABASE_S)
        self._revision = Question(self._ask_revision, within_s=START_S, keep_s=DATABASE_S)

    async def not_ready(self) -> str | None:
        """Why no page could be answered now."""
        try:
            await self._alive.answer()
        except Exception as error:  # any reason at all means "not ready"
            return f"its database does not answer ({type(error).__name__})"
        return None

    async def not_started(self) -> str | None:
        """Why its schema is not that of the code; once it is, it stays so."""
        if self._is_migrated:
            return None
        try:
            reason = self._behind(await self._revision.answer())
        except Exception as error:  # the same
            return f"its database does not answer ({type(error).__name__})"
        self._is_migrated = reason is None
        return reason

    def _behind(self, revision: str | None) -> str | None:
        # One that this code has never heard of is a newer one's: migrations run before the services they are for.
        known, head = revisions_of(self._service), head_of(self._service)
        if revision == head or (revision is not None and revision not in known):
            return None
        return f"its schema is at {revision or 'nothing'}, the code's is {head}"

    async def _ask(self) -> None:
        async with self._database.connection() as connection:
            await connection.execute(text("SELECT 1"))

    async def _ask_revision(self) -> str | None:
        async with self._database.connection() as connection:
            try:
                found: str | None = await connection.scalar(text("SELECT version_num FROM alembic_version"))
            except ProgrammingError:  # no such table yet
                return None
        return found
