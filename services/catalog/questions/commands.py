"""What is done with a public question: ask it, answer it, correct the answer, take it back, hide it."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.catalog.accounts.queries import wait_for_turn
from services.catalog.answers.queries import interested_in
from services.catalog.audit.actor import Actor
from services.catalog.audit.commands import note
from services.catalog.needs.models import Need
from services.catalog.organisations.queries import organisation_acting
from services.catalog.posting.commands import may_publish
from services.catalog.posting.errors import EmailUnconfirmed
from services.catalog.questions.errors import ConfirmBeforeAsking, TooManyWaiting
from services.catalog.questions.models import (
    MOST_WAITING,
    Posting,
    Question,
    QuestionState,
    refuse_own,
    refuse_questions,
)
from services.catalog.questions.queries import asked_on, question_asked_by, question_asked_of
from shared.database import new_id
from shared.database.versions import ChangedMeanwhile
from shared.events.questions import HiddenFor, QuestionEvent
from shared.messaging.outbox import record


async def ask_question(session: AsyncSession, asker: Actor, words: str, posting: Posting, *, now: datetime) -> Question:
    """Ask about a need or a flow, for all to read once it is answered.

    What an organisation asked there already is not asked again: the question that is there is given back. Raises
    `TooManyWaiting`, and what the rules refuse.
    """
    organisation = await organisation_acting(session, asker.organisation_id)
    try:
        may_publish(session, asker)
    except EmailUnconfirmed:
        raise ConfirmBeforeAsking from None
    refuse_own(posting, organisation.legal_entity_id)
    refuse_questions(posting, now)
    await wait_for_turn(session, f"question:{posting.id}:{organisation.id}")
    asked = await asked_on(session, posting, organisation.id)
    if same := next((each for each in asked if each.is_same(words)), None):
        return same
    if sum(each.state is QuestionState.ASKED for each in asked) >= MOST_WAITING:
        raise TooManyWaiting(count=MOST_WAITING)
    question = _new(asker, words, posting)
    event = question.ask(organisation.name, now)
    session.add(question)
    await _done(session, asker, question, event, "question.asked")
    return question


async def reply_to_question(
    session: AsyncSession, author: Actor, reply: str, *, question_id: UUID, now: datetime, seen: int | None = None
) -> Question:
    """Answer a question, or correct the answer; `seen` is the version that the author saw, None where it is known.

    The same answer again changes nothing.
    """
    question = await question_asked_of(session, question_id, author.organisation_id)
    if question.state is QuestionState.ANSWERED and question.reply == reply:
        return question
    _refuse_unseen(question, seen)
    event = question.answer(reply, now)
    question.replied_by = author.member_id
    interested = await interested_in(session, question.need_id) if question.need_id else ()
    others = tuple(each for each in interested if each != question.organisation_id)
    action = "question.corrected" if event.corrected else "question.answered"
    await _done(session, author, question, event.model_copy(update={"interested": others}), action)
    return question


async def withdraw_question(
    session: AsyncSession, asker: Actor, *, question_id: UUID, now: datetime, seen: int | None = None
) -> Question:
    """Take a question back before anybody answered it."""
    question = await question_asked_by(session, question_id, asker.organisation_id)
    _refuse_unseen(question, seen)
    await _done(session, asker, question, question.withdraw(now), "question.withdrawn")
    return question


async def hide_question(
    session: AsyncSession,
    author: Actor,
    reason: HiddenFor,
    *,
    question_id: UUID,
    now: datetime,
    seen: int | None = None,
) -> Question:
    """Show a question and its answer to nobody any more; whoever asked is told why."""
    question = await question_asked_of(session, question_id, author.organisation_id)
    _refuse_unseen(question, seen)
    await _done(session, author, question, question.hide(reason, now), "question.hidden", reason=reason)
    return question


def _new(asker: Actor, words: str, posting: Posting) -> Question:
    is_need = isinstance(posting, Need)
    return Question(
        id=new_id(),
        need_id=posting.id if is_need else None,
        need=posting if is_need else None,
        flow_id=None if is_need else posting.id,
        flow=None if is_need else posting,
        organisation_id=asker.organisation_id,
        asked_of=posting.organisation_id,
        version=0,
        words=words,
        reply="",
        asked_by=asker.member_id,
    )


def _refuse_unseen(question: Question, seen: int | None) -> None:
    if seen is not None and question.version != seen:
        raise ChangedMeanwhile


async def _done(
    session: AsyncSession, actor: Actor, question: Question, event: QuestionEvent, action: str, **details: str
) -> None:
    await session.flush()
    await record(session, event)
    about = {event.about_kind: str(event.about_id)}
    await note(session, actor.member_id, actor.organisation_id, action, about=question.id, **about, **details)
