"""The counters of the home page, in one round trip."""

from collections import Counter
from collections.abc import Iterable
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.catalog.directory.queries import LISTED
from services.catalog.flows.models import Flow, FlowState
from services.catalog.needs.models import Need, NeedState
from services.catalog.offers.models import Offer, OfferState
from services.catalog.organisations.models import Organisation

ON_THE_MAP = 200


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


async def open_places(session: AsyncSession) -> tuple[Counter[str], Counter[str]]:
    """How many of the newest open needs, and flows, each commune has."""
    needs = select(Need.place_data).where(Need.state == NeedState.PUBLISHED).order_by(Need.id.desc()).limit(ON_THE_MAP)
    flows = select(Flow.place_data).where(Flow.state == FlowState.PUBLISHED).order_by(Flow.id.desc()).limit(ON_THE_MAP)
    return _codes(await session.scalars(needs)), _codes(await session.scalars(flows))


def _codes(places: Iterable[dict[str, Any] | None]) -> Counter[str]:
    return Counter(str(place["commune_code"]) for place in places if place)
