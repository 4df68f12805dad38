"""What organisations have open for all to see; a need whose author hides is told to its author alone."""

from collections.abc import Collection, Sequence
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import joinedload

from services.catalog.flows.models import Flow, FlowState
from services.catalog.needs.models import Need, NeedState
from services.catalog.offers.models import Offer, OfferState
from services.catalog.organisations.models import Organisation


class Open(NamedTuple):
    """How much an organisation has open."""

    needs: int = 0
    flows: int = 0
    offers: int = 0


class Postings(NamedTuple):
    """What an organisation has open, newest first."""

    needs: Sequence[Need]
    flows: Sequence[Flow]
    offers: Sequence[Offer]


def _open_and_signed() -> ColumnElement[bool]:
    # A tender is public: hiding does not apply to it.
    return (Need.state == NeedState.PUBLISHED) & or_(Need.author_hidden.is_(False), Need.public_tender.is_(True))


def _shown() -> dict[Any, ColumnElement[bool]]:
    return {
        Need: _open_and_signed(),
        Flow: Flow.state == FlowState.PUBLISHED,
        Offer: Offer.state == OfferState.PUBLISHED,
    }


async def open_counts(session: AsyncSession, organisation_ids: Collection[UUID]) -> dict[UUID, Open]:
    """What each of these organisations has open."""
    counts = []
    for kind, shown in _shown().items():
        query = select(kind.organisation_id, func.count()).where(kind.organisation_id.in_(organisation_ids), shown)
        rows = await session.execute(query.group_by(kind.organisation_id))
        counts.append({row[0]: row[1] for row in rows})
    return {each: Open(*(found.get(each, 0) for found in counts)) for each in organisation_ids}


async def open_postings(session: AsyncSession, organisation_id: UUID, *, limit: int = 20) -> Postings:
    """What one organisation has open, with its organisation loaded."""
    found = []
    for kind, shown in _shown().items():
        query = select(kind).where(kind.organisation_id == organisation_id, shown)
        loaded = query.options(joinedload(kind.organisation).joinedload(Organisation.legal_entity))
        found.append((await session.scalars(loaded.order_by(kind.id.desc()).limit(limit))).all())
    return Postings(*found)
