"""What every kind of row has in common while it is taken: who, when, what is known of it, what became of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from hashlib import sha256
from typing import Any, Protocol
from uuid import UUID

import msgspec
from sqlalchemy.ext.asyncio import AsyncSession

from services.catalog.imports.columns import Columns
from services.catalog.imports.report import Outcome, Remark
from shared.events.facts import Origin
from shared.refusal import Refusal


@dataclass(frozen=True)
class Row:
    """One row read: `typed` is what it says, `data` what it means."""

    line: int
    external_id: str
    typed: Mapping[str, str]
    data: Any
    owner: str = ""
    state: str = ""

    @cached_property
    def digest(self) -> bytes:
        """A fingerprint of what was typed, so that `+21` is the same row tomorrow."""
        return sha256(msgspec.json.encode(sorted(self.typed.items()))).digest()


@dataclass(frozen=True)
class Known:
    """A record that an earlier row, or somebody, made: its id, and the digest of the row it was last taken from."""

    record_id: UUID
    digest: bytes | None = None
    state: str = ""


@dataclass
class Taking:
    """The session rows are taken in, the moment, how they are marked, what the file speaks of, what was put aside."""

    session: AsyncSession
    now: datetime
    origin: Origin
    remarks: list[Remark] = field(default_factory=list)
    asked: frozenset[str] = frozenset()


class LeftBehind(Exception):
    """A row was refused after the database had it: only undoing everything since the last savepoint undoes it."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(str(refusal))
        self.refusal = refusal


class Kind(Protocol):
    """One kind of row: how it reads, and what takes a batch of them."""

    @property
    def name(self) -> str:
        """As the command line calls it."""

    @property
    def columns(self) -> Columns:
        """Its columns."""

    def read(self, typed: Mapping[str, str], values: dict[str, object], *, line: int, origin: Origin) -> Row:
        """The row; raises `Refusal` or pydantic's `ValidationError`."""

    async def batch(self, taking: Taking, rows: Sequence[Row]) -> Batch:
        """What is known of these rows, asked in few questions."""


class Batch(Protocol):
    """Rows taken in one transaction, with what the database knew of them before.

    `is_tidy` when a row that `create` refuses is as if it had never been, or raises `LeftBehind`: many are then taken
    in one savepoint.
    """

    @property
    def is_tidy(self) -> bool:
        """See above."""

    def scope(self, row: Row) -> UUID | None:
        """Within what the row's external id is unique: its owner; raises `OwnerUnknown`."""

    def known(self, row: Row) -> Known | None:
        """The row's record; raises when it belongs to another row or to its members."""

    async def create(self, row: Row) -> UUID:
        """Take a row nothing is known of; gives the record's id."""

    async def update(self, row: Row, known: Known) -> Outcome:
        """Take a row whose record exists; tells whether that changed anything."""
