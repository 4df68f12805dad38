"""The counters of the home page, in one round trip."""

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.catalog.needs.models import Need, NeedState
from services.catalog.organisations.models import Organisation


async def counts(session: AsyncSession) -> dict[str, int]:
    """How many organisations are here and how many needs are open."""
    row = await session.execute(
        select(
            select(func.count()).select_from(Organisation).scalar_subquery().label("organisations"),
            select(func.count()).where(Need.state == NeedState.PUBLISHED).scalar_subquery().label("needs"),
        )
    )
    return dict(row.one()._mapping)
