"""What happens to establishments: registered, with the legal entity behind them."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession
from stdnum.exceptions import ValidationError as NumberError
from stdnum.fr import siret as siret_number

from services.catalog.organisations.errors import SiretInvalid
from services.catalog.organisations.models import LegalEntity, Organisation
from services.catalog.organisations.places import resolved_place
from services.catalog.organisations.queries import entity_by_siren
from services.catalog.organisations.schemas import EstablishmentFacts
from shared.database import new_id
from shared.events.catalog import OrganisationRegistered
from shared.events.facts import Origin
from shared.messaging.outbox import record
from shared.territory.place import Place


def compact_siret(text: str) -> str:
    """The 14 digits of a SIRET; raises `SiretInvalid` when the check digit says no."""
    try:
        return str(siret_number.validate(siret_number.compact(text)))
    except NumberError as error:
        raise SiretInvalid from error


async def found_establishment(
    session: AsyncSession, facts: EstablishmentFacts, *, organisation_id: UUID, now: datetime
) -> Organisation:
    """Register the establishment of a SIRET that is not known; the transaction acts for the organisation to be."""
    siret, place = compact_siret(facts.siret), resolved_place(facts.place)
    return await register_establishment(
        session, facts, siret=siret, place=place, now=now, organisation_id=organisation_id
    )


async def register_establishment(
    session: AsyncSession,
    facts: EstablishmentFacts,
    *,
    siret: str | None,
    place: Place,
    now: datetime,
    origin: Origin = Origin.MEMBER,
    external_id: str | None = None,
    organisation_id: UUID | None = None,
) -> Organisation:
    """Add an establishment, and its legal entity when it is the first one of it."""
    entity = await entity_by_siren(session, siret[:9]) if siret else None
    if entity is None:
        entity = LegalEntity(
            id=new_id(), siren=siret[:9] if siret else None, name=facts.organisation_name, version=0, created_at=now
        )
        session.add(entity)
    entity.kinds = sorted({*(entity.kinds or ()), *facts.kinds})
    organisation = Organisation(
        id=organisation_id or new_id(),
        legal_entity=entity,
        siret=siret,
        name=facts.organisation_name,
        roles=sorted(set(facts.roles)),
        permits=[],
        origin=origin,
        external_id=external_id,
        version=0,
        created_at=now,
        updated_at=now,
    )
    organisation.place = place
    session.add(organisation)
    await session.flush()
    await record(session, entity.changed(), organisation.tell(OrganisationRegistered, now))
    return organisation
