"""The worker's part of imports: a batch of lines a transaction, its place in the file with it, so that it goes on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from uuid import UUID

import structlog
from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncSession

from services.catalog.audit.commands import note
from services.catalog.imports.columns import Reading, reading_as
from services.catalog.imports.commands import Options, Run
from services.catalog.imports.files import Sheet
from services.catalog.imports.models import Import, ImportRefusal, ImportState
from services.catalog.imports.presets import unsaid_by
from services.catalog.imports.queries import forget_content, import_at_work, import_for_update
from services.catalog.imports.report import Report
from services.catalog.imports.sheets import BATCH
from services.catalog.imports.uploads import kind_of_import, sheet_of_import
from services.catalog.posting.commands import CHECK_FIRST
from shared.database import Database, now_of
from shared.events.facts import Origin
from shared.observability.pulse import beat, every
from shared.web import i18n

log = structlog.get_logger(__name__)

TIMER_S = 1.0
"""How long somebody who pressed the button waits for the first line."""
PACKAGE = Path(__file__).resolve().parents[1]
SHARED = PACKAGE.parents[1] / "shared"
WRITTEN = 500
"""How much of a refused text is kept."""


@dataclass
class Opened:
    """A file that is being worked off: its table, and what is known of the lines before `position`."""

    import_id: UUID
    state: ImportState
    sheet: Sheet
    run: Run
    position: int

    def is_at(self, job: Import) -> bool:
        """True when it is this import, as far as it is now: another worker may have gone on meanwhile."""
        return (self.import_id, self.state, self.position) == (job.id, job.state, job.position)


@dataclass
class ImportWork:
    """One worker; any number of them may run, each import is one worker's at a time."""

    database: Database
    check_first: bool = False
    opened: Opened | None = field(default=None)

    async def go_on(self) -> bool:
        """Work off the next batch of the oldest import; False when there is none."""
        import_id: UUID | None = None
        try:
            async with self.database.sessions(info={CHECK_FIRST: self.check_first}) as session, session.begin():
                job = await import_at_work(session)
                if job is None:
                    self.opened = None
                    return False
                import_id = job.id
                await self._work(session, job)
        except Exception:
            # What fails for a moment is tried again; what fails for good must not hold up the others.
            self.opened = None
            log.exception("import_failed", job=str(import_id))
            if import_id is None:
                raise
            return await self._failed(import_id)
        return True

    async def _work(self, session: AsyncSession, job: Import) -> None:
        if self.opened is None or not self.opened.is_at(job):
            self.opened = await _open(session, job)
        opened, run = self.opened, self.opened.run
        lines = opened.sheet.lines[job.position : job.position + BATCH]
        report = run.report = Report(job.kind, translate=translation(job.language))
        batch = await session.begin_nested()
        await run.take(session, lines)
        await (batch.rollback() if job.state is ImportState.CHECKING else batch.commit())
        await _keep(session, job, report, run.reading)
        now = now_of(session)
        job.went_on(len(lines), now)
        opened.position = job.position
        if job.state is ImportState.DONE:
            await forget_content(session, job.id)
            counts = {name: getattr(job, name) for name in ("created", "updated", "unchanged", "refused")}
            await note(session, None, job.organisation_id, "import.done", about=job.id, **counts)

    async def _failed(self, import_id: UUID) -> bool:
        """Count a try; False lets the others, and the machine, have a moment."""
        async with self.database.sessions.begin() as session:
            job = await import_for_update(session, import_id)
            if job is not None and job.is_at_work:
                job.fail()
        return False


async def run_import_timer(database: Database, *, check_first: bool) -> None:
    """Work off imports, for ever."""
    work = ImportWork(database, check_first)
    async for _ in every(TIMER_S):
        while await work.go_on():
            beat(rest_s=TIMER_S)


async def _open(session: AsyncSession, job: Import) -> Opened:
    """Read the file again, and know again which rows were in it before the place where it goes on."""
    sheet, kind = await sheet_of_import(session, job), kind_of_import(job)
    reading = reading_as(sheet, kind.columns, job.fields, otherwise=unsaid_by(job.preset, job.kind))
    # What people say of themselves is theirs; what a coordinator brings of others is marked as imported.
    options = Options(origin=Origin.IMPORT if job.is_everybodys else Origin.MEMBER)
    run = Run(kind, reading, options, Report(job.kind))
    for at in range(0, job.position, BATCH):
        await run.recall(session, sheet.lines[at : min(at + BATCH, job.position)])
    return Opened(job.id, job.state, sheet, run, job.position)


async def _keep(session: AsyncSession, job: Import, report: Report, reading: Reading) -> None:
    job.created += report.created
    job.updated += report.updated
    job.unchanged += report.unchanged
    job.refused += len(report.refused)
    job.put_aside += len(report.remarks)
    rows = [*_refusals(job, report, reading), *_remarks(job, report)]
    if rows:
        await session.execute(insert(ImportRefusal), rows)


def _refusals(job: Import, report: Report, reading: Reading) -> Sequence[dict[str, object]]:
    names = {column.handed: column.name for column in reading.positions}
    return [
        _row(job, refused.line, names.get(name, name), why, refused.typed.get(names.get(name, name), ""))
        for refused in report.refused
        for name, why in refused.reasons.items()
    ]


def _remarks(job: Import, report: Report) -> Sequence[dict[str, object]]:
    return [_row(job, each.line, each.field, each.why, "", is_remark=True) for each in report.remarks]


def _row(job: Import, line: int, name: str, why: str, written: str, *, is_remark: bool = False) -> dict[str, object]:
    return {
        "import_id": job.id,
        "organisation_id": job.organisation_id,
        "line": line,
        "field": name[:60],
        "why": why,
        "written": written[:WRITTEN],
        "is_remark": is_remark,
    }


@cache
def translation(language: str) -> Callable[[str], str]:
    """The words of whoever sent the file: the page that shows them is read later."""
    return i18n.translations(language, PACKAGE, SHARED / "web", SHARED / "phrases").gettext
