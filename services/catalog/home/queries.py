"""The counters of the home page, in one round trip."""

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.catalog.directory.queries import LISTED
from services.catalog.flows.models import Flow, FlowState
from services.catalog.needs.models import Need, NeedState
from services.catalog.offers.models import Offer, OfferState
from services.catalog.organisations.models import Organisation


async def counts(session: AsyncSession) -> dict[str, int]:
    """How many organisations are shown, and how many needs, flows and offers are open."""
    row = await session.execute(
        select(
            select(func.count()).where(Organisation.state.in_(LISTED)).scalar_subquery().label("organisations"),
            select(func.count()).where(Need.state == NeedState.PUBLISHED).scalar_subquery().label("needs"),
            select(func.count()).where(Flow.state == FlowState.PUBLISHED).scalar_subquery().label("flows"),
            select(func.count()).where(Offer.state == OfferState.PUBLISHED).scalar_subquery().label("offers"),
        )
    )
    return dict(row.one()._mapping)
