"""What the database knows of a batch of rows, in one question each."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import and_, delete, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import joinedload

from services.catalog.accounts.models import Member
from services.catalog.imports.errors import ImportUnknown
from services.catalog.imports.models import AT_WORK, Import, ImportedRow, ImportHeading, ImportRefusal, ImportSheet
from services.catalog.organisations.models import Organisation


async def owners(session: AsyncSession, names: Collection[str]) -> dict[str, UUID]:
    """Organisations by what a row may call them: external id, or SIRET."""
    query = select(Organisation.id, Organisation.external_id, Organisation.siret).where(
        or_(Organisation.external_id.in_(names), Organisation.siret.in_(names))
    )
    found: dict[str, UUID] = {}
    for organisation_id, external_id, siret in await session.execute(query):
        found |= {name: organisation_id for name in (siret, external_id) if name}
    return found


async def organisations_by_id(session: AsyncSession, organisation_ids: Collection[UUID]) -> dict[UUID, Organisation]:
    """Organisations with their legal entities."""
    query = select(Organisation).where(Organisation.id.in_(organisation_ids))
    found = await session.scalars(query.options(joinedload(Organisation.legal_entity)))
    return {organisation.id: organisation for organisation in found}


async def organisations_known(
    session: AsyncSession, external_ids: Collection[str], sirets: Collection[str]
) -> list[Any]:
    """Rows (id, external_id, siret, name, digest, is_held) of organisations with one of these names."""
    is_held = select(Member.id).where(Member.organisation_id == Organisation.id, Member.left_at.is_(None)).exists()
    query = (
        select(
            Organisation.id,
            Organisation.external_id,
            Organisation.siret,
            Organisation.name,
            ImportedRow.digest,
            is_held.label("is_held"),
        )
        .outerjoin(ImportedRow, ImportedRow.record_id == Organisation.id)
        .where(or_(Organisation.external_id.in_(external_ids), Organisation.siret.in_(sirets)))
    )
    return list(await session.execute(query))


async def postings_known(
    session: AsyncSession, model: Any, organisation_ids: Collection[UUID], external_ids: Collection[str]
) -> list[Any]:
    """Rows (id, organisation_id, external_id, state, digest) of what these organisations posted under these names.

    What was written on a page has its own id for a name.
    """
    own = [found for name in external_ids if (found := _id_in(name)) is not None]
    query = (
        select(model.id, model.organisation_id, model.external_id, model.state, ImportedRow.digest)
        .outerjoin(ImportedRow, ImportedRow.record_id == model.id)
        .where(
            model.organisation_id.in_(organisation_ids),
            or_(model.external_id.in_(external_ids), and_(model.id.in_(own), model.external_id.is_(None))),
        )
    )
    return list(await session.execute(query))


def _id_in(name: str) -> UUID | None:
    try:
        return UUID(name)
    except ValueError:
        return None


async def posting_by_id(session: AsyncSession, model: Any, record_id: UUID) -> Any:
    """A need, offer or flow that is known to be there."""
    return (await session.scalars(select(model).where(model.id == record_id))).one()


async def organisation_for_update(session: AsyncSession, organisation_id: UUID) -> Organisation:
    """An establishment with its legal entity, both locked: their versions grow one at a time."""
    query = (
        select(Organisation)
        .where(Organisation.id == organisation_id)
        .options(joinedload(Organisation.legal_entity, innerjoin=True))
        .with_for_update()
    )
    return (await session.scalars(query)).one()


async def imports_of(session: AsyncSession, organisation_id: UUID, *, limit: int = 100) -> Sequence[Import]:
    """An organisation's imports, the newest first."""
    query = select(Import).where(Import.organisation_id == organisation_id).order_by(Import.id.desc()).limit(limit)
    return (await session.scalars(query)).all()


async def import_of(
    session: AsyncSession, organisation_id: UUID, import_id: UUID, *, for_update: bool = False
) -> Import:
    """One of an organisation's imports; raises `ImportUnknown`."""
    query = select(Import).where(Import.id == import_id, Import.organisation_id == organisation_id)
    if for_update:
        query = query.with_for_update().execution_options(populate_existing=True)
    found = await session.scalar(query)
    if found is None:
        raise ImportUnknown
    return found


async def import_at_work(session: AsyncSession) -> Import | None:
    """The oldest import that waits for a worker, locked; one that another worker holds is left to it."""
    query = select(Import).where(Import.state.in_(AT_WORK)).order_by(Import.id).limit(1)
    return await session.scalar(query.with_for_update(skip_locked=True))


async def import_for_update(session: AsyncSession, import_id: UUID) -> Import | None:
    """An import by its id alone, for the worker."""
    return await session.scalar(select(Import).where(Import.id == import_id).with_for_update())


async def content_of(session: AsyncSession, import_id: UUID) -> bytes:
    """The bytes of an import's file; raises `ImportUnknown` once they are gone."""
    content = await session.scalar(select(ImportSheet.content).where(ImportSheet.import_id == import_id))
    if content is None:
        raise ImportUnknown
    return content


async def refusals_of(
    session: AsyncSession, import_id: UUID, *, after: int = 0, limit: int | None = None
) -> Sequence[ImportRefusal]:
    """What was refused or put aside of lines after `after`, in their order."""
    query = select(ImportRefusal).where(ImportRefusal.import_id == import_id, ImportRefusal.line > after)
    query = query.order_by(ImportRefusal.line, ImportRefusal.field)
    return (await session.scalars(query.limit(limit) if limit else query)).all()


async def headings_learned(session: AsyncSession, organisation_id: UUID, kind: str) -> dict[str, str]:
    """Field by heading, as members of an organisation said it before."""
    query = select(ImportHeading.heading, ImportHeading.field).where(
        ImportHeading.organisation_id == organisation_id, ImportHeading.kind == kind
    )
    return {row.heading: row.field for row in await session.execute(query)}


async def forget_refusals(session: AsyncSession, import_id: UUID) -> None:
    """An import begins anew."""
    await session.execute(delete(ImportRefusal).where(ImportRefusal.import_id == import_id))


async def forget_content(session: AsyncSession, import_id: UUID) -> None:
    """Nothing of an import is left to take."""
    await session.execute(delete(ImportSheet).where(ImportSheet.import_id == import_id))
