"""Every question asked of the public questions."""

from collections.abc import Sequence
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import joinedload

from services.catalog.flows.models import Flow, FlowState
from services.catalog.flows.queries import flow_seen_by
from services.catalog.needs.models import Need, NeedState
from services.catalog.needs.queries import need_seen_by
from services.catalog.organisations.models import Organisation
from services.catalog.questions.errors import QuestionUnknown
from services.catalog.questions.models import Posting, Question, QuestionState, is_over
from shared.database.versions import refuse_when_changed

Query = TypeVar("Query", bound=Select[Any])

READ_BY_AUTHOR = (QuestionState.ASKED, QuestionState.HIDDEN)


def _questions() -> Select[Question]:
    return select(Question).options(
        joinedload(Question.need).joinedload(Need.organisation).joinedload(Organisation.legal_entity),
        joinedload(Question.flow).joinedload(Flow.organisation).joinedload(Organisation.legal_entity),
    )


def _shown_to(organisation_id: UUID | None) -> ColumnElement[bool]:
    """What an organisation reads: what is answered, what it asked itself, and what it was asked."""
    if organisation_id is None:
        return Question.state == QuestionState.ANSWERED
    return or_(
        Question.state == QuestionState.ANSWERED,
        and_(Question.organisation_id == organisation_id, Question.state != QuestionState.WITHDRAWN),
        and_(Question.asked_of == organisation_id, Question.state.in_(READ_BY_AUTHOR)),
    )


def _about(posting: Posting) -> ColumnElement[bool]:
    return (Question.need_id if isinstance(posting, Need) else Question.flow_id) == posting.id


async def posting_seen_by(session: AsyncSession, path: str, row_id: UUID, organisation_id: UUID | None) -> Posting:
    """A need or a flow, by where its pages are, as a visitor may see it."""
    if path == "/needs":
        return await need_seen_by(session, row_id, organisation_id)
    return await flow_seen_by(session, row_id, organisation_id)


async def questions_on(
    session: AsyncSession, posting: Posting, organisation_id: UUID | None, *, before: UUID | None = None, limit: int
) -> Sequence[Question]:
    """What is shown of a need's or a flow's questions, the newest first; `before` is the last id of the page before."""
    return await _page(session, _questions().where(_about(posting), _shown_to(organisation_id)), before, limit)


async def question_seen_by(session: AsyncSession, question_id: UUID, organisation_id: UUID | None) -> Question:
    """A question as a visitor may read it; raises `QuestionUnknown`."""
    found = await session.scalar(_questions().where(Question.id == question_id, _shown_to(organisation_id)))
    return _known(found)


async def question_taken_back(session: AsyncSession, question_id: UUID, organisation_id: UUID) -> Question | None:
    """A question that was withdrawn, for whoever asked it or was told of it; what it said is nobody's any more."""
    between = or_(Question.asked_of == organisation_id, Question.organisation_id == organisation_id)
    withdrawn = (Question.id == question_id, Question.state == QuestionState.WITHDRAWN)
    return await session.scalar(_questions().where(*withdrawn, between))


async def question_asked_by(session: AsyncSession, question_id: UUID, organisation_id: UUID) -> Question:
    """An organisation's own question, locked; raises `QuestionUnknown`, and when another version was seen."""
    return await _locked(session, question_id, Question.organisation_id == organisation_id)


async def question_asked_of(session: AsyncSession, question_id: UUID, organisation_id: UUID) -> Question:
    """A question that is this organisation's to answer, locked; raises the same."""
    asked = and_(Question.asked_of == organisation_id, Question.state != QuestionState.WITHDRAWN)
    return await _locked(session, question_id, asked)


async def asked_on(session: AsyncSession, posting: Posting, organisation_id: UUID) -> Sequence[Question]:
    """Everything that an organisation asked about a need or a flow, the first first."""
    own = _questions().where(_about(posting), Question.organisation_id == organisation_id)
    return (await session.scalars(own.order_by(Question.id))).all()


async def asked_by(
    session: AsyncSession, organisation_id: UUID, *, before: UUID | None = None, limit: int
) -> Sequence[Question]:
    """What an organisation asked and did not take back, the newest first."""
    own = and_(Question.organisation_id == organisation_id, Question.state != QuestionState.WITHDRAWN)
    return await _page(session, _questions().where(own), before, limit)


async def waiting_for(
    session: AsyncSession, organisation_id: UUID, *, before: UUID | None = None, limit: int
) -> Sequence[Question]:
    """What waits for an organisation's answer over all its needs and flows, the newest first."""
    return await _page(session, _waiting(_questions(), organisation_id), before, limit)


async def count_waiting_for(session: AsyncSession, organisation_id: UUID) -> int:
    """How many questions wait for an organisation's answer."""
    return await session.scalar(_waiting(select(func.count()).select_from(Question), organisation_id)) or 0


async def count_waiting_on(session: AsyncSession, posting: Posting) -> int:
    """How many questions about a need or a flow wait, whoever asked them: the one thing that others know of those."""
    if is_over(posting):
        return 0
    return await session.scalar(select(func.questions_waiting(posting.id))) or 0


async def questions_written_by(session: AsyncSession, member_id: UUID) -> Sequence[Question]:
    """What a member asked or answered, the first first; without what it is about."""
    written = or_(Question.asked_by == member_id, Question.replied_by == member_id)
    return (await session.scalars(select(Question).where(written).order_by(Question.id))).all()


def _waiting(query: Query, organisation_id: UUID) -> Query:
    of_needs = Question.need_id.in_(select(Need.id).where(Need.state == NeedState.PUBLISHED))
    of_flows = Question.flow_id.in_(select(Flow.id).where(Flow.state.in_((FlowState.PUBLISHED, FlowState.PAUSED))))
    return query.where(
        Question.asked_of == organisation_id, Question.state == QuestionState.ASKED, or_(of_needs, of_flows)
    )


async def _page(
    session: AsyncSession, questions: Select[Question], before: UUID | None, limit: int
) -> Sequence[Question]:
    if before is not None:
        questions = questions.where(Question.id < before)
    return (await session.scalars(questions.order_by(Question.id.desc()).limit(limit))).all()


async def _locked(session: AsyncSession, question_id: UUID, whose: ColumnElement[bool]) -> Question:
    query = _questions().where(Question.id == question_id, whose)
    question = _known(
        await session.scalar(query.with_for_update(of=Question).execution_options(populate_existing=True))
    )
    refuse_when_changed(session, question.version)
    return question


def _known(question: Question | None) -> Question:
    if question is None:
        raise QuestionUnknown
    return question
