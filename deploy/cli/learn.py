"""`boucle learn`: from answers to a table of weights; promoted only when it is better and not less fair."""

from __future__ import annotations

import asyncio
import functools
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from deploy.cli.databases import database_of, trouble_in_words
from deploy.cli.migrate import owner_url
from deploy.cli.place import HELP
from deploy.embedded.data_folder import DataFolder, default_folder

if TYPE_CHECKING:
    from deploy.learning.lines import Line
    from services.matching.ranking.weights import Weights

# Whoever was asked last week may still answer.
TIME_TO_ANSWER = timedelta(days=7)
LONG_AGO = timedelta(days=365)
FILE_THERE = click.Path(path_type=Path, dir_okay=False, exists=True)
FILE = click.Path(path_type=Path, dir_okay=False)
DIRECTORY = click.Path(path_type=Path, file_okay=False)


RELEASED = "released"


def where(command: Callable[..., None]) -> Callable[..., None]:
    """Add --instance and --folder, as one `place`: here --data is a file of lines."""

    @functools.wraps(command)
    def with_place(*, folder: Path | None, instance: str, **options: Any) -> None:
        command(place=DataFolder((folder or default_folder(instance, choose=False)).resolve()), **options)

    named = click.option(
        "--instance", default="main", show_default=True, help="Name of the instance below the default folder."
    )(with_place)
    return click.option("--folder", type=DIRECTORY, help="Data folder, as other commands' --data.")(named)


@click.command(context_settings=HELP)
@click.option("--data", type=FILE_THERE, help="A file of lines instead of matching's database.")
@click.option("--out", type=DIRECTORY, default="learnt", show_default=True, help="Folder of candidate and report.")
@click.option("--keep-lines", type=FILE, help="Also write the lines that were read to this file.")
@click.option(
    "--promote", metavar="CANDIDATE", help="Put a candidate in force, or `released`: the program's own table."
)
@where
def learn(*, data: Path | None, out: Path, keep_lines: Path | None, promote: str | None, place: DataFolder) -> None:
    """Learn the points of the ranking from what suppliers answered, and say whether that is better.

    Reads who was asked about what in the last year, with which probability, and what they answered; fits the points to
    all but the last quarter of the weeks, and holds both tables against those. Writes a candidate (the same bytes for
    the same answers) and a report for people. Exit code 1 when it is not to be promoted, or too few answered.

    With --promote a candidate becomes the table in force, if what came after the weeks it learnt from says that it is
    better and not less fair; services read it when they start, and `boucle rematch` matches again by it.

    \b
    Examples:
      boucle learn
      boucle learn --data lines.jsonl --out learnt
      boucle learn --promote learnt/weights-2026-11-27+1a2b3c4d.toml
      boucle learn --promote released
    """
    with trouble_in_words():
        if promote == RELEASED:
            _back(place)
            return
        before, lines = asyncio.run(_read(place, data, promoting=promote is not None))
        if keep_lines is not None:
            _write_lines(keep_lines, lines)
        if promote is not None:
            _promote(Path(promote), lines, before, place=place)
        else:
            _learn(lines, before, out)


async def _read(place: DataFolder, data: Path | None, *, promoting: bool) -> tuple[Weights, list[Line]]:
    """The table in force, and the lines; a file is learnt from beside the released table, without any database."""
    from services.matching.ranking.queries import read_weights
    from services.matching.ranking.weights import weights

    kept = None if data is None else _of_file(data)
    if kept is not None and not promoting:
        return weights(), kept
    async with database_of("matching", place) as database:
        await read_weights(database)
        return weights(), await _lines(database) if kept is None else kept


def _of_file(data: Path) -> list[Line]:
    from deploy.learning.lines import LinesUnreadable, read

    try:
        return read(data)
    except LinesUnreadable as wrong:
        raise click.ClickException(str(wrong)) from wrong


async def _lines(database: Any) -> list[Line]:
    from deploy.learning.reading import lines_of

    now = datetime.now(UTC)
    async with database.sessions() as session:
        return await lines_of(session, since=now - LONG_AGO, until=now - TIME_TO_ANSWER)


def _write_lines(file: Path, lines: list[Line]) -> None:
    from deploy.learning.lines import write

    write(file, lines)


def _learn(lines: list[Line], before: Weights, out: Path) -> None:
    from deploy.learning.candidate import TooFewAnswers, candidate
    from deploy.learning.comparing import compare
    from deploy.learning.lines import cases, split
    from deploy.learning.report import refusals, report
    from services.matching.ranking.weights import table_of

    every = cases(lines)
    try:
        written = candidate(every, before)
    except TooFewAnswers as few:
        raise click.ClickException(f"Too few answers to learn from: {few}.") from few
    after, (_, held) = table_of(written), split(every)
    found = compare(held, before, after)
    told = report(every, before, after, found=found, held=held)
    out.mkdir(parents=True, exist_ok=True)
    (out / f"weights-{after.version}.toml").write_text(written, encoding="utf-8")
    (out / f"report-{after.version}.md").write_text(told, encoding="utf-8")
    click.echo(told)
    click.echo(f"→ {out / f'weights-{after.version}.toml'}")
    if refusals(found):
        raise SystemExit(1)


def _promote(file: Path, lines: list[Line], before: Weights, *, place: DataFolder) -> None:
    if not file.is_file():
        raise click.BadParameter(f"{file} is no file", param_hint="--promote")
    written = file.read_text(encoding="utf-8")
    version = _checked(written, lines, before)
    asyncio.run(_put(owner_url("matching", place), version, written))
    click.echo(f"{version} is in force from the next start of matching. Then: boucle rematch")


def _checked(written: str, lines: list[Line], before: Weights) -> str:
    """What came after the weeks that a candidate learnt from decides, not what its file says of itself."""
    from deploy.learning.candidate import HELD_OUT_WANTED, read_candidate
    from deploy.learning.comparing import compare
    from deploy.learning.lines import cases, since
    from deploy.learning.report import refusals
    from services.matching.ranking.weights import TableUnusable

    try:
        after, began_with, last_week = read_candidate(written)
    except TableUnusable as unusable:
        raise click.ClickException(f"Not promoted: {unusable}.") from unusable
    if began_with != before.version:
        raise click.ClickException(
            f"Not promoted: it began with {began_with}, and {before.version} is in force. Learn again."
        )
    found = compare(since(cases(lines), last_week), before, after)
    if found.demands < HELD_OUT_WANTED:
        raise click.ClickException(
            f"Not promoted: {found.demands} demands after {last_week} prefer somebody, {HELD_OUT_WANTED} are wanted."
        )
    if refused := refusals(found):
        raise click.ClickException(f"Not promoted: {'; '.join(refused)}.")
    return after.version


def _back(place: DataFolder) -> None:
    from services.matching.ranking.weights import FILE, released

    asyncio.run(_put(owner_url("matching", place), released().version, FILE.read_text(encoding="utf-8")))
    click.echo(f"{released().version} is in force from the next start of matching. Then: boucle rematch")


async def _put(url: str, version: str, written: str) -> None:
    from services.matching.learning.promoting import promote
    from shared.clock import Calendar, now
    from shared.database import Database

    database = Database(url, clock=now, calendar=Calendar())
    try:
        async with database.sessions.begin() as session:
            await promote(session, version, written)
    finally:
        await database.close()
