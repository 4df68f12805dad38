"""Whose calendar is read, and which part a code stands for."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.catalog.collections.models import Calendar
from services.catalog.takings.models import Taking
from services.catalog.takings.queries import takings_in


async def calendar_of(session: AsyncSession, organisation_id: UUID) -> Calendar | None:
    """An organisation's calendar, if it has made one."""
    return await session.scalar(select(Calendar).where(Calendar.organisation_id == organisation_id))


async def parts_of_code(session: AsyncSession, code: UUID, organisation_id: UUID) -> Sequence[Taking]:
    """The parts that a label stands for and an organisation gives or takes: one of a part's, all of a lot's."""
    lots = select(Taking.lot_id).where(or_(Taking.id == code, Taking.lot_id == code))
    lot_ids = (await session.scalars(lots.distinct())).all()
    parts = await takings_in(session, lot_ids, organisation_id)
    return [part for part in parts if code in (part.id, part.lot_id)]
