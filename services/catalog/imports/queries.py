"""What the database knows of a batch of rows, in one question each."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any
from uuid import UUID

from sqlalchemy import and_, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import joinedload

from services.catalog.accounts.models import Member
from services.catalog.imports.models import ImportedRow
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
