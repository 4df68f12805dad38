"""The services' databases and handlers for a command, and their troubles in words."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from importlib import import_module
from typing import TYPE_CHECKING

import click

from deploy.cli.place import settings_of
from deploy.embedded.data_folder import DataFolder

if TYPE_CHECKING:
    from shared.database import Database
    from shared.messaging.handling import Handlers
    from shared.messaging.overtaking import Counts


@asynccontextmanager
async def database_of(service: str, folder: DataFolder) -> AsyncIterator[Database]:
    """A service's database with what its handlers look for in a session, as its worker sets it up."""
    from shared.clock import Calendar, now
    from shared.database.both import WorkDatabaseMissing, work_database_of

    settings = settings_of(service, folder)
    try:
        database = work_database_of(settings, clock=now, calendar=Calendar(settings.always_open))
    except WorkDatabaseMissing as missing:
        raise click.ClickException(str(missing)) from missing
    try:
        yield database
    finally:
        await database.close()


def handlers_of(service: str) -> Handlers:
    """What happens when, in that service."""
    handlers: Handlers = import_module(f"services.{service}.worker").HANDLERS
    return handlers


def counts_of(service: str) -> Counts:
    """Where that service counts the versions of what it tells."""
    counts: Counts = import_module(f"services.{service}.worker").COUNTS
    return counts


def recalls_of(service: str) -> Handlers:
    """What that service must not forget that it told, however far it goes back."""
    recalls: Handlers = import_module(f"services.{service}.worker").RECALLS
    return recalls


@contextmanager
def trouble_in_words() -> Iterator[None]:
    """A database that is away or busy is a sentence, not a stack."""
    from shared.messaging.transient import is_transient

    try:
        yield
    except Exception as error:
        if not is_transient(error) or isinstance(error, FileNotFoundError | PermissionError):
            raise
        words = f"The database or the broker is away or busy: {error!r}"
        raise click.ClickException(f"{words}. Nothing is half done; run the command again.") from error
