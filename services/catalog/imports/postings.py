"""Rows that an organisation posted: what needs, offers and flows have in common."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from pydantic import BaseModel
from sqlalchemy.ext.asyncio import AsyncSession

from services.catalog.audit.actor import Machine
from services.catalog.imports.columns import Columns
from services.catalog.imports.errors import (
    ExternalIdMissing,
    OwnerAnother,
    OwnerMissing,
    OwnerUnknown,
    StateUnknown,
    StateUnreachable,
)
from services.catalog.imports.queries import organisations_by_id, owners, posting_by_id, postings_known
from services.catalog.imports.report import Outcome
from services.catalog.imports.said import said_by
from services.catalog.imports.taking import Known, LeftBehind, Row, Taking
from services.catalog.organisations.models import Organisation
from shared.events.facts import Origin
from shared.refusal import Refusal
from shared.vocabulary import fold

STATES = {"draft": "draft", "brouillon": "draft", "published": "published", "publie": "published"}
PAUSES = {"paused": "paused", "pause": "paused", "en pause": "paused"}
# What a row may only say of what is so already: an export tells it, and changes nothing when it comes back.
REACHED = {
    **{"submitted": "submitted", "en attente": "submitted", "closed": "closed", "cloture": "closed"},
    **{"withdrawn": "withdrawn", "retire": "withdrawn", "ended": "ended", "termine": "ended"},
}

Draft = Callable[..., Awaitable[Any]]
Opening = Callable[[AsyncSession, Machine, Any, datetime], Awaitable[object]]
Change = Callable[[AsyncSession, Machine, UUID, datetime], Awaitable[object]]


@dataclass(frozen=True)
class PostedCommands:
    """The commands of one kind of posting; without `pause` it cannot be paused. `open` takes the row itself."""

    draft: Draft
    open: Opening
    update: Callable[[AsyncSession, Machine, Any, UUID, datetime], Awaitable[object]]
    publish: Change
    pause: Change | None = None
    resume: Change | None = None


@dataclass(frozen=True)
class PostedKind:
    """Needs, offers or flows: known by their organisation and external id; with an `owner`, all of them are its own."""

    name: str
    fields: Columns
    model: Any
    draft: type[BaseModel]
    commands: PostedCommands
    owner: UUID | None = None

    @property
    def columns(self) -> Columns:
        """Its columns; whose rows they are need not be said when all are of one."""
        if self.owner is None:
            return self.fields
        return tuple(replace(each, required=False) if each.name == "organisation" else each for each in self.fields)

    def owned_by(self, organisation_id: UUID) -> PostedKind:
        """The same, of one organisation."""
        return replace(self, owner=organisation_id)

    def read(self, typed: Mapping[str, str], values: dict[str, object], *, line: int, origin: Origin) -> Row:  # noqa: ARG002 - made-up needs need an owner too
        """The row, read by the form's own model."""
        external_id = str(values.pop("external_id", ""))
        owner = str(values.pop("organisation", "")) or str(self.owner or "")
        state = self._state(str(values.pop("state", "published")))
        data = self.draft.model_validate(values)
        if not external_id:
            raise ExternalIdMissing
        if not owner:
            raise OwnerMissing
        return Row(line, external_id, typed, data, owner=owner, state=state)

    def _state(self, typed: str) -> str:
        known = STATES | PAUSES if self.commands.pause else STATES
        if fold(typed) not in known | REACHED:
            raise StateUnknown(state=typed, known=", ".join(dict.fromkeys(known.values())))
        return (known | REACHED)[fold(typed)]

    async def batch(self, taking: Taking, rows: Sequence[Row]) -> PostedBatch:
        """Owners, and what they posted before under these names."""
        by_name = await self._owners(taking, rows)
        owner_ids = set(by_name.values())
        found = await postings_known(taking.session, self.model, owner_ids, {row.external_id for row in rows})
        return PostedBatch(taking, self, Owners(by_name, await organisations_by_id(taking.session, owner_ids)), found)

    async def _owners(self, taking: Taking, rows: Sequence[Row]) -> dict[str, UUID]:
        own = {str(self.owner): self.owner} if self.owner else {}
        named = {row.owner for row in rows} - own.keys()
        spoken = named | {"".join(name.split()) for name in named}
        return own | (await owners(taking.session, spoken) if spoken else {})


