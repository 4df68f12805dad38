"""Catalog's database for a command: of the instance that runs now, or started for as long as the command needs it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import click

from deploy.cli.databases import database_of
from deploy.cli.place import known_instance, stands_elsewhere
from deploy.embedded.data_folder import DataFolder
from deploy.embedded.engines import Engines
from deploy.embedded.prepare import migrate

if TYPE_CHECKING:
    from shared.database import Database


@asynccontextmanager
async def catalog_database(folder: DataFolder) -> AsyncIterator[Database]:
    """While Boucle runs, its relay publishes within 250 ms what is written here; else at its next start."""
    if folder.is_held() or stands_elsewhere("catalog"):
        async with database_of("catalog", folder) as database:
            yield database
        return
    if known_instance(folder) is None:
        raise click.ClickException(
            f"Boucle never ran on {folder.root}. Start it once with `boucle up`, or name its folder with --data."
        )
    with folder.lock():
        async with Engines(folder) as engines:
            await migrate(engines.instance, "catalog")
            async with _database(engines.instance.database_url("catalog", "work")) as database:
                yield database


@asynccontextmanager
async def _database(url: str) -> AsyncIterator[Database]:
    from shared.clock import Calendar, now
    from shared.database import Database

    database = Database(url, clock=now, calendar=Calendar())
    try:
        yield database
    finally:
        await database.close()
