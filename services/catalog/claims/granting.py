"""What a granted claim does: its claimant becomes a member, and stops waiting; a refused one is told why."""

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.catalog.accounts.answers import tell_change
from services.catalog.accounts.commands import add_member, end_sessions_acting_for
from services.catalog.accounts.models import Account, Member
from services.catalog.accounts.queries import has_members, memberships
from services.catalog.audit.commands import note
from services.catalog.claims.commands import end_claim
from services.catalog.claims.errors import TeamInPlace
from services.catalog.claims.models import Claim, ClaimState
from services.catalog.claims.queries import (
    asked_by,
    claim_for_update,
    members_to_replace,
    organisation_to_claim,
    other_claims_to_prove,
    places_to_wait_in,
)
from services.catalog.offers.commands import tell_offers_again
from services.catalog.organisations.models import Organisation
from services.catalog.organisations.proof import Proof
from shared.database.acting import act
from shared.events.catalog import AccountChange, OrganisationUpdated
from shared.events.facts import Origin
from shared.identity import Role
from shared.messaging.outbox import record


class Grounds(NamedTuple):
    """Why a claim is granted: as what, by which proof, and by whom (None: by the proof alone)."""

    role: Role = Role.OWNER
    proof: Proof | None = None
    by: UUID | None = None
    # The team in place ends: it was somebody else's.
    instead: bool = False


async def grant(session: AsyncSession, claim: Claim, grounds: Grounds, *, now: datetime) -> Member:
    """Let the claimant act for the organisation; raises `TeamInPlace` when somebody was faster, `ClaimOver`.

    INVARIANT: an organisation nobody acted for gets one owner by a proof, however many claim it at once: all wait for
    its row, then read their claim again.
    """
    await act(session, org=claim.organisation_id)
    organisation = await organisation_to_claim(session, claim.organisation_id)
    claim = await claim_for_update(session, claim.id)
    claim.must_be_pending()
    is_first = not await has_members(session, organisation.id)
    if grounds.by is None and not is_first:
        raise TeamInPlace
    _, account = await asked_by(session, claim)
    if grounds.instead:
        await _end_team(session, organisation, by=grounds.by, now=now)
    member = await add_member(session, account, organisation, now=now, role=grounds.role)
    if is_first:
        await _take_over(session, organisation, claim, now=now)
    await end_claim(session, claim, ClaimState.GRANTED, by=grounds.by, now=now)
    claim.proof = grounds.proof
    await session.flush()
    details = {"role": grounds.role.value, "proof": grounds.proof, "instead": grounds.instead}
    await note(session, grounds.by or member.id, organisation.id, "claim.granted", about=claim.id, **details)
    await tell_change(session, member, AccountChange.CLAIM_GRANTED, now=now)
    await stop_waiting(session, account, now=now)
    await act(session, org=organisation.id)
    return member


async def _take_over(session: AsyncSession, organisation: Organisation, claim: Claim, *, now: datetime) -> None:
    """What was imported is its member's word from now on; others who claimed it ask them."""
    for other in await other_claims_to_prove(session, claim):
        other.ask_the_team()
    organisation.origin = Origin.MEMBER
    organisation.roles = sorted({*organisation.roles, *claim.roles})
    await record(session, organisation.tell(OrganisationUpdated, now))
    await tell_offers_again(session, organisation, now=now)


async def _end_team(session: AsyncSession, organisation: Organisation, *, by: UUID | None, now: datetime) -> None:
    for member in await members_to_replace(session, organisation.id):
        await record(session, *member.leave(now))
        await session.flush()
        await end_sessions_acting_for(session, member, by=by or member.id, now=now)
        await note(session, by, organisation.id, "member.removed", about=member.id)


async def stop_waiting(session: AsyncSession, account: Account, *, now: datetime) -> None:
    """The person has an organisation: the place they waited in ends, and its sessions."""
    await act(session, account=account.id)
    for place in await places_to_wait_in(session, account.id):
        await act(session, org=place.organisation_id, member=place.id)
        await record(session, *place.leave(now))
        await session.flush()
        await end_sessions_acting_for(session, place, by=place.id, now=now)


async def refuse(session: AsyncSession, claim: Claim, words: str, *, by: UUID, now: datetime) -> None:
    """Say no, with words that are passed on as they are."""
    await act(session, org=claim.organisation_id)
    claim = await claim_for_update(session, claim.id)
    claim.reply = words
    await end_claim(session, claim, ClaimState.REFUSED, by=by, now=now)
    await note(session, by, claim.organisation_id, "claim.refused", about=claim.id)
    _, account = await asked_by(session, claim)
    for member in (await memberships(session, account.id))[:1]:
        await tell_change(session, member, AccountChange.CLAIM_REFUSED, now=now, of=claim.organisation_id)
