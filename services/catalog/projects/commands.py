"""What happens to projects: begun by who holds them, joined by the holder's people, given their number."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.catalog.accounts.commands import add_member
from services.catalog.accounts.models import Member
from services.catalog.accounts.queries import account_of, wait_for_turn
from services.catalog.audit.commands import note
from services.catalog.offers.commands import tell_offers_again
from services.catalog.organisations.commands import compact_siret, register_establishment
from services.catalog.organisations.errors import SiretAlreadyHeld
from services.catalog.organisations.models import Organisation
from services.catalog.organisations.places import resolved_place
from services.catalog.organisations.queries import entity_by_siren, organisation_acting, organisation_by_siret
from services.catalog.organisations.schemas import EstablishmentFacts
from services.catalog.projects.errors import HoldersOnly, NotAProject, ProjectOwnersOnly, ProjectsEnough
from services.catalog.projects.queries import count_held, own_for_update, project_of
from services.catalog.projects.schemas import ProjectFacts
from shared.clock import day_of
from shared.database import new_id
from shared.database.acting import act
from shared.events.catalog import OrganisationUpdated
from shared.identity import Identity, Role
from shared.messaging.outbox import record

HOLDERS = frozenset({"partner", "territory"})
MOST = 100


def may_hold(identity: Identity) -> bool:
    """True for partners and territories."""
    return not HOLDERS.isdisjoint(identity.roles)


async def begin_project(session: AsyncSession, holder: Identity, facts: ProjectFacts, *, now: datetime) -> Organisation:
    """Begin a project that the holder's organisation holds; whoever begins it is responsible for it first.

    Raises `HoldersOnly`, `ProjectsEnough`, `PlaceUnknown`.
    """
    if not may_hold(holder):
        raise HoldersOnly
    await organisation_acting(session, holder.organisation_id)
    await wait_for_turn(session, f"projects:{holder.organisation_id}")
    if await count_held(session, holder.organisation_id) >= MOST:
        raise ProjectsEnough
    account, project_id = await account_of(session, holder.member_id), new_id()
    await note(session, holder.member_id, holder.organisation_id, "project.begun", about=project_id)
    await act(session, org=project_id, account=account.id)
    known = EstablishmentFacts(
        siret="", organisation_name=facts.organisation_name, place=facts.place, roles=facts.roles
    )
    project = await register_establishment(
        session, known, siret=None, place=resolved_place(facts.place), now=now, organisation_id=project_id
    )
    project.description, project.contact, project.held_by = facts.description, facts.contact, holder.organisation_id
    await add_member(session, account, project, now=now)
    return project


async def join_project(session: AsyncSession, holder: Identity, *, project_id: UUID, now: datetime) -> Member:
    """Let one of the holder's people act for a project; raises `ProjectUnknown`, `NotAProject`, `AlreadyMember`."""
    project = await project_of(session, holder.organisation_id, project_id)
    if not project.is_project:
        raise NotAProject
    account = await account_of(session, holder.member_id)
    await act(session, org=project.id, account=account.id)
    return await add_member(session, account, project, now=now, role=Role.OWNER)


async def give_number(session: AsyncSession, owner: Identity, siret: str, *, now: datetime) -> Organisation:
    """The project is founded: an ordinary organisation from now on, with everything that it did before.

    Raises `ProjectOwnersOnly`, `NotAProject`, `SiretInvalid`, `SiretAlreadyHeld`.
    """
    if owner.role is not Role.OWNER:
        raise ProjectOwnersOnly
    digits = compact_siret(siret)
    await wait_for_turn(session, f"siren:{digits[:9]}")
    project = await own_for_update(session, owner.organisation_id)
    if not project.is_project:
        raise NotAProject
    held = await organisation_by_siret(session, digits)
    if held is not None:
        raise SiretAlreadyHeld(name=held.name)
    await _stand_behind(session, project, digits[:9], now=now)
    project.siret = digits
    await session.flush()
    await record(session, project.legal_entity.changed(), project.tell(OrganisationUpdated, now))
    await tell_offers_again(session, project, now=now)
    await note(session, owner.member_id, project.id, "project.founded", about=project.id, siret=digits)
    return project


async def _stand_behind(session: AsyncSession, project: Organisation, siren: str, *, now: datetime) -> None:
    """The legal entity of the number: the project's own gets it, unless it is known already."""
    known = await entity_by_siren(session, siren)
    if known is None:
        project.legal_entity.siren = siren
        return
    today = day_of(now)
    told = {fact.code for fact in known.all_facts(today)}
    more = [fact for fact in project.legal_entity.all_facts(today) if fact.code not in told]
    known.state_facts([*known.all_facts(today), *more], today)
    project.legal_entity = known
