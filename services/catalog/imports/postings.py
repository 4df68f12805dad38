"""Rows that an organisation posted: what needs, offers and flows have in common."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel
from sqlalchemy.ext.asyncio import AsyncSession

from services.catalog.audit.actor import Machine
from services.catalog.imports.columns import Columns
from services.catalog.imports.errors import (
    ExternalIdMissing,
    OwnerMissing,
    OwnerUnknown,
    StateUnknown,
    StateUnreachable,
)
from services.catalog.imports.queries import owners, postings_known
from services.catalog.imports.taking import Known, Row, Taking
from shared.events.facts import Origin
from shared.vocabulary import fold

STATES = {"draft": "draft", "brouillon": "draft", "published": "published", "publie": "published"}
PAUSES = {"paused": "paused", "pause": "paused", "en pause": "paused"}

Draft = Callable[..., Awaitable[Any]]
Change = Callable[[AsyncSession, Machine, UUID, datetime], Awaitable[object]]


@dataclass(frozen=True)
class PostedCommands:
    """The commands of one kind of posting; without `pause` it cannot be paused."""

    draft: Draft
    update: Callable[[AsyncSession, Machine, Any, UUID, datetime], Awaitable[object]]
    publish: Change
    pause: Change | None = None
    resume: Change | None = None


@dataclass(frozen=True)
class PostedKind:
    """Needs, offers or flows: known by their organisation and external id."""

    name: str
    columns: Columns
    model: Any
    draft: type[BaseModel]
    commands: PostedCommands

    def read(self, typed: Mapping[str, str], values: dict[str, object], *, line: int, origin: Origin) -> Row:  # noqa: ARG002 - made-up needs need an owner too
        """The row, read by the form's own model."""
        external_id, owner = str(values.pop("external_id", "")), str(values.pop("organisation", ""))
        state = self._state(str(values.pop("state", "published")))
        data = self.draft.model_validate(values)
        if not external_id:
            raise ExternalIdMissing
        if not owner:
            raise OwnerMissing
        return Row(line, external_id, typed, data, owner=owner, state=state)

    def _state(self, typed: str) -> str:
        known = STATES | PAUSES if self.commands.pause else STATES
        if fold(typed) not in known:
            raise StateUnknown(state=typed, known=", ".join(dict.fromkeys(known.values())))
        return known[fold(typed)]

    async def batch(self, taking: Taking, rows: Sequence[Row]) -> PostedBatch:
        """Owners, and what they posted before under these names."""
        named = {row.owner for row in rows}
        by_name = await owners(taking.session, named | {"".join(name.split()) for name in named})
        found = await postings_known(
            taking.session, self.model, set(by_name.values()), {row.external_id for row in rows}
        )
        return PostedBatch(taking, self.commands, by_name, found)


class PostedBatch:
    """Postings of one batch, by owner and external id."""

    def __init__(
        self, taking: Taking, commands: PostedCommands, owners_by_name: Mapping[str, UUID], found: Sequence[Any]
    ) -> None:
        self._taking, self._commands, self._owners = taking, commands, owners_by_name
        self._found = {(each.organisation_id, each.external_id): each for each in found}

    def scope(self, row: Row) -> UUID:
        """The organisation; a SIRET may be written in groups."""
        owner = self._owners.get(row.owner) or self._owners.get("".join(row.owner.split()))
        if owner is None:
            raise OwnerUnknown(organisation=row.owner)
        return owner

    def known(self, row: Row) -> Known | None:
        """The record of a row."""
        found = self._found.get((self.scope(row), row.external_id))
        return Known(found.id, found.digest, found.state) if found else None

    async def create(self, row: Row) -> UUID:
        """Draft, and publish or pause as the row says."""
        session, now, machine = self._taking.session, self._taking.now, Machine(self.scope(row))
        posting = await self._commands.draft(session, machine, row.data, now=now, origin=self._taking.origin)
        record_id: UUID = posting.id
        await self._reach(machine, record_id, "draft", row.state)
        posting.external_id = row.external_id
        return record_id

    async def update(self, row: Row, known: Known) -> None:
        """Change it, and bring it to the state the row says."""
        machine = Machine(self.scope(row))
        await self._commands.update(self._taking.session, machine, row.data, known.record_id, self._taking.now)
        await self._reach(machine, known.record_id, known.state, row.state)

    async def _reach(self, machine: Machine, record_id: UUID, state: str, wanted: str) -> None:
        """Steps between two states; a published row never becomes a draft again."""
        for step in self._steps(state, wanted):
            if step is None:
                raise StateUnreachable(state=wanted, current=state)
            await step(self._taking.session, machine, record_id, self._taking.now)

    def _steps(self, state: str, wanted: str) -> list[Change | None]:
        commands = self._commands
        ways: dict[tuple[str, str], list[Change | None]] = {
            ("draft", "published"): [commands.publish],
            ("draft", "paused"): [commands.publish, commands.pause],
            ("published", "paused"): [commands.pause],
            ("paused", "published"): [commands.resume],
        }
        return [] if state == wanted else ways.get((state, wanted), [None])
