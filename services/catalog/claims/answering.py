"""What others answer to a claim: the team it asks, and a coordinator."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.catalog.accounts.models import Member
from services.catalog.accounts.queries import account_of
from services.catalog.claims.errors import ClaimantUnconfirmed, OwnClaim, ProofOfClaimMissing, ReasonMissing
from services.catalog.claims.granting import Grounds, grant, refuse
from services.catalog.claims.models import Claim
from services.catalog.claims.queries import asked_by, claim_for_the_territory, request_to
from services.catalog.claims.schemas import Accepting, Answer, Decision, Declining
from services.catalog.posting.commands import CONFIRMATION_REQUIRED
from shared.database.acting import act
from shared.identity import Identity, Role


async def accept_request(
    session: AsyncSession, owner: Identity, accepting: Accepting, *, claim_id: UUID, now: datetime
) -> Member:
    """Let somebody who asked join the team; the caller lets owners only come here."""
    claim = await request_to(session, owner.organisation_id, claim_id)
    await _must_be_confirmed(session, claim)
    grounds = Grounds(role=Role(accepting.role), by=owner.member_id)
    return await grant(session, claim, grounds, now=now)


async def decline_request(
    session: AsyncSession, owner: Identity, declining: Declining, *, claim_id: UUID, now: datetime
) -> None:
    """Say no to somebody who asked; raises `ReasonMissing`."""
    claim = await request_to(session, owner.organisation_id, claim_id)
    if not declining.words:
        raise ReasonMissing
    await refuse(session, claim, declining.words, by=owner.member_id, now=now)


async def decide(
    session: AsyncSession, coordinator: Identity, decision: Decision, *, claim_id: UUID, now: datetime
) -> None:
    """A coordinator's answer, with what convinced them or why not."""
    claim, _ = await claim_for_the_territory(session, claim_id)
    claim.must_be_pending()
    if (await account_of(session, coordinator.member_id)).id == claim.account_id:
        raise OwnClaim
    if decision.answer is Answer.REFUSED:
        if not decision.words:
            raise ReasonMissing
        await refuse(session, claim, decision.words, by=coordinator.member_id, now=now)
        return
    if decision.proof is None:
        raise ProofOfClaimMissing
    await _must_be_confirmed(session, claim)
    instead = decision.answer is Answer.INSTEAD
    grounds = Grounds(proof=decision.proof, by=coordinator.member_id, instead=instead)
    await grant(session, claim, grounds, now=now)


async def _must_be_confirmed(session: AsyncSession, claim: Claim) -> None:
    await act(session, org=claim.organisation_id)
    _, account = await asked_by(session, claim)
    if session.info.get(CONFIRMATION_REQUIRED) and account.email_confirmed_at is None:
        raise ClaimantUnconfirmed
