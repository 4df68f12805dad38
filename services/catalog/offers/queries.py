"""Every question asked of offers."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from sqlalchemy import any_, func, literal, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.catalog.offers.errors import OfferUnknown
from services.catalog.offers.models import Offer, OfferState
from services.catalog.posting.queries import newest, own_for_update, seen_by, with_author
from shared.database.one_by_one import Turn


async def offer_for_update(session: AsyncSession, offer_id: UUID, *, organisation_id: UUID) -> Offer:
    """An organisation's own offer, locked; a foreign one does not exist."""
    return await own_for_update(session, Offer, offer_id, organisation_id=organisation_id, missing=OfferUnknown)


async def published_offers_for_update(session: AsyncSession, organisation_id: UUID) -> Sequence[Offer]:
    """The offers that readers match now, locked in the order of their ids."""
    query = (
        with_author(Offer)
        .where(Offer.organisation_id == organisation_id, Offer.state == OfferState.PUBLISHED)
        .order_by(Offer.id)
        .with_for_update(of=Offer)
    )
    return (await session.scalars(query)).all()


async def offer_seen_by(session: AsyncSession, offer_id: UUID, organisation_id: UUID | None) -> Offer:
    """An offer as a visitor may see it."""
    return await seen_by(session, Offer, offer_id, organisation_id, missing=OfferUnknown)


async def open_offers(
    session: AsyncSession,
    *,
    kind: str | None = None,
    takes_material: bool | None = None,
    limit: int = 50,
    before: UUID | None = None,
) -> Sequence[Offer]:
    """Open offers, newest first; `before` is the last id of the page before."""
    query = with_author(Offer).where(Offer.state == OfferState.PUBLISHED)
    if kind:
        query = query.where(literal(kind) == any_(Offer.need_kinds))
    if takes_material is not None:
        query = query.where(Offer.takes_material.is_(takes_material))
    return await newest(session, Offer, query, limit=limit, before=before)


async def open_offer_count(
    session: AsyncSession, *, kind: str | None = None, takes_material: bool | None = None
) -> int:
    """How many offers are open; those that answer a kind, or take material, if that is asked."""
    query = select(func.count()).where(Offer.state == OfferState.PUBLISHED)
    if kind is not None:
        query = query.where(literal(kind) == any_(Offer.need_kinds))
    if takes_material is not None:
        query = query.where(Offer.takes_material.is_(takes_material))
    return await session.scalar(query) or 0


async def offers_to_resume(session: AsyncSession, today: date, turn: Turn) -> Sequence[Offer]:
    """Paused offers whose pause is over, locked; one that another timer holds is left to it."""
    query = with_author(Offer).where(Offer.state == OfferState.PAUSED, Offer.resume_on <= today)
    return (await session.scalars(turn.of(query, Offer))).all()
