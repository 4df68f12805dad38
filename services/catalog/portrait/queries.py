"""Every question about an organisation's own page."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import joinedload

from services.catalog.organisations.models import LegalEntity, Organisation
from services.catalog.organisations.site import Site
from services.catalog.portrait.errors import SiteUnknown
from shared.web.suspension import OrganisationSuspendedNow


async def own_organisation(session: AsyncSession, organisation_id: UUID) -> Organisation:
    """The member's organisation with its legal entity, both locked."""
    organisation = await session.scalar(
        select(Organisation)
        .where(Organisation.id == organisation_id)
        .options(joinedload(Organisation.legal_entity, innerjoin=True))
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if organisation is None:
        raise OrganisationSuspendedNow
    return organisation


async def establishments_of(session: AsyncSession, legal_entity_id: UUID) -> Sequence[Organisation]:
    """Every establishment of a legal entity: what the entity is, all of them are."""
    query = select(Organisation).where(Organisation.legal_entity_id == legal_entity_id).order_by(Organisation.id)
    return (await session.scalars(query.options(joinedload(Organisation.legal_entity)))).all()


async def sites_of(session: AsyncSession, organisation_id: UUID) -> Sequence[Site]:
    """An organisation's sites, by name."""
    query = select(Site).where(Site.organisation_id == organisation_id)
    return (await session.scalars(query.order_by(func.lower(Site.name), Site.id))).all()


async def site_of(session: AsyncSession, organisation_id: UUID, site_id: UUID) -> Site:
    """One of an organisation's sites, locked; raises `SiteUnknown`."""
    query = select(Site).where(Site.id == site_id, Site.organisation_id == organisation_id)
    site = await session.scalar(query.with_for_update())
    if site is None:
        raise SiteUnknown
    return site


async def entities_ending(session: AsyncSession, today: date, *, limit: int = 50) -> Sequence[LegalEntity]:
    """Entities of which a fact no longer holds, locked; one that another timer holds is left to it."""
    query = (
        select(LegalEntity)
        .where(LegalEntity.facts_end_on <= today)
        .order_by(LegalEntity.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    return (await session.scalars(query)).all()
