"""A file that was added to something, and who may add how many."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ForeignKey, Index, LargeBinary, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from services.catalog.db import Base, coded
from shared.database import new_id

MOST_BYTES = 10 * 1024 * 1024
MOST_FILES = 3
MEGABYTE = 1024 * 1024
LONGEST_WORDS = 200


class Purpose(StrEnum):
    """What a file is for; only `evidence` is never shown to others."""

    DOCUMENT = "document"
    PHOTO = "photo"
    EVIDENCE = "evidence"


class Safety(StrEnum):
    """What is known of viruses in a file; while it is `waiting`, and once it is `infected`, nobody can read it."""

    UNCHECKED = "unchecked"
    WAITING = "waiting"
    CLEAN = "clean"
    INFECTED = "infected"

    @property
    def is_open(self) -> bool:
        """Whether the file is given to whoever may see it; without a scanner all are."""
        return self in (Safety.CLEAN, Safety.UNCHECKED)


class StoredFile(Base):
    """One file; `about` is the need, flow, offer or organisation that it belongs to, whose rules say who may see it."""

    __tablename__ = "files"
    __table_args__ = (
        Index("ix_files_about", "about", "purpose"),
        Index("ix_files_to_scan", "safety", "id", postgresql_where=text("safety IN ('waiting', 'unchecked')")),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisations.id"), index=True)
    about: Mapped[UUID]
    purpose: Mapped[Purpose] = coded(Purpose)
    # The name it came with: shown and offered at download, never used as a path.
    name: Mapped[str] = mapped_column(String(120))
    kind: Mapped[str] = mapped_column(String(10))
    # What one reads instead of looking at a photo.
    words: Mapped[str] = mapped_column(Text, default="")
    safety: Mapped[Safety] = coded(Safety)
    size: Mapped[int]
    digest: Mapped[bytes] = mapped_column(LargeBinary)
    kept_as: Mapped[str] = mapped_column(String(32), unique=True)
    preview_as: Mapped[str | None] = mapped_column(String(32))
    added_by: Mapped[UUID | None] = mapped_column(ForeignKey("members.id"))
    added_at: Mapped[datetime]
