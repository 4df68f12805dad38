"""Everything of an organisation's own, the oldest first."""

from collections.abc import Sequence
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.catalog.flows.lot import Lot
from services.catalog.flows.models import Flow

MOST = 100_000


class LotLine(NamedTuple):
    """A lot, with the title of its flow."""

    lot: Lot
    title: str


async def all_of(session: AsyncSession, model: Any, organisation_id: UUID) -> Sequence[Any]:
    """An organisation's needs, offers or flows."""
    query = select(model).where(model.organisation_id == organisation_id).order_by(model.id).limit(MOST)
    return (await session.scalars(query)).all()


async def lots_of(session: AsyncSession, organisation_id: UUID) -> list[LotLine]:
    """An organisation's lots, by their days."""
    query = (
        select(Lot, Flow.title)
        .join(Flow, Flow.id == Lot.flow_id)
        .where(Lot.organisation_id == organisation_id)
        .order_by(Lot.day, Lot.id)
        .limit(MOST)
    )
    return [LotLine(lot, title) for lot, title in await session.execute(query)]


async def count_of(session: AsyncSession, model: Any, organisation_id: UUID) -> int:
    """How many of a kind an organisation has."""
    query = select(func.count()).select_from(model).where(model.organisation_id == organisation_id)
    return await session.scalar(query) or 0
