"""Every question asked of projects."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import joinedload

from services.catalog.organisations.models import Organisation
from services.catalog.projects.errors import ProjectUnknown


async def projects_of(
    session: AsyncSession, holder_id: UUID, *, after: UUID | None = None, limit: int | None = None
) -> Sequence[Organisation]:
    """What an organisation holds or has held, the first one first."""
    query = select(Organisation).where(Organisation.held_by == holder_id).order_by(Organisation.id).limit(limit)
    if after is not None:
        query = query.where(Organisation.id > after)
    return (await session.scalars(query)).all()


async def project_of(session: AsyncSession, holder_id: UUID, project_id: UUID) -> Organisation:
    """One of them; raises `ProjectUnknown`."""
    query = select(Organisation).where(Organisation.id == project_id, Organisation.held_by == holder_id)
    project = await session.scalar(query)
    if project is None:
        raise ProjectUnknown
    return project


async def count_held(session: AsyncSession, holder_id: UUID) -> int:
    """How many projects an organisation holds that have no number yet."""
    query = select(func.count()).where(Organisation.held_by == holder_id, Organisation.siret.is_(None))
    return await session.scalar(query) or 0


async def own_for_update(session: AsyncSession, organisation_id: UUID) -> Organisation:
    """The member's own organisation with its legal entity, both locked."""
    query = select(Organisation).where(Organisation.id == organisation_id)
    query = query.options(joinedload(Organisation.legal_entity, innerjoin=True)).with_for_update()
    return (await session.scalars(query.execution_options(populate_existing=True))).one()
