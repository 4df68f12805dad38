"""What a person does with a file to import: sends it, says what its columns are, has it tried, has it taken."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import PurePath
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from services.catalog.audit.commands import note
from services.catalog.files.content import Kind as FileKind
from services.catalog.files.content import kind_of
from services.catalog.imports.columns import key_of, reading_as, taken_for
from services.catalog.imports.errors import FileUnreadable, KindUnknown
from services.catalog.imports.files import Bounds, Sheet, sheet_of
from services.catalog.imports.kinds import KINDS
from services.catalog.imports.models import Import, ImportHeading, ImportSheet
from services.catalog.imports.postings import PostedKind
from services.catalog.imports.presets import meant_by, preset_of, unsaid_by
from services.catalog.imports.queries import content_of, forget_refusals, headings_learned, import_of
from services.catalog.imports.taking import Kind
from services.catalog.organisations.queries import organisation_acting
from services.catalog.posting.commands import may_publish
from shared.database import new_id

if TYPE_CHECKING:
    from shared.identity import Identity

OF_ONES_OWN = ("needs", "offers", "flows")
# What a coordinator may import for everybody: the kind, told apart from one's own.
OF_EVERYBODY = {"organisations": "organisations", **{f"all-{kind}": kind for kind in OF_ONES_OWN}}


@dataclass(frozen=True)
class SheetSent:
    """A file as it was sent."""

    name: str
    content: bytes


def may_import_for_all(member: Identity) -> bool:
    """True for the territory's coordinators."""
    return "territory" in member.roles


def kind_of_import(job: Import) -> Kind:
    """The kind of an import's rows; of one organisation unless it is everybody's."""
    kind = KINDS[job.kind]
    if job.is_everybodys or not isinstance(kind, PostedKind):
        return kind
    return kind.owned_by(job.organisation_id)


async def begin_import(
    session: AsyncSession, member: Identity, sent: SheetSent, *, what: str, language: str, now: datetime
) -> Import:
    """Keep a file that reads as a table, with what its columns seem to be; nothing of it is taken yet."""
    is_everybodys = what in OF_EVERYBODY
    if what not in OF_ONES_OWN and not (is_everybodys and may_import_for_all(member)):
        raise KindUnknown
    await organisation_acting(session, member.organisation_id)
    sheet = await read_content(sent.content)
    job = Import(
        id=new_id(),
        organisation_id=member.organisation_id,
        member_id=member.member_id,
        kind=OF_EVERYBODY.get(what, what),
        is_everybodys=is_everybodys,
        file_name=_plain_name(sent.name),
        language=language,
        total=len(sheet.lines),
        created_at=now,
    )
    preset = preset_of(sheet.headings, job.kind)
    job.preset = preset.code if preset else None
    learned = await headings_learned(session, member.organisation_id, job.kind)
    job.fields = taken_for(sheet, kind_of_import(job).columns, {**meant_by(preset, job.kind), **learned})
    session.add(job)
    await session.flush()
    session.add(ImportSheet(import_id=job.id, organisation_id=job.organisation_id, content=sent.content))
    await session.flush()
    await note(session, member.member_id, member.organisation_id, "import.begun", about=job.id, kind=job.kind)
    return job


async def read_content(content: bytes) -> Sheet:
    """The table in a file; refuses what would unpack to a disk's worth, and what is longer than any list of people."""
    if content.startswith(b"PK") and await asyncio.to_thread(kind_of, content) not in (FileKind.XLSX, FileKind.ODS):
        raise FileUnreadable(why="c'est un autre document.")
    return await asyncio.to_thread(sheet_of, content, Bounds())


async def sheet_of_import(session: AsyncSession, job: Import) -> Sheet:
    """The table of an import that is not over."""
    return await read_content(await content_of(session, job.id))


async def map_columns(
    session: AsyncSession, member: Identity, fields: Sequence[str], *, import_id: UUID, now: datetime
) -> Import:
    """Say what each column is, remember it for the next file with these headings, and have it tried."""
    job = await import_of(session, member.organisation_id, import_id, for_update=True)
    sheet = await sheet_of_import(session, job)
    named = [*fields, *("" for _ in sheet.headings)][: len(sheet.headings)]
    reading_as(sheet, kind_of_import(job).columns, named, otherwise=unsaid_by(job.preset, job.kind))
    job.take_columns_for(named, now)
    await forget_refusals(session, job.id)
    await _learn(session, job, sheet)
    await note(session, member.member_id, member.organisation_id, "import.mapped", about=job.id)
    return job


async def run_import(session: AsyncSession, member: Identity, *, import_id: UUID, now: datetime) -> Import:
    """Have the rows taken for good, or go on where it failed."""
    job = await import_of(session, member.organisation_id, import_id, for_update=True)
    if job.is_everybodys and not may_import_for_all(member):
        raise KindUnknown
    await organisation_acting(session, member.organisation_id)
    may_publish(session, member)
    begins = job.failed_in is None
    job.run(now)
    if begins:
        await forget_refusals(session, job.id)
    await note(session, member.member_id, member.organisation_id, "import.run", about=job.id, kind=job.kind)
    return job


async def _learn(session: AsyncSession, job: Import, sheet: Sheet) -> None:
    said = {
        key[:200]: name for heading, name in zip(sheet.headings, job.fields, strict=True) if (key := key_of(heading))
    }
    if not said:
        return
    statement = insert(ImportHeading)
    await session.execute(
        statement.on_conflict_do_update(
            index_elements=[ImportHeading.organisation_id, ImportHeading.kind, ImportHeading.heading],
            set_={"field": statement.excluded.field},
        ),
        [
            {"organisation_id": job.organisation_id, "kind": job.kind, "heading": heading, "field": name}
            for heading, name in said.items()
        ],
    )


def _plain_name(name: str) -> str:
    last = PurePath(name.replace("\\", "/")).name
    return "".join(letter for letter in last if letter.isprintable())[:120] or "fichier"
