"""Whose calendar is read, and which parts a label stands for."""

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


async def parts_of_label(session: AsyncSession, label_id: UUID, organisation_id: UUID) -> Sequence[Taking]:
    """The parts that a label stands for and an organisation gives or takes: one, or all of a lot."""
    lots = select(Taking.lot_id).where(or_(Taking.id == label_id, Taking.lot_id == label_id))
    lot_ids = (await session.scalars(lots.distinct())).all()
    parts = await takings_in(session, lot_ids, organisation_id)
    return [part for part in parts if label_id in (part.id, part.lot_id) and part.slot_from is not None]
