"""What happens when catalog tells of organisations, members and their addresses."""

from sqlalchemy.ext.asyncio import AsyncSession

from services.notifications.audience.commands import keep_newest, meet
from services.notifications.audience.models import Contact, Member, Organisation
from services.notifications.deliveries.commands import intend_for_newcomer
from services.notifications.persons.commands import forget
from shared.database import now_of
from shared.events.catalog import (
    MemberChanged,
    MemberJoined,
    MemberLeft,
    OrganisationRegistered,
    OrganisationSuspended,
    OrganisationUpdated,
    OrganisationVerified,
)
from shared.events.contacts import MemberContact
from shared.messaging.handling import Handlers

OrganisationEvent = OrganisationRegistered | OrganisationUpdated | OrganisationVerified | OrganisationSuspended
MemberEvent = MemberJoined | MemberChanged | MemberLeft


async def on_organisation(session: AsyncSession, event: OrganisationEvent) -> None:
    """Know its name, what it comes to do, and whether it may still be written to."""
    row = {
        "id": event.organisation_id,
        "name": event.name,
        "roles": list(event.roles),
        "is_suspended": isinstance(event, OrganisationSuspended),
        "version": event.version,
    }
    await keep_newest(session, Organisation, row)


async def on_member(session: AsyncSession, event: MemberEvent) -> None:
    """Know the member's role; somebody new is also written about what their organisation was just told."""
    if isinstance(event, MemberJoined):
        await meet(session, event.organisation_id)
    if await keep_member(session, event) and isinstance(event, MemberJoined):
        await intend_for_newcomer(session, event.member_id, now=now_of(session))


async def keep_member(session: AsyncSession, event: MemberEvent) -> bool:
    """Know the member's role, and nothing more; True when this is news."""
    row = {
        "id": event.member_id,
        "organisation_id": event.organisation_id,
        "role": event.role,
        "has_left": isinstance(event, MemberLeft),
        "version": event.version,
    }
    return await keep_newest(session, Member, row)


async def on_contact(session: AsyncSession, event: MemberContact) -> None:
    """Keep the last address; a tombstone erases it, and that of a person whatever else is about them alone."""
    if await keep_contact(session, event) and event.is_erased:
        await forget(session, event.member_id)


async def keep_contact(session: AsyncSession, event: MemberContact) -> bool:
    """Keep the last name and address, and nothing more; True when this is news."""
    row = {
        "member_id": event.member_id,
        "email": event.email,
        "email_asked": event.email_asked if event.email else None,
        "name": event.name if event.email else None,
        "language": event.language,
        "version": event.version,
    }
    return await keep_newest(session, Contact, row)


HANDLERS: Handlers = {
    OrganisationRegistered: on_organisation,
    OrganisationUpdated: on_organisation,
    OrganisationVerified: on_organisation,
    OrganisationSuspended: on_organisation,
    MemberJoined: on_member,
    MemberChanged: on_member,
    MemberLeft: on_member,
    MemberContact: on_contact,
}
