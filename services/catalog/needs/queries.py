"""Every question asked of needs."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import joinedload

from services.catalog.needs.errors import NeedUnknown
from services.catalog.needs.models import Need, NeedState
from services.catalog.organisations.models import Organisation

_WITH_AUTHOR = joinedload(Need.organisation).joinedload(Organisation.legal_entity)


async def need_for_update(session: AsyncSession, need_id: UUID, *, organisation_id: UUID) -> Need:
    """An organisation's own need, locked so that its versions grow one at a time; a foreign one does not exist."""
    need = await session.scalar(
        select(Need)
        .where(Need.id == need_id, Need.organisation_id == organisation_id)
        .options(_WITH_AUTHOR)
        .with_for_update(of=Need)
    )
    if need is None:
        raise NeedUnknown
    return need


async def need_seen_by(session: AsyncSession, need_id: UUID, organisation_id: UUID | None) -> Need:
    """A need as a visitor may see it: published ones are public, others belong to their author."""
    need = await session.scalar(select(Need).where(Need.id == need_id).options(_WITH_AUTHOR))
    if need is None or (need.published_at is None and need.organisation_id != organisation_id):
        raise NeedUnknown
    return need


async def open_needs(
    session: AsyncSession, *, kind: str | None = None, limit: int = 50, before: UUID | None = None
) -> Sequence[Need]:
    """Open needs, newest first; `before` is the last id of the page before."""
    query = select(Need).where(Need.state == NeedState.PUBLISHED).options(_WITH_AUTHOR)
    if kind:
        query = query.where(Need.kind == kind)
    if before:
        query = query.where(Need.id < before)
    return (await session.scalars(query.order_by(Need.id.desc()).limit(limit))).all()


async def needs_of(session: AsyncSession, organisation_id: UUID, *, limit: int = 100) -> Sequence[Need]:
    """An organisation's needs, the latest touched first."""
    query = select(Need).where(Need.organisation_id == organisation_id).options(_WITH_AUTHOR)
    return (await session.scalars(query.order_by(Need.updated_at.desc()).limit(limit))).all()


async def open_need_count(session: AsyncSession) -> int:
    """How many needs are open."""
    return await session.scalar(select(func.count()).where(Need.state == NeedState.PUBLISHED)) or 0
