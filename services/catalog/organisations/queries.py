"""Every question asked of organisations and legal entities."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import joinedload

from services.catalog.organisations.models import LegalEntity, Organisation, OrganisationState
from shared.web.suspension import OrganisationSuspendedNow


async def entity_by_siren(session: AsyncSession, siren: str) -> LegalEntity | None:
    """The legal entity of a SIREN, locked: its versions grow one at a time."""
    return await session.scalar(select(LegalEntity).where(LegalEntity.siren == siren).with_for_update())


async def organisation_id_of(session: AsyncSession, siret: str) -> UUID | None:
    """The id of the establishment of a SIRET."""
    return await session.scalar(select(Organisation.id).where(Organisation.siret == siret))


async def organisation_by_siret(session: AsyncSession, siret: str, *, for_update: bool = False) -> Organisation | None:
    """The establishment of a SIRET with its legal entity."""
    query = select(Organisation).where(Organisation.siret == siret).options(joinedload(Organisation.legal_entity))
    return await session.scalar(query.with_for_update(of=Organisation) if for_update else query)


async def organisation_by_id(session: AsyncSession, organisation_id: UUID) -> Organisation | None:
    """An establishment with its legal entity."""
    return await session.scalar(
        select(Organisation).where(Organisation.id == organisation_id).options(joinedload(Organisation.legal_entity))
    )


async def organisations(
    session: AsyncSession, *, role: str | None = None, text: str | None = None, limit: int = 50, offset: int = 0
) -> Sequence[Organisation]:
    """The directory, by name; `text` is looked for in names."""
    query = (
        select(Organisation)
        .options(joinedload(Organisation.legal_entity))
        .where(Organisation.state.in_((OrganisationState.REGISTERED, OrganisationState.VERIFIED)))
    )
    if role:
        query = query.where(Organisation.roles.contains([role]))
    if text:
        query = query.where(Organisation.name.icontains(text, autoescape=True))
    found = await session.scalars(query.order_by(func.lower(Organisation.name)).limit(limit).offset(offset))
    return found.all()


async def organisation_count(session: AsyncSession) -> int:
    """How many organisations are in the directory."""
    return await session.scalar(select(func.count()).select_from(Organisation)) or 0


async def organisation_acting(session: AsyncSession, organisation_id: UUID) -> Organisation:
    """The organisation of a signed-in member, with its legal entity; refused when it may not act."""
    organisation = await organisation_by_id(session, organisation_id)
    if organisation is None:
        raise OrganisationSuspendedNow
    organisation.may_act()
    return organisation
