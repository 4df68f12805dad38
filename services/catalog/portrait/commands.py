"""What an organisation does with its own page: says who it is, what it is in law, where its sites are."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.catalog.audit.commands import note
from services.catalog.offers.commands import tell_offers_again
from services.catalog.organisations.models import LegalEntity, Organisation
from services.catalog.organisations.places import resolved_place
from services.catalog.organisations.schemas import OPEN_ROLES
from services.catalog.organisations.site import Site
from services.catalog.organisations.status import Source, stated
from services.catalog.portrait.errors import OwnersOnly, SitesEnough
from services.catalog.portrait.queries import establishments_of, own_organisation, site_of, sites_of
from services.catalog.portrait.schemas import Asks, Portrait, SiteFacts, Statuses
from shared.clock import day_of
from shared.database import new_id
from shared.database.acting import act
from shared.events.catalog import OrganisationUpdated
from shared.events.facts import Permit
from shared.identity import Identity, Role
from shared.messaging.outbox import record

MOST_SITES = 50

# code -> where it comes from, and the day it ends
Said = Mapping[str, tuple[Source, date | None]]


async def change_portrait(session: AsyncSession, member: Identity, portrait: Portrait, *, now: datetime) -> None:
    """Say anew who it is; what it offers is told again, since it stands behind it."""
    organisation = await own_organisation(session, member.organisation_id)
    organisation.name, organisation.description = portrait.organisation_name, portrait.description
    organisation.website, organisation.place = portrait.website, resolved_place(portrait.place)
    organisation.contact = portrait.contact
    organisation.roles = sorted({*set(organisation.roles) - OPEN_ROLES, *portrait.roles})
    await _tell(session, organisation, now=now)
    await note(session, member.member_id, organisation.id, "organisation.updated", about=organisation.id)


async def change_asks(session: AsyncSession, member: Identity, asks: Asks, *, now: datetime) -> None:
    """Say anew how often it wants to be solicited; matching learns it from what it offers."""
    organisation = await own_organisation(session, member.organisation_id)
    organisation.accept_asks(asks.weekly_asks, resume_on=asks.asks_resume_on, today=day_of(now))
    await tell_offers_again(session, organisation, now=now)
    await note(session, member.member_id, organisation.id, "organisation.asks_changed", about=organisation.id)


async def change_statuses(
    session: AsyncSession, member: Identity, statuses: Statuses, said: Said, *, now: datetime
) -> None:
    """Say anew what the legal entity is; all its establishments are told again."""
    if member.role is not Role.OWNER:
        raise OwnersOnly
    organisation = await own_organisation(session, member.organisation_id)
    entity, today = organisation.legal_entity, day_of(now)
    entity.state_facts(stated(entity.facts, [*statuses.kinds, *statuses.eligibilities], dict(said), today), today)
    await tell_entity(session, entity, now=now)
    await act(session, org=organisation.id)
    await note(session, member.member_id, organisation.id, "entity.stated", about=entity.id)


async def tell_entity(session: AsyncSession, entity: LegalEntity, *, now: datetime) -> None:
    """What a legal entity is changed: tell it, and whatever its establishments offer."""
    await session.flush()
    await record(session, entity.changed())
    for organisation in await establishments_of(session, entity.id):
        # What one establishment says of their entity is said of all of them.
        await act(session, org=organisation.id)
        await tell_offers_again(session, organisation, now=now)
        # Written while we act for it; the next one's policy would hide it.
        await session.flush()


async def save_site(
    session: AsyncSession,
    member: Identity,
    facts: SiteFacts,
    ends: Mapping[str, date | None],
    *,
    now: datetime,
    site_id: UUID | None = None,
) -> Site:
    """Add a site or change one; its permits count for everything the organisation offers."""
    organisation = await own_organisation(session, member.organisation_id)
    sites = await sites_of(session, organisation.id)
    if site_id is None:
        if len(sites) >= MOST_SITES:
            raise SitesEnough
        site = Site(id=new_id(), organisation_id=organisation.id, created_at=now)
        session.add(site)
    else:
        site = await site_of(session, organisation.id, site_id)
    site.name, site.access, site.hours, site.updated_at = facts.name, facts.access, facts.hours, now
    site.place, site.is_public = resolved_place(facts.place), facts.is_public
    site.permits = [Permit(code=code, expires_on=ends.get(code)) for code in facts.permits]
    await _sites_changed(session, organisation, [*(each for each in sites if each.id != site.id), site], now=now)
    await note(session, member.member_id, organisation.id, "site.saved", about=site.id)
    return site


async def remove_site(session: AsyncSession, member: Identity, *, site_id: UUID, now: datetime) -> None:
    """Take a site away, and its permits with it."""
    organisation = await own_organisation(session, member.organisation_id)
    site = await site_of(session, organisation.id, site_id)
    await session.delete(site)
    rest = [each for each in await sites_of(session, organisation.id) if each.id != site_id]
    await _sites_changed(session, organisation, rest, now=now)
    await note(session, member.member_id, organisation.id, "site.removed", about=site_id)


async def _sites_changed(
    session: AsyncSession, organisation: Organisation, sites: Sequence[Site], *, now: datetime
) -> None:
    """The organisation holds what any of its sites holds, as long as the longest of them."""
    held: dict[str, Permit] = {}
    for permit in (permit for site in sites for permit in site.permits):
        known = held.get(permit.code)
        if known is None or (known.expires_on and (permit.expires_on is None or permit.expires_on > known.expires_on)):
            held[permit.code] = permit
    permits = [permit.model_dump(mode="json", exclude_none=True) for permit in held.values()]
    await session.flush()
    if permits != organisation.permits:
        organisation.permits = permits
        await _tell(session, organisation, now=now)


async def _tell(session: AsyncSession, organisation: Organisation, *, now: datetime) -> None:
    await record(session, organisation.tell(OrganisationUpdated, now))
    await tell_offers_again(session, organisation, now=now)
