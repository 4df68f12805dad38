"""What happens when catalog tells what a supplier answered, or proposed, and what became of it."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.matching.db import in_order
from services.matching.learning.answers import Answer
from services.matching.learning.commands import keep_answer
from services.matching.waves.commands import ask_no_more, plan
from services.matching.waves.queries import somebody_is_left
from shared.events.answers import Answered, AnswerGiven
from shared.events.proposals import ProposalAccepted, ProposalMade, ProposalWithdrawn
from shared.messaging.handling import Handlers


async def on_answer_given(session: AsyncSession, event: AnswerGiven) -> None:
    """Keep what weights are learnt from, and count who is interested: waves stop at enough, and go on below it."""
    await in_order(session)
    answer, reason = Answer(event.answer.value), event.reason.value if event.reason else None
    await keep_answer(session, event.need_id, event.supplier_id, answer=answer, reason=reason, at=event.at)
    await ask_no_more(session, event.need_id, event.supplier_id)
    if event.before is Answered.INTERESTED and await somebody_is_left(session, event.need_id):
        await plan(session, [event.need_id])


async def on_proposal_made(session: AsyncSession, event: ProposalMade) -> None:
    """Whoever proposes is interested, and more."""
    await _keep(session, Answer.PROPOSED, event.need_id, event.supplier_id, at=event.at)
    await ask_no_more(session, event.need_id, event.supplier_id)


async def on_proposal_withdrawn(session: AsyncSession, event: ProposalWithdrawn) -> None:
    """Whoever takes a proposal back is interested still."""
    await _keep(session, Answer.INTERESTED, event.need_id, event.supplier_id, at=event.at)


async def on_proposal_accepted(session: AsyncSession, event: ProposalAccepted) -> None:
    """Nothing teaches more; a proposal that is not chosen stays the proposal that it was."""
    await _keep(session, Answer.ACCEPTED, event.need_id, event.organisation_id, at=event.at)


async def _keep(session: AsyncSession, answer: Answer, need_id: UUID, supplier_id: UUID, *, at: datetime) -> None:
    await in_order(session)
    await keep_answer(session, need_id, supplier_id, answer=answer, reason=None, at=at)


HANDLERS: Handlers = {
    AnswerGiven: on_answer_given,
    ProposalMade: on_proposal_made,
    ProposalWithdrawn: on_proposal_withdrawn,
    ProposalAccepted: on_proposal_accepted,
}
