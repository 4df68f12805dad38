"""A service's database twice: for its pages, which row-level security binds, and for its worker, which it does not."""

from __future__ import annotations

from typing import Any, NamedTuple

from shared.database.session import Database
from shared.settings import ServiceSettings


class WorkDatabaseMissing(Exception):
    """A worker acts for all organisations, and may do so only as the role that is made for it."""

    def __init__(self, service: str) -> None:
        super().__init__(f"BOUCLE_{service.upper()}_WORK_DATABASE_URL is not set: the worker has a role of its own.")


class Databases(NamedTuple):
    """Two pools; `work` is None where pages run without a worker, and its password is then not even known."""

    pages: Database
    work: Database | None

    def at_work(self) -> Database:
        """The worker's; raises `ValueError` in a process without one."""
        if self.work is None:
            raise ValueError("these pages run without a worker's database")
        return self.work

    async def close(self) -> None:
        """Give every connection back."""
        await self.pages.close()
        if self.work is not None:
            await self.work.close()


def databases_of(settings: ServiceSettings, *, works: bool, **surroundings: Any) -> Databases:
    """Both pools, or the pages' alone."""
    pages = Database(settings.database_url.get_secret_value(), **surroundings)
    return Databases(pages, work_database_of(settings, **surroundings) if works else None)


def work_database_of(settings: ServiceSettings, **surroundings: Any) -> Database:
    """The worker's pool; raises `WorkDatabaseMissing`."""
    if settings.work_database_url is None:
        raise WorkDatabaseMissing(settings.service)
    return Database(settings.work_database_url.get_secret_value(), **surroundings)
