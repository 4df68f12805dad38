"""What happens when catalog tells of organisations and their legal entities."""

from sqlalchemy.ext.asyncio import AsyncSession

from services.matching.db import in_order
from services.matching.organisations.commands import (
    OrganisationState,
    is_closed,
    keep_entity,
    keep_organisation,
    look_at_entities,
)
from services.matching.waves.commands import plan
from services.matching.waves.queries import unasked_of
from shared.events.catalog import (
    EntityChanged,
    OrganisationRegistered,
    OrganisationSuspended,
    OrganisationUpdated,
    OrganisationVerified,
)
from shared.messaging.handling import Handlers


async def on_organisation(session: AsyncSession, event: OrganisationState) -> None:
    """An organisation is there, changed, or is found no more; one that is back is asked, and asks, again."""
    await in_order(session)
    was_closed = await is_closed(session, event.organisation_id)
    await keep_organisation(session, event)
    if was_closed and not await is_closed(session, event.organisation_id):
        await plan(session, await unasked_of(session, event.organisation_id))


async def on_entity(session: AsyncSession, event: EntityChanged) -> None:
    """A legal entity is something else, and so are its organisations."""
    await in_order(session)
    await keep_entity(session, event)
    await look_at_entities(session, [event.legal_entity_id])


HANDLERS: Handlers = {
    OrganisationRegistered: on_organisation,
    OrganisationUpdated: on_organisation,
    OrganisationVerified: on_organisation,
    OrganisationSuspended: on_organisation,
    EntityChanged: on_entity,
}
