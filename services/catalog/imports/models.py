"""What imports remember: each file with how far it is, what it was taken for, what was refused, and the rows taken."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ARRAY, ForeignKey, Index, LargeBinary, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from services.catalog.db import Base, coded
from services.catalog.imports.errors import ImportNotReady, ImportUnderWay
from shared.database import new_id


class ImportedRow(Base):
    """The digest of the row that a record was last taken from."""

    __tablename__ = "imported_rows"

    record_id: Mapped[UUID] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(20))
    digest: Mapped[bytes] = mapped_column(LargeBinary)
    imported_at: Mapped[datetime]


class ImportState(StrEnum):
    """How far an import is; the worker works at `checking` and `running`."""

    MAPPING = "mapping"
    CHECKING = "checking"
    CHECKED = "checked"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


AT_WORK = (ImportState.CHECKING, ImportState.RUNNING)
MOST_TRIES = 5
"""How often a part of a file is tried before somebody has to look: a database that restarts is back by then."""


class Import(Base):
    """A file that somebody imports; `position` is how many of its `total` lines are done in this state.

    `is_everybodys` when its rows may be of any organisation, not only of the one it belongs to. `fields` are what its
    columns are taken for, in their order; `preset` is the known export that it was recognised as.
    """

    __tablename__ = "imports"
    __table_args__ = (
        Index("ix_imports_at_work", "id", postgresql_where=text("state IN ('checking', 'running')")),
        Index("ix_imports_organisation_id", "organisation_id", "id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisations.id"))
    member_id: Mapped[UUID] = mapped_column(ForeignKey("members.id"))
    kind: Mapped[str] = mapped_column(String(20))
    is_everybodys: Mapped[bool] = mapped_column(default=False)
    state: Mapped[ImportState] = coded(ImportState, default=ImportState.MAPPING)
    file_name: Mapped[str] = mapped_column(String(120))
    language: Mapped[str] = mapped_column(String(2))
    preset: Mapped[str | None] = mapped_column(String(20))
    fields: Mapped[list[str]] = mapped_column(ARRAY(Text), default=list, server_default="{}")
    total: Mapped[int] = mapped_column(default=0)
    position: Mapped[int] = mapped_column(default=0)
    created: Mapped[int] = mapped_column(default=0)
    updated: Mapped[int] = mapped_column(default=0)
    unchanged: Mapped[int] = mapped_column(default=0)
    refused: Mapped[int] = mapped_column(default=0)
    put_aside: Mapped[int] = mapped_column(default=0)
    tries: Mapped[int] = mapped_column(default=0)
    # Where it goes on after it failed.
    failed_in: Mapped[ImportState | None] = coded(ImportState)
    created_at: Mapped[datetime]
    started_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]

    @property
    def is_at_work(self) -> bool:
        """True while the worker is at it."""
        return self.state in AT_WORK

    @property
    def is_trial(self) -> bool:
        """True while nothing of it is kept."""
        return self.state in (ImportState.MAPPING, ImportState.CHECKING, ImportState.CHECKED) or (
            self.failed_in is ImportState.CHECKING
        )

    def take_columns_for(self, fields: list[str], now: datetime) -> None:
        """Say what its columns are, and try it; a trial is repeated as often as one likes."""
        if self.is_at_work or not self.is_trial:
            raise ImportUnderWay
        self.fields = fields
        self._begin(ImportState.CHECKING, now)

    def run(self, now: datetime) -> None:
        """Take its rows for good, or go on where it failed."""
        if self.state is ImportState.FAILED and self.failed_in is not None:
            self.state, self.failed_in, self.tries = self.failed_in, None, 0
            return
        if self.state is not ImportState.CHECKED:
            raise ImportUnderWay if self.is_at_work or self.state is ImportState.DONE else ImportNotReady
        self._begin(ImportState.RUNNING, now)

    def fail(self) -> None:
        """One more try was in vain; after the last it waits for somebody."""
        self.tries += 1
        if self.tries >= MOST_TRIES:
            self.state, self.failed_in = ImportState.FAILED, self.state

    def went_on(self, lines: int, now: datetime) -> None:
        """So many lines more are done; after the last one it is over."""
        self.position += lines
        self.tries = 0
        if self.position >= self.total:
            self.state = ImportState.CHECKED if self.state is ImportState.CHECKING else ImportState.DONE
            self.ended_at = now

    def _begin(self, state: ImportState, now: datetime) -> None:
        self.state, self.started_at, self.ended_at, self.failed_in = state, now, None, None
        self.position = self.created = self.updated = self.unchanged = self.refused = self.put_aside = self.tries = 0


class ImportSheet(Base):
    """A file's bytes, until all of it is taken."""

    __tablename__ = "import_sheets"

    import_id: Mapped[UUID] = mapped_column(ForeignKey("imports.id", ondelete="CASCADE"), primary_key=True)
    organisation_id: Mapped[UUID]
    content: Mapped[bytes] = mapped_column(LargeBinary)


class ImportRefusal(Base):
    """Why one field of a line was refused, or put aside; an empty `field` is the whole line."""

    __tablename__ = "import_refusals"

    import_id: Mapped[UUID] = mapped_column(ForeignKey("imports.id", ondelete="CASCADE"), primary_key=True)
    line: Mapped[int] = mapped_column(primary_key=True)
    field: Mapped[str] = mapped_column(String(60), primary_key=True)
    organisation_id: Mapped[UUID]
    why: Mapped[str] = mapped_column(Text)
    written: Mapped[str] = mapped_column(Text)
    # A remark: the row was taken, without this.
    is_remark: Mapped[bool] = mapped_column(default=False)


class ImportHeading(Base):
    """What an organisation takes a heading for, in files of one kind; an empty `field` leaves it out."""

    __tablename__ = "import_headings"

    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisations.id"), primary_key=True)
    kind: Mapped[str] = mapped_column(String(20), primary_key=True)
    heading: Mapped[str] = mapped_column(String(200), primary_key=True)
    field: Mapped[str] = mapped_column(String(60))
