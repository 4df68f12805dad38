"""Lists a batch at a time in the order of their ids, and how a list stands without reading it."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import joinedload

from services.catalog.campaigns.models import LIVE, Campaign
from services.catalog.directory.queries import LISTED
from services.catalog.flows.lot import Lot
from services.catalog.flows.models import Flow, FlowState
from services.catalog.needs.models import Need, NeedState
from services.catalog.offers.models import Offer, OfferState
from services.catalog.opendata.models import LotRow, Stamp
from services.catalog.organisations.models import LegalEntity, Organisation
from services.catalog.posting.queries import with_author

BATCH = 500
"""Rows in memory at once, and in one transaction: whoever reads slowly holds neither."""


async def batch_of(session: AsyncSession, name: str, after: UUID | None) -> Sequence[Any]:
    """The next rows of a list after an id."""
    if name == "lots":
        return await _lots(session, after)
    model, shown = _SHOWN[name]
    if model is Organisation:
        query = select(model).options(joinedload(Organisation.legal_entity)).where(shown)
    else:
        query = with_author(model).where(shown)
    if after is not None:
        query = query.where(model.id > after)
    return (await session.scalars(query.order_by(model.id).limit(BATCH))).all()


async def _lots(session: AsyncSession, after: UUID | None) -> Sequence[LotRow]:
    query = select(Lot, Flow.origin).join(Flow, Flow.id == Lot.flow_id).where(Flow.state == FlowState.PUBLISHED)
    if after is not None:
        query = query.where(Lot.id > after)
    return [LotRow(lot, origin) for lot, origin in await session.execute(query.order_by(Lot.id).limit(BATCH))]


# What the public lists show.
_SHOWN: Mapping[str, tuple[Any, ColumnElement[bool]]] = {
    "needs": (Need, Need.state == NeedState.PUBLISHED),
    "flows": (Flow, Flow.state == FlowState.PUBLISHED),
    "offers": (Offer, Offer.state == OfferState.PUBLISHED),
    "campaigns": (Campaign, Campaign.state.in_(LIVE)),
    "organisations": (Organisation, Organisation.state.in_(LISTED)),
}
# What a list is made of. All that was ever published counts: who leaves a list changes it too.
_MADE_OF: Mapping[str, tuple[Any, ...]] = {
    "needs": (Need, Organisation),
    "flows": (Flow, Organisation),
    "lots": (Lot, Flow),
    "offers": (Offer, Organisation, LegalEntity),
    "campaigns": (Campaign, Organisation),
    "organisations": (Organisation, LegalEntity),
}


async def stamp_of(session: AsyncSession, name: str) -> Stamp:
    """How a list stands."""
    parts, changes = [], []
    for model in _MADE_OF[name]:
        count, versions, changed_at = (await session.execute(_state_of(model))).one()
        parts.append(f"{count}.{versions}.{changed_at.timestamp() if changed_at else 0}")
        changes.append(changed_at)
    return Stamp(await count_of(session, name), max(filter(None, changes), default=None), "-".join(parts))


async def count_of(session: AsyncSession, name: str) -> int:
    """How many rows a list has."""
    if name == "lots":
        joined = select(func.count(Lot.id)).join(Flow, Flow.id == Lot.flow_id)
        return await session.scalar(joined.where(Flow.state == FlowState.PUBLISHED)) or 0
    model, shown = _SHOWN[name]
    return await session.scalar(select(func.count(model.id)).where(shown)) or 0


def _state_of(model: Any) -> Select[int, int | None, datetime | None]:
    changed = getattr(model, "updated_at", model.created_at)
    query = select(func.count(model.id), func.sum(model.version), func.max(changed))
    return query.where(model.published_at.is_not(None)) if hasattr(model, "published_at") else query
