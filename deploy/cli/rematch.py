"""`boucle rematch`: match every open demand again, after weights or rules changed."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import click
from rich.console import Console

from deploy.cli.databases import database_of, trouble_in_words
from deploy.cli.place import HELP, place_options
from deploy.embedded.data_folder import DataFolder

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from uuid import UUID


@click.command(context_settings=HELP)
@click.option(
    "--pause", type=float, default=0.5, show_default=True, help="Seconds between twenty demands and the next."
)
@place_options
def rematch(*, pause: float, folder: DataFolder) -> None:
    """Match every open demand again by the weights in force, twenty at a time, beside the traffic.

    Nothing does this by itself when weights change: each demand is matched by them at its next event anyway. Rankings
    that change are told as always, and only who newly fits is written to. May be stopped and begun again.

    \b
    Examples:
      boucle rematch
      boucle rematch --pause 5
    """
    with trouble_in_words(), Console(stderr=True).status("Matching again…") as status:
        count, version = asyncio.run(_rematch(folder, pause, status))
    click.echo(f"{count} open demands matched by {version}.")


async def _rematch(folder: DataFolder, pause: float, status: Any) -> tuple[int, str]:
    from deploy.embedded.logs import log_errors_only
    from services.matching.db import in_order
    from services.matching.projections import rematch_demands
    from services.matching.ranking.queries import read_weights
    from services.matching.ranking.weights import weights

    log_errors_only()
    done = 0
    async with database_of("matching", folder) as database:
        await read_weights(database)
        async for some in _open_demands(database):
            async with database.sessions.begin() as session:
                await in_order(session)
                await rematch_demands(session, some)
            done += len(some)
            status.update(f"Matching again… {done}")
            await asyncio.sleep(pause)
    return done, weights().version


async def _open_demands(database: Any) -> AsyncIterator[list[UUID]]:
    from services.matching.learning.queries import OPEN_DEMANDS
    from services.matching.projections import REMATCHED_AT_ONCE

    last = None
    while True:
        async with database.sessions.begin() as session:
            some = await OPEN_DEMANDS.scalars(session, after=last, most=REMATCHED_AT_ONCE)
        if not some:
            return
        yield some
        last = some[-1]
