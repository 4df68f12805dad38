"""Every question asked of offers."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import any_, func, literal, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import joinedload

from services.catalog.offers.errors import OfferUnknown
from services.catalog.offers.models import Offer, OfferState
from services.catalog.organisations.models import Organisation

_WITH_SUPPLIER = joinedload(Offer.organisation).joinedload(Organisation.legal_entity)


async def offer_for_update(session: AsyncSession, offer_id: UUID, *, organisation_id: UUID) -> Offer:
    """An organisation's own offer, locked so that its versions grow one at a time; a foreign one does not exist."""
    offer = await session.scalar(
        select(Offer)
        .where(Offer.id == offer_id, Offer.organisation_id == organisation_id)
        .options(_WITH_SUPPLIER)
        .with_for_update(of=Offer)
        .execution_options(populate_existing=True)
    )
    if offer is None:
        raise OfferUnknown
    return offer


async def published_offers_for_update(session: AsyncSession, organisation_id: UUID) -> Sequence[Offer]:
    """The offers that readers match now, locked in the order of their ids."""
    query = (
        select(Offer)
        .where(Offer.organisation_id == organisation_id, Offer.state == OfferState.PUBLISHED)
        .options(_WITH_SUPPLIER)
        .order_by(Offer.id)
        .with_for_update(of=Offer)
    )
    return (await session.scalars(query)).all()


async def offer_seen_by(session: AsyncSession, offer_id: UUID, organisation_id: UUID | None) -> Offer:
    """An offer as a visitor may see it: published ones are public, others belong to their author."""
    offer = await session.scalar(select(Offer).where(Offer.id == offer_id).options(_WITH_SUPPLIER))
    if offer is None or (offer.published_at is None and offer.organisation_id != organisation_id):
        raise OfferUnknown
    return offer


async def open_offers(
    session: AsyncSession,
    *,
    kind: str | None = None,
    takes_material: bool | None = None,
    limit: int = 50,
    before: UUID | None = None,
) -> Sequence[Offer]:
    """Open offers, newest first; `before` is the last id of the page before."""
    query = select(Offer).where(Offer.state == OfferState.PUBLISHED).options(_WITH_SUPPLIER)
    if kind:
        query = query.where(literal(kind) == any_(Offer.need_kinds))
    if takes_material is not None:
        query = query.where(Offer.takes_material.is_(takes_material))
    if before:
        query = query.where(Offer.id < before)
    return (await session.scalars(query.order_by(Offer.id.desc()).limit(limit))).all()


async def offers_of(session: AsyncSession, organisation_id: UUID, *, limit: int = 100) -> Sequence[Offer]:
    """An organisation's offers, the latest touched first."""
    query = select(Offer).where(Offer.organisation_id == organisation_id).options(_WITH_SUPPLIER)
    return (await session.scalars(query.order_by(Offer.updated_at.desc()).limit(limit))).all()


async def open_offer_count(session: AsyncSession) -> int:
    """How many offers are open."""
    return await session.scalar(select(func.count()).where(Offer.state == OfferState.PUBLISHED)) or 0
