"""What a claimant does: asks to act for an organisation, takes it back, turns to the territory."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.catalog.accounts.answers import tell_change
from services.catalog.accounts.models import Account
from services.catalog.accounts.queries import has_members, membership_of, wait_for_turn
from services.catalog.audit.commands import note
from services.catalog.claims.errors import AlreadyInTeam, ClaimsEnough
from services.catalog.claims.models import Claim, ClaimState, Way
from services.catalog.claims.queries import (
    claim_for_update,
    claim_of,
    claims_made,
    organisation_to_claim,
    owners_of,
    pending_claim,
)
from services.catalog.claims.schemas import Asking
from services.catalog.organisations.models import Organisation
from services.catalog.posting.commands import CONFIRMATION_REQUIRED
from shared.database import new_id
from shared.database.acting import act
from shared.database.versions import refuse_when_changed
from shared.events.catalog import AccountChange
from shared.identity import Identity
from shared.messaging.outbox import record

MOST_WAITING, MOST_MADE, WITHIN = 5, 10, timedelta(days=30)


async def ask(
    session: AsyncSession,
    account: Account,
    asking: Asking,
    *,
    organisation: Organisation,
    by: UUID,
    now: datetime,
    roles: Sequence[str] = (),
) -> Claim:
    """Ask to act for an organisation that is there, as the member `by` of another; asked again it is the same claim.

    Raises `NotToBeClaimed`, `AlreadyInTeam` or `ClaimsEnough`.
    """
    await wait_for_turn(session, f"claim:{account.id}")
    await act(session, org=organisation.id, account=account.id)
    found = await organisation_to_claim(session, organisation.id)
    known = await pending_claim(session, account.id, found.id)
    if known is not None:
        return known
    waiting, made = await claims_made(session, account.id, now - WITHIN)
    if waiting >= MOST_WAITING or made >= MOST_MADE:
        raise ClaimsEnough
    member = await membership_of(session, account.id, found.id)
    if member is not None and member.left_at is None:
        raise AlreadyInTeam
    claim = Claim(
        id=new_id(),
        organisation_id=found.id,
        account_id=account.id,
        way=Way.TEAM if await has_members(session, found.id) else Way.PROOF,
        state=ClaimState.PENDING,
        roles=sorted(set(roles)),
        words=asking.words,
        version=0,
        letters=0,
        code_tries=0,
        created_at=now,
    )
    session.add(claim)
    await session.flush()
    await note(session, by, found.id, "claim.asked", about=claim.id, way=claim.way)
    # Whoever has not answered a letter has none sent to others.
    if claim.way is Way.TEAM and (account.email_confirmed_at or not session.info.get(CONFIRMATION_REQUIRED)):
        await tell_team(session, claim, AccountChange.JOIN_ASKED, now=now)
    return claim


async def tell_team(session: AsyncSession, claim: Claim, change: AccountChange, *, now: datetime) -> None:
    """Write to those responsible for an organisation that somebody asks to join them."""
    for owner in await owners_of(session, claim.organisation_id):
        await tell_change(session, owner, change, now=now)
    claim.told_at = claim.told_at or now


async def withdraw_claim(
    session: AsyncSession, identity: Identity, account: Account, *, claim_id: UUID, now: datetime
) -> Claim:
    """Take one's claim back; its letter opens nothing any more."""
    claim = await own_claim(session, account, claim_id)
    refuse_when_changed(session, claim.version)
    await end_claim(session, claim, ClaimState.WITHDRAWN, now=now)
    await act(session, org=claim.organisation_id)
    await note(session, identity.member_id, claim.organisation_id, "claim.withdrawn", about=claim.id)
    return claim


async def end_claim(
    session: AsyncSession, claim: Claim, state: ClaimState, *, now: datetime, by: UUID | None = None
) -> None:
    """Give a claim its end, and have the address it was written to forgotten."""
    had_letter = claim.email is not None
    claim.end(state, now, by=by)
    await session.flush()
    if had_letter:
        await record(session, claim.reached())


async def turn_to_the_territory(
    session: AsyncSession, identity: Identity, account: Account, *, claim_id: UUID, now: datetime
) -> Claim:
    """The team has left the request unanswered: from now on a coordinator may answer it too."""
    claim = await own_claim(session, account, claim_id)
    claim.turn(now)
    await session.flush()
    await act(session, org=claim.organisation_id)
    await note(session, identity.member_id, claim.organisation_id, "claim.turned", about=claim.id)
    return claim


async def own_claim(session: AsyncSession, account: Account, claim_id: UUID) -> Claim:
    """One of a person's own claims, locked, still waiting; the transaction goes on for their account."""
    await act(session, account=account.id)
    await claim_of(session, account.id, claim_id)
    claim = await claim_for_update(session, claim_id)
    claim.must_be_pending()
    return claim
