"""Every question asked of needs."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.catalog.needs.errors import NeedUnknown
from services.catalog.needs.models import Need, NeedState
from services.catalog.posting.queries import newest, own_for_update, seen_by, with_author


async def need_for_update(session: AsyncSession, need_id: UUID, *, organisation_id: UUID) -> Need:
    """An organisation's own need, locked; a foreign one does not exist."""
    return await own_for_update(session, Need, need_id, organisation_id=organisation_id, missing=NeedUnknown)


async def need_seen_by(session: AsyncSession, need_id: UUID, organisation_id: UUID | None) -> Need:
    """A need as a visitor may see it."""
    return await seen_by(session, Need, need_id, organisation_id, missing=NeedUnknown)


async def open_needs(
    session: AsyncSession, *, kind: str | None = None, limit: int = 50, before: UUID | None = None
) -> Sequence[Need]:
    """Open needs, newest first; `before` is the last id of the page before."""
    query = with_author(Need).where(Need.state == NeedState.PUBLISHED)
    if kind:
        query = query.where(Need.kind == kind)
    return await newest(session, Need, query, limit=limit, before=before)


async def open_need_count(session: AsyncSession, *, kind: str | None = None) -> int:
    """How many needs are open, of a kind if one is given."""
    query = select(func.count()).where(Need.state == NeedState.PUBLISHED)
    return await session.scalar(query if kind is None else query.where(Need.kind == kind)) or 0
