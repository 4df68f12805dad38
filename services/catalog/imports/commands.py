"""Take a batch of rows, so that a refused row refuses itself only.

New rows go together in one savepoint: what a rule refuses has not reached the database yet. Where the database itself
refuses, all of them are undone and taken again, each in a savepoint of its own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import ValidationError
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from services.catalog.audit.commands import gathered_notes
from services.catalog.imports.columns import Reading
from services.catalog.imports.errors import TakenMeanwhile, TooManyCells, TwiceInTheFile
from services.catalog.imports.files import Line
from services.catalog.imports.models import ImportedRow
from services.catalog.imports.report import Outcome, Report
from services.catalog.imports.taking import Batch, Kind, Known, LeftBehind, Row, Taking
from shared.clock import day_of
from shared.database import now_of
from shared.events.facts import Origin
from shared.messaging.outbox import gathered
from shared.refusal import Refusal


@dataclass(frozen=True)
class Options:
    """How a file is taken: headings by field, how its records are marked, and whether it is only tried."""

    mapping: Mapping[str, str] = field(default_factory=dict)
    origin: Origin = Origin.IMPORT
    dry_run: bool = False


@dataclass
class Done:
    """What became of a batch's rows."""

    taken: list[tuple[Row, Outcome, UUID]] = field(default_factory=list)
    refused: list[tuple[Row, Refusal | ValidationError]] = field(default_factory=list)


@dataclass
class Run:
    """One file being taken; `taken` maps every row seen so far to its line."""

    kind: Kind
    reading: Reading
    options: Options
    report: Report
    taken: dict[tuple[UUID | None, str], int] = field(default_factory=dict)

    async def take(self, session: AsyncSession, lines: Sequence[Line]) -> None:
        """One batch; whoever owns the session commits."""
        now = now_of(session)
        taking = Taking(session, now, self.options.origin, self.report.remarks, self.reading.asked)
        self.report.read += len(lines)
        rows = [row for line in lines if (row := self._read(line, now, self.report)) is not None]
        done = await self._together(taking, rows)
        if done is None:
            done = await self._each(taking, rows, apart=True)
        for row, error in done.refused:
            self.report.refuse(row.line, row.typed, error)
        for _, outcome, _ in done.taken:
            self.report.count(outcome)
        await self._remember(session, {record_id: row.digest for row, _, record_id in done.taken}, now)

    async def _together(self, taking: Taking, rows: Sequence[Row]) -> Done | None:
        """All rows in one savepoint; None, and none of them, when the database refuses: it does not say which."""
        remarks = len(taking.remarks)
        try:
            async with taking.session.begin_nested():
                return await self._each(taking, rows, apart=False)
        except (IntegrityError, LeftBehind):
            del taking.remarks[remarks:]
            return None

    async def _each(self, taking: Taking, rows: Sequence[Row], *, apart: bool) -> Done:
        """Row after row, each refusing itself only; their events and lines of the log are written at the end."""
        session, done = taking.session, Done()
        batch = await self.kind.batch(taking, rows)
        async with gathered_notes(session) as notes, gathered(session) as events:
            for row in rows:
                written: tuple[list[Any], ...] = (notes, events, taking.remarks)
                marks = [len(each) for each in written]
                try:
                    known = self._known(row, batch)
                    outcome, record_id = await self._take_row(taking, batch, row, known=known, apart=apart)
                    done.taken.append((row, outcome, record_id))
                except (Refusal, ValidationError) as error:
                    for each, mark in zip(written, marks, strict=True):
                        del each[mark:]
                    done.refused.append((row, error))
        return done

    async def recall(self, session: AsyncSession, lines: Sequence[Line]) -> None:
        """Know the rows of lines that were taken before, without taking them again."""
        now = now_of(session)
        taking = Taking(session, now, self.options.origin)
        aside = Report(self.kind.name)
        rows = [row for line in lines if (row := self._read(line, now, aside)) is not None]
        batch = await self.kind.batch(taking, rows)
        for row in rows:
            with suppress(Refusal):
                self.taken.setdefault((batch.scope(row), row.external_id), row.line)

    def _read(self, line: Line, now: datetime, report: Report) -> Row | None:
        typed = self.reading.typed(line)
        try:
            if any(line.cells[self.reading.width :]):
                raise TooManyCells
            values = self.reading.values(typed, day_of(now))
            return self.kind.read(typed, values, line=line.number, origin=self.options.origin)
        except (Refusal, ValidationError) as error:
            report.refuse(line.number, typed, error)
            return None

    def _known(self, row: Row, batch: Batch) -> Known | None:
        key = (batch.scope(row), row.external_id)
        first = self.taken.setdefault(key, row.line)
        if first != row.line:
            raise TwiceInTheFile(external_id=row.external_id, line=first)
        return batch.known(row)

    async def _take_row(
        self, taking: Taking, batch: Batch, row: Row, *, known: Known | None, apart: bool
    ) -> tuple[Outcome, UUID]:
        if known is not None and known.digest == row.digest:
            return "unchanged", known.record_id
        if known is None and batch.is_tidy and not apart:
            return "created", await batch.create(row)
        # What the database refuses from here on is this row's.
        await taking.session.flush()
        try:
            async with taking.session.begin_nested():
                if known is None:
                    return "created", await batch.create(row)
                return await batch.update(row, known), known.record_id
        except IntegrityError as error:
            raise TakenMeanwhile from error
        except LeftBehind as left:
            raise left.refusal from left

    async def _remember(self, session: AsyncSession, digests: Mapping[UUID, bytes], now: datetime) -> None:
        if not digests:
            return
        statement = insert(ImportedRow)
        await session.execute(
            statement.on_conflict_do_update(
                index_elements=[ImportedRow.record_id],
                set_={"digest": statement.excluded.digest, "imported_at": statement.excluded.imported_at},
                where=ImportedRow.digest != statement.excluded.digest,
            ),
            [
                {"record_id": record_id, "kind": self.kind.name, "digest": digest, "imported_at": now}
                for record_id, digest in digests.items()
            ],
        )
