"""What happens when catalog tells what a supplier answered."""

from sqlalchemy.ext.asyncio import AsyncSession

from services.matching.db import in_order
from services.matching.learning.answers import Answer
from services.matching.learning.commands import keep_answer
from services.matching.waves.commands import ask_no_more, plan
from services.matching.waves.queries import somebody_is_left
from shared.events.answers import Answered, AnswerGiven
from shared.messaging.handling import Handlers


async def on_answer_given(session: AsyncSession, event: AnswerGiven) -> None:
    """Keep what weights are learnt from, and count who is interested: waves stop at enough, and go on below it."""
    await in_order(session)
    answer, reason = Answer(event.answer.value), event.reason.value if event.reason else None
    await keep_answer(session, event.need_id, event.supplier_id, answer=answer, reason=reason, at=event.at)
    await ask_no_more(session, event.need_id, event.supplier_id)
    if event.before is Answered.INTERESTED and await somebody_is_left(session, event.need_id):
        await plan(session, [event.need_id])


HANDLERS: Handlers = {AnswerGiven: on_answer_given}