class Owners(NamedTuple):
    """The organisations of a batch: their ids by what rows call them, and themselves."""

    by_name: Mapping[str, UUID]
    by_id: Mapping[UUID, Organisation]


class PostedBatch:
    """Postings of one batch, by owner and external id."""

    is_tidy = True

    def __init__(self, taking: Taking, kind: PostedKind, owned_by: Owners, found: Sequence[Any]) -> None:
        self._taking, self._kind, self._owners = taking, kind, owned_by
        # What was written on a page has no external id: an export calls it by its own.
        self._found = {(each.organisation_id, each.external_id or str(each.id)): each for each in found}

    def scope(self, row: Row) -> UUID:
        """The organisation; a SIRET may be written in groups."""
        by_name = self._owners.by_name
        owner = by_name.get(row.owner) or by_name.get("".join(row.owner.split()))
        if owner is None:
            raise OwnerUnknown(organisation=row.owner)
        if self._kind.owner not in (None, owner):
            raise OwnerAnother(organisation=row.owner)
        return owner

    def known(self, row: Row) -> Known | None:
        """The record of a row."""
        found = self._found.get((self.scope(row), row.external_id))
        return Known(found.id, found.digest, found.state) if found else None

    async def create(self, row: Row) -> UUID:
        """Draft, and publish or pause as the row says; what is refused on the way is forgotten again."""
        if row.state in REACHED.values():
            raise StateUnreachable(state=row.state, current="draft")
        session, now, owner = self._taking.session, self._taking.now, self.scope(row)
        posting = await self._kind.commands.draft(
            session,
            Machine(owner),
            row.data,
            now=now,
            origin=self._taking.origin,
            organisation=self._owners.by_id.get(owner),
        )
        posting.external_id = row.external_id
        try:
            await self._open(Machine(owner), posting, row.state)
        except Refusal as refusal:
            if posting not in session.new:
                raise LeftBehind(refusal) from refusal
            session.expunge(posting)
            raise
        record_id: UUID = posting.id
        return record_id

    async def _open(self, machine: Machine, posting: Any, wanted: str) -> None:
        session, now, commands = self._taking.session, self._taking.now, self._kind.commands
        if wanted != "draft":
            await commands.open(session, machine, posting, now)
        if wanted == "paused" and commands.pause is not None:
            await commands.pause(session, machine, posting.id, now)

    async def update(self, row: Row, known: Known) -> Outcome:
        """Change what the file speaks of, and bring it to the state the row says; nothing when all of it is so."""
        machine, session = Machine(self.scope(row)), self._taking.session
        said = said_by(await posting_by_id(session, self._kind.model, known.record_id), self._kind.draft)
        kept = {name: value for name, value in said.items() if name not in self._taking.asked}
        data = self._kind.draft.model_validate({**kept, **row.data.model_dump(exclude_unset=True)})
        is_same = _comparable(data) == _comparable(self._kind.draft.model_validate(said))
        if is_same and row.state == known.state:
            return "unchanged"
        if not is_same:
            await self._kind.commands.update(session, machine, data, known.record_id, self._taking.now)
        await self._reach(machine, known.record_id, known.state, row.state)
        return "updated"

    async def _reach(self, machine: Machine, record_id: UUID, state: str, wanted: str) -> None:
        """Steps between two states; a published row never becomes a draft again."""
        for step in self._steps(state, wanted):
            if step is None:
                raise StateUnreachable(state=wanted, current=state)
            await step(self._taking.session, machine, record_id, self._taking.now)

    def _steps(self, state: str, wanted: str) -> list[Change | None]:
        commands = self._kind.commands
        ways: dict[tuple[str, str], list[Change | None]] = {
            ("draft", "published"): [commands.publish],
            ("draft", "paused"): [commands.publish, commands.pause],
            ("submitted", "published"): [],
            ("published", "paused"): [commands.pause],
            ("paused", "published"): [commands.resume],
        }
        return [] if state == wanted else ways.get((state, wanted), [None])


def _comparable(data: BaseModel) -> dict[str, Any]:
    """What is said; a spreadsheet ends its lines in its own way."""
    said = data.model_dump()
    return {name: value.replace("\r\n", "\n") if isinstance(value, str) else value for name, value in said.items()}
