"""Every question asked of answers."""

from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import Select, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import contains_eager, joinedload

from services.catalog.accounts.models import Member
from services.catalog.answers.errors import AnswerUnknown
from services.catalog.answers.models import SETTLED, WANTS_IT, Answer, AnswerState
from services.catalog.needs.models import Need
from services.catalog.organisations.models import Organisation
from shared.database.versions import refuse_when_changed


class Counts(NamedTuple):
    """How many answers of each kind stand; `interested` are also those that proposed, whatever became of it."""

    interested: int = 0
    declined: int = 0
    proposed: int = 0
    accepted: int = 0


def _answers() -> Select[Answer]:
    return (
        select(Answer)
        .join(Answer.need)
        .options(
            contains_eager(Answer.need).joinedload(Need.organisation),
            joinedload(Answer.organisation).joinedload(Organisation.legal_entity),
        )
    )


async def answer_to(
    session: AsyncSession, need_id: UUID, organisation_id: UUID, *, for_update: bool = False
) -> Answer | None:
    """An organisation's answer to a need."""
    query = _answers().where(Answer.need_id == need_id, Answer.organisation_id == organisation_id)
    if for_update:
        query = query.with_for_update(of=Answer).execution_options(populate_existing=True)
    return await session.scalar(query)


async def own_answer(session: AsyncSession, answer_id: UUID, *, organisation_id: UUID) -> Answer:
    """An organisation's own answer, locked; raises `AnswerUnknown`, and when its caller has seen another version."""
    query = _answers().where(Answer.id == answer_id, Answer.organisation_id == organisation_id)
    answer = await session.scalar(query.with_for_update(of=Answer).execution_options(populate_existing=True))
    if answer is None:
        raise AnswerUnknown
    refuse_when_changed(session, answer.version)
    return answer


async def answer_seen_by(session: AsyncSession, answer_id: UUID, organisation_id: UUID) -> Answer:
    """An answer as who gave or received it may read it; raises `AnswerUnknown`."""
    theirs = or_(Answer.organisation_id == organisation_id, Need.organisation_id == organisation_id)
    answer = await session.scalar(_answers().where(Answer.id == answer_id, theirs))
    if answer is None:
        raise AnswerUnknown
    return answer


async def answers_of(
    session: AsyncSession, organisation_id: UUID, *, before: UUID | None = None, limit: int = 50
) -> Sequence[Answer]:
    """What an organisation answered, the need answered first last; `before` is the last id of the page before."""
    return await _page(session, _answers().where(Answer.organisation_id == organisation_id), before, limit)


async def answers_to(
    session: AsyncSession, need_id: UUID, *, before: UUID | None = None, limit: int = 50
) -> Sequence[Answer]:
    """What a need was answered, the newest supplier first; `before` is the last id of the page before."""
    return await _page(session, _answers().where(Answer.need_id == need_id), before, limit)


async def _page(session: AsyncSession, answers: Select[Answer], before: UUID | None, limit: int) -> Sequence[Answer]:
    if before is not None:
        answers = answers.where(Answer.id < before)
    return (await session.scalars(answers.order_by(Answer.id.desc()).limit(limit))).all()


async def answers_given_by(session: AsyncSession, member_id: UUID) -> Sequence[Answer]:
    """The answers that a member gave and nobody has changed since, the first one first; without their needs."""
    return (await session.scalars(select(Answer).where(Answer.given_by == member_id).order_by(Answer.id))).all()


async def interested_in(session: AsyncSession, need_id: UUID) -> tuple[UUID, ...]:
    """The organisations that are interested in a need, as its author may know."""
    query = select(Answer.organisation_id).where(Answer.need_id == need_id, Answer.state == AnswerState.INTERESTED)
    return tuple(await session.scalars(query.order_by(Answer.id)))


async def counts_of(session: AsyncSession, need_id: UUID) -> Counts:
    """How many are interested in a need, declined it, proposed something for it, and were chosen."""
    query = select(
        func.count().filter(Answer.state.in_(WANTS_IT)),
        func.count().filter(Answer.state == AnswerState.DECLINED),
        func.count().filter(Answer.state.in_((AnswerState.PROPOSED, *SETTLED))),
        func.count().filter(Answer.state == AnswerState.ACCEPTED),
    ).where(Answer.need_id == need_id)
    return Counts(*(await session.execute(query)).one())


async def reader_of(session: AsyncSession, member_id: UUID) -> Member | None:
    """The member that a letter was written to, whoever they are by now."""
    return await session.scalar(select(Member).where(Member.id == member_id))
