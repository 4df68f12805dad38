"""How one comes to act for an organisation: it is founded, or claimed when it is there already."""

from datetime import datetime
from typing import NamedTuple

from sqlalchemy.ext.asyncio import AsyncSession

from services.catalog.accounts.commands import add_member, found_organisation, new_account
from services.catalog.accounts.links import Asker, send_confirmation
from services.catalog.accounts.models import Account, Member
from services.catalog.accounts.queries import account_of, wait_for_turn
from services.catalog.accounts.schemas import Founding, SignUp
from services.catalog.claims.commands import ask
from services.catalog.claims.granting import stop_waiting
from services.catalog.claims.models import Claim
from services.catalog.claims.schemas import Asking
from services.catalog.organisations.commands import compact_siret
from services.catalog.organisations.models import LegalEntity, Organisation, OrganisationState
from services.catalog.organisations.queries import organisation_by_siret
from shared.database import new_id
from shared.database.acting import act
from shared.identity import Identity, Role


class Came(NamedTuple):
    """As what somebody acts from now on, and what they claimed where the establishment was there already."""

    member: Member
    claim: Claim | None = None


async def sign_up(session: AsyncSession, form: SignUp, *, asker: Asker, now: datetime) -> Came:
    """Create the account with its establishment, or with a claim to it, and ask it to answer a letter.

    Raises if the address is taken.
    """
    # A form sent twice: the second waits for the first's end, then finds what it made. Address first, then SIREN.
    account = await new_account(session, form, email=form.email, language=asker.language, now=now)
    known = await _known(session, form.siret)
    if known is None:
        came = Came(await found_organisation(session, account, form, now=now))
    else:
        member = await _wait_aside(session, account, known, now=now)
        claim = await ask(session, account, Asking(), organisation=known, by=member.id, roles=form.roles, now=now)
        came = Came(member, claim)
    await send_confirmation(session, came.member, account, asker=asker, now=now)
    return came


async def found_another(session: AsyncSession, identity: Identity, facts: Founding, *, now: datetime) -> Member | Claim:
    """Make somebody who has an account the owner of one more establishment, or claim it; as at sign-up."""
    account = await account_of(session, identity.member_id)
    known = await _known(session, facts.siret)
    if known is not None:
        by = identity.member_id
        return await ask(session, account, Asking(), organisation=known, by=by, roles=facts.roles, now=now)
    member = await found_organisation(session, account, facts, now=now)
    await stop_waiting(session, account, now=now)
    await act(session, org=member.organisation_id, member=member.id)
    return member


async def _known(session: AsyncSession, siret: str) -> Organisation | None:
    digits = compact_siret(siret)
    await wait_for_turn(session, f"siren:{digits[:9]}")
    return await organisation_by_siret(session, digits)


async def _wait_aside(session: AsyncSession, account: Account, claimed: Organisation, *, now: datetime) -> Member:
    """A place to stand in until the claim is answered: nobody's establishment, told to nobody, in no list.

    Its member is a viewer, so that nothing is written for it.
    """
    waiting = Organisation(
        id=new_id(),
        legal_entity=LegalEntity(id=new_id(), siren=None, name=claimed.name, kinds=[], version=0, created_at=now),
        siret=None,
        name=claimed.name,
        roles=[],
        permits=[],
        state=OrganisationState.WAITING,
        version=0,
        created_at=now,
        updated_at=now,
    )
    waiting.place = claimed.place
    await act(session, org=waiting.id, account=account.id)
    session.add(waiting)
    return await add_member(session, account, waiting, now=now, role=Role.VIEWER)
