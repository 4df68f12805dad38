"""What a person does with an offer: draft, publish, update, pause, resume, withdraw."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.catalog.audit.actor import Actor
from services.catalog.audit.commands import note
from services.catalog.offers.models import Offer
from services.catalog.offers.queries import offer_for_update, published_offers_for_update
from services.catalog.offers.schemas import OfferDraft
from services.catalog.offers.zones import read_zones
from services.catalog.organisations.models import Organisation
from services.catalog.posting.commands import begun, kept, may_publish
from shared.events.facts import Origin
from shared.messaging.outbox import record


async def draft_offer(
    session: AsyncSession,
    author: Actor,
    draft: OfferDraft,
    now: datetime,
    *,
    origin: Origin = Origin.MEMBER,
    organisation: Organisation | None = None,
) -> Offer:
    """Keep an offer that nobody else sees yet."""
    offer = await begun(session, Offer, author, now=now, origin=origin, organisation=organisation)
    fill_offer(offer, draft)
    return await kept(session, offer, author, "offer.drafted")


async def update_offer(session: AsyncSession, author: Actor, draft: OfferDraft, offer_id: UUID, now: datetime) -> Offer:
    """Change an offer; an open one is matched again."""
    offer = await offer_for_update(session, offer_id, organisation_id=author.organisation_id)
    fill_offer(offer, draft)
    event = offer.updated(now)
    if event is not None:
        await record(session, event)
    await note(session, author.member_id, author.organisation_id, "offer.updated", about=offer.id)
    return offer


async def publish_offer(session: AsyncSession, author: Actor, offer_id: UUID, now: datetime) -> Offer:
    """Open an offer to be matched."""
    offer = await offer_for_update(session, offer_id, organisation_id=author.organisation_id)
    return await open_offer(session, author, offer, now)


async def open_offer(session: AsyncSession, author: Actor, offer: Offer, now: datetime) -> Offer:
    """`publish_offer` with the row at hand: locked, or made in this transaction so that nobody else has seen it."""
    offer.organisation.may_act()
    may_publish(session, author)
    await record(session, offer.publish(now))
    await note(session, author.member_id, author.organisation_id, "offer.published", about=offer.id)
    return offer


async def pause_offer(
    session: AsyncSession, author: Actor, offer_id: UUID, now: datetime, *, resume_on: date | None = None
) -> Offer:
    """Stop an offer being matched for now, or until a day, when it resumes by itself."""
    offer = await offer_for_update(session, offer_id, organisation_id=author.organisation_id)
    await record(session, offer.pause(now, resume_on=resume_on))
    await note(session, author.member_id, author.organisation_id, "offer.paused", about=offer.id)
    return offer


async def resume_offer(session: AsyncSession, author: Actor, offer_id: UUID, now: datetime) -> Offer:
    """Have a paused offer matched again."""
    offer = await offer_for_update(session, offer_id, organisation_id=author.organisation_id)
    offer.organisation.may_act()
    await record(session, offer.resume(now))
    await note(session, author.member_id, author.organisation_id, "offer.resumed", about=offer.id)
    return offer


async def withdraw_offer(session: AsyncSession, author: Actor, *, offer_id: UUID, now: datetime) -> Offer:
    """End an offer."""
    offer = await offer_for_update(session, offer_id, organisation_id=author.organisation_id)
    event = offer.withdraw(now)
    if event is not None:
        await record(session, event)
    await note(session, author.member_id, author.organisation_id, "offer.withdrawn", about=offer.id)
    return offer


async def tell_offers_again(session: AsyncSession, organisation: Organisation, *, now: datetime) -> int:
    """Who stands behind an organisation's offers changed: tell the published ones again; returns how many.

    A paused one tells it when it resumes.
    """
    await session.flush()
    offers = await published_offers_for_update(session, organisation.id)
    await record(session, *(event for offer in offers if (event := offer.updated(now)) is not None))
    return len(offers)


def fill_offer(offer: Offer, draft: OfferDraft) -> None:
    """Put a draft's values into the row; a zone that cannot be read is refused, not dropped."""
    zones = read_zones(draft.zones, near=offer.organisation.place, known=offer.zones)
    for name, value in draft.columns().items():
        setattr(offer, name, value)
    offer.own_zones, offer.own_permits = zones, draft.permits
