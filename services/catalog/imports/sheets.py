"""Import a whole sheet: batches of one transaction each, so that a crash leaves whole batches or nothing."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence

from services.catalog.imports.columns import reading_of
from services.catalog.imports.commands import Options, Run
from services.catalog.imports.files import Line, Sheet
from services.catalog.imports.report import Report
from services.catalog.imports.taking import Kind
from shared.database import Database

BATCH = 200

Progress = Callable[[int], None]


async def import_sheet(
    database: Database,
    kind: Kind,
    sheet: Sheet,
    *,
    options: Options | None = None,
    progress: Progress = lambda _: None,
) -> Report:
    """Take every line of a sheet; raises `ColumnMissing` and the like before the first one."""
    options = options or Options()
    reading = reading_of(sheet, kind.columns, options.mapping)
    started_at = time.perf_counter()
    report = Report(kind.name, dry_run=options.dry_run, ignored_columns=reading.ignored)
    run = Run(kind, reading, options, report)
    for lines in _batches(sheet.lines):
        async with database.sessions() as session:
            await run.take(session, lines)
            await (session.rollback() if options.dry_run else session.commit())
        progress(len(lines))
    report.seconds = round(time.perf_counter() - started_at, 3)
    report.refused.sort(key=lambda row: row.line)
    return report


def _batches(lines: Sequence[Line]) -> Iterator[Sequence[Line]]:
    return (lines[at : at + BATCH] for at in range(0, len(lines), BATCH))
