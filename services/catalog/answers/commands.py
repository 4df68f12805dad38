"""What a supplier does with its answer to a need: gives it, changes it, takes it back."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.catalog.accounts.queries import wait_for_turn
from services.catalog.answers.errors import (
    AnsweredAlready,
    ConfirmBeforeAnswering,
    NeedTakesNoAnswers,
    OwnNeed,
    SocialEconomyOnly,
    TenderAnsweredElsewhere,
)
from services.catalog.answers.letters import LetterHolder
from services.catalog.answers.models import Answer, AnswerState
from services.catalog.answers.queries import answer_to, own_answer
from services.catalog.answers.schemas import Reply
from services.catalog.audit.actor import Actor
from services.catalog.audit.commands import note
from services.catalog.needs.models import Need
from services.catalog.needs.queries import need_seen_by
from services.catalog.organisations.models import Organisation, OrganisationRole
from services.catalog.organisations.queries import organisation_acting
from services.catalog.posting.commands import may_publish
from services.catalog.posting.errors import EmailUnconfirmed
from shared.clock import day_of
from shared.database import new_id
from shared.database.versions import ChangedMeanwhile
from shared.messaging.outbox import record


async def give_answer(
    session: AsyncSession, giver: Actor, reply: Reply, *, need_id: UUID, seen: int, now: datetime
) -> Answer:
    """Say what an organisation thinks of a need; `seen` is the version of its answer that the giver saw, 0 for none.

    The same answer again changes nothing, however often it is sent. Raises `ChangedMeanwhile` when a colleague was
    faster, `AnsweredAlready` when none was seen, and what the rules refuse.
    """
    need, supplier = await need_and_supplier(session, giver, need_id)
    refuse_who_may_not_answer(need, supplier, now)
    await wait_to_answer(session, need, supplier)
    answer = await answer_or_none_yet(session, need, supplier, now)
    if not answer.version:
        if seen:
            raise ChangedMeanwhile
    elif _says_so_already(answer, giver, reply):
        return answer
    elif answer.version != seen:
        raise ChangedMeanwhile if seen else AnsweredAlready
    return await _given(session, giver, answer, reply, now)


async def change_answer(session: AsyncSession, giver: Actor, reply: Reply, *, answer_id: UUID, now: datetime) -> Answer:
    """Change one's mind about an answer that is there."""
    answer = await own_answer(session, answer_id, organisation_id=giver.organisation_id)
    refuse_who_may_not_answer(*await need_and_supplier(session, giver, answer.need_id), now)
    if answer.says(reply.state, reply.why, reply.note):
        return answer
    return await _given(session, giver, answer, reply, now)


async def withdraw_answer(
    session: AsyncSession, giver: Actor, *, answer_id: UUID, now: datetime, seen: int | None = None
) -> Answer:
    """Take an answer back while its need is open; `seen` is the version that the giver saw, None where it is known."""
    answer = await own_answer(session, answer_id, organisation_id=giver.organisation_id)
    if seen is not None and answer.version != seen:
        raise ChangedMeanwhile
    if not answer.need.takes_answers(day_of(now)):
        raise NeedTakesNoAnswers
    event = answer.withdraw(now)
    _sign(answer, giver)
    await session.flush()
    await record(session, event)
    details = {"need": str(answer.need_id), **_by(giver)}
    await note(session, giver.member_id, giver.organisation_id, "answer.withdrawn", about=answer.id, **details)
    return answer


def _says_so_already(answer: Answer, giver: Actor, reply: Reply) -> bool:
    """True where nothing changes; a letter does not show a colleague's note, so an empty one takes none away."""
    is_unseen = isinstance(giver, LetterHolder) and answer.letter_id != giver.letter_id
    return answer.says(reply.state, reply.why, answer.note if is_unseen and not reply.note else reply.note)


def refuse_who_may_not_answer(need: Need, supplier: Organisation, now: datetime) -> None:
    """Raise why this organisation does not answer this need here and now."""
    if supplier.legal_entity_id == need.organisation.legal_entity_id:
        raise OwnNeed
    if OrganisationRole.ESS not in supplier.roles:
        raise SocialEconomyOnly
    if not need.takes_answers(day_of(now)):
        raise NeedTakesNoAnswers
    if need.public_tender:
        raise TenderAnsweredElsewhere


async def need_and_supplier(session: AsyncSession, giver: Actor, need_id: UUID) -> tuple[Need, Organisation]:
    """A need and who answers it; raises what its giver or their organisation may not."""
    need = await need_seen_by(session, need_id, giver.organisation_id)
    supplier = await organisation_acting(session, giver.organisation_id)
    need.organisation.may_be_bound()
    _refuse_unconfirmed(session, giver)
    return need, supplier


async def wait_to_answer(session: AsyncSession, need: Need, supplier: Organisation) -> None:
    """Let one transaction at a time say something new for a supplier about a need."""
    await wait_for_turn(session, f"answer:{need.id}:{supplier.id}")


async def answer_or_none_yet(session: AsyncSession, need: Need, supplier: Organisation, now: datetime) -> Answer:
    """A supplier's answer to a need, locked; where there is none, one of version 0 that is not kept yet."""
    return await answer_to(session, need.id, supplier.id, for_update=True) or _first(need, supplier, now)


def _refuse_unconfirmed(session: AsyncSession, giver: Actor) -> None:
    try:
        may_publish(session, giver)
    except EmailUnconfirmed:
        raise ConfirmBeforeAnswering from None


def _first(need: Need, supplier: Organisation, now: datetime) -> Answer:
    return Answer(
        id=new_id(),
        need_id=need.id,
        need=need,
        organisation_id=supplier.id,
        organisation=supplier,
        state=AnswerState.WITHDRAWN,
        version=0,
        note="",
        created_at=now,
        given_at=now,
    )


async def _given(session: AsyncSession, giver: Actor, answer: Answer, reply: Reply, now: datetime) -> Answer:
    event = answer.give(reply.state, reply.why, reply.note, now)
    _sign(answer, giver)
    session.add(answer)
    await session.flush()
    await record(session, event)
    details = {"need": str(answer.need_id), "reason": answer.reason, **_by(giver)}
    action = f"answer.{answer.state.value}"
    await note(session, giver.member_id, giver.organisation_id, action, about=answer.id, **details)
    return answer


def _sign(answer: Answer, giver: Actor) -> None:
    # A letter is forwarded: who of its readers pressed, nobody has shown.
    if isinstance(giver, LetterHolder):
        answer.given_by, answer.letter_id = None, giver.letter_id
    else:
        answer.given_by, answer.letter_id = giver.member_id, None


def _by(giver: Actor) -> dict[str, str]:
    """By which letter, if by one; the line names the member it was written to."""
    return {"letter": str(giver.letter_id)} if isinstance(giver, LetterHolder) else {}
