"""What a need's author decides about proposals: one is chosen, or several for their parts, and others are not."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.catalog.answers.models import AnswerState
from services.catalog.audit.actor import Actor
from services.catalog.needs.queries import need_for_update
from services.catalog.organisations.queries import organisation_acting
from services.catalog.proposals.commands import answer_under, note_about
from services.catalog.proposals.errors import (
    ChosenReasonMissing,
    DecisionNamesAuthor,
    NeedTakesNoProposals,
    NotChosenReasonMissing,
)
from services.catalog.proposals.models import Proposal, ProposalState
from services.catalog.proposals.queries import received_proposal, waiting_proposals
from services.catalog.proposals.schemas import Choice, Refused
from services.catalog.questions.models import hides_author, names
from shared.database.versions import ChangedMeanwhile
from shared.events.proposals import NotChosen
from shared.messaging.outbox import record


async def accept_proposal(
    session: AsyncSession, buyer: Actor, choice: Choice, *, proposal_id: UUID, now: datetime, seen: int | None = None
) -> Proposal:
    """Choose a proposal, for good, with a reason that is kept; chosen again, nothing happens.

    `seen` is the version that its reader saw, None where it is known: what was revised meanwhile is read first.
    """
    await organisation_acting(session, buyer.organisation_id)
    proposal = await received_proposal(session, proposal_id, organisation_id=buyer.organisation_id)
    if proposal.state is ProposalState.ACCEPTED:
        return proposal
    _refuse_unseen(proposal, seen)
    if choice.reason is None:
        raise ChosenReasonMissing
    # A need that ends at this moment ends before or after, and not between.
    need = await need_for_update(session, proposal.need_id, organisation_id=buyer.organisation_id)
    if not need.is_open:
        raise NeedTakesNoProposals
    proposal.organisation.may_be_bound()
    proposal.refuse_settled()
    answer = await answer_under(session, proposal)
    event = proposal.accept(choice.reason, choice.words, answer.follow(AnswerState.ACCEPTED, now))
    proposal.decided_by = buyer.member_id
    await session.flush()
    await record(session, event)
    await note_about(session, buyer, proposal, "proposal.accepted", reason=choice.reason)
    return proposal


async def reject_proposal(
    session: AsyncSession, buyer: Actor, refused: Refused, *, proposal_id: UUID, now: datetime, seen: int | None = None
) -> Proposal:
    """Choose a proposal not, and tell its supplier why; told once, nothing more happens."""
    proposal = await received_proposal(session, proposal_id, organisation_id=buyer.organisation_id)
    if proposal.state is ProposalState.REJECTED:
        return proposal
    _refuse_unseen(proposal, seen)
    await _reject(session, buyer, proposal, refused, now)
    return proposal


async def reject_the_others(
    session: AsyncSession, buyer: Actor, refused: Refused, *, need_id: UUID, now: datetime
) -> int:
    """Tell everybody who waits that they are not chosen, with one reason; returns how many there were."""
    left = await waiting_proposals(session, need_id, organisation_id=buyer.organisation_id)
    for proposal in left:
        await _reject(session, buyer, proposal, refused, now)
    return len(left)


async def end_proposal(session: AsyncSession, machine: Actor, proposal: Proposal, now: datetime) -> None:
    """Choose a proposal not because its need has ended."""
    await _reject(session, machine, proposal, Refused(reason=NotChosen.NEED_ENDED), now)


async def _reject(session: AsyncSession, buyer: Actor, proposal: Proposal, refused: Refused, now: datetime) -> None:
    proposal.refuse_settled()
    if refused.reason is None:
        raise NotChosenReasonMissing
    author = proposal.need.organisation
    if hides_author(proposal.need) and any(
        names(refused.words, each) for each in (author.name, author.legal_entity.name)
    ):
        raise DecisionNamesAuthor
    answer = await answer_under(session, proposal)
    event = proposal.reject(refused.reason, refused.words, answer.follow(AnswerState.REJECTED, now))
    proposal.decided_by = buyer.member_id
    await session.flush()
    await record(session, event)
    await note_about(session, buyer, proposal, "proposal.rejected", reason=refused.reason)


def _refuse_unseen(proposal: Proposal, seen: int | None) -> None:
    if seen is not None and proposal.version != seen:
        raise ChangedMeanwhile
