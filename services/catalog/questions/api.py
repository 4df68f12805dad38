"""Public questions as JSON: about one need or flow, one's own, and those that wait for one's answer."""

from collections.abc import Sequence
from uuid import UUID

from litestar import Router, get, post
from litestar.params import FromPath, FromQuery, JSONBody
from litestar.types import ControllerRouterHandler
from sqlalchemy.ext.asyncio import AsyncSession

from services.catalog.flows.errors import FlowUnknown
from services.catalog.needs.errors import NeedUnknown
from services.catalog.questions.commands import ask_question, hide_question, reply_to_question, withdraw_question
from services.catalog.questions.errors import NamedPostingUnknown
from services.catalog.questions.models import Posting, Question
from services.catalog.questions.queries import (
    asked_by,
    count_waiting_on,
    posting_seen_by,
    question_seen_by,
    questions_on,
    waiting_for,
)
from services.catalog.questions.schemas import (
    AskingAbout,
    Hiding,
    PublicQuestions,
    QuestionOut,
    Questions,
    Replying,
)
from shared.identity import Identity
from shared.web.cursors import Cursor, Limit, listed, place_of
from shared.web.provided import Editor, Member, Now, Session, Visitor
from shared.web.transactions import ONCE, SEEN


@get("/")
async def list_questions(
    session: Session, member: Member, *, asked: FromQuery[bool] = False, cursor: Cursor = None, limit: Limit = 50
) -> Questions:
    """What waits for one's organisation's answer, or with `asked` what it asked itself, the newest first."""
    wanted = asked_by if asked else waiting_for
    rows = await wanted(session, member.organisation_id, before=place_of(cursor, UUID), limit=limit + 1)
    return Questions(*_paged(rows, limit, member))


@get("/{question_id:uuid}")
async def read_question(session: Session, visitor: Visitor, question_id: FromPath[UUID]) -> QuestionOut:
    """One question: public once answered, before that of who asked and who is asked."""
    reader = visitor.organisation_id if visitor else None
    return QuestionOut.of(await question_seen_by(session, question_id, reader), reader)


@post("/", dependencies=ONCE)
async def create_question(session: Session, editor: Editor, now: Now, data: JSONBody[AskingAbout]) -> QuestionOut:
    """Ask about an open need or flow; what one's organisation asked there already is answered as it is."""
    posting = await _named(session, data, editor.organisation_id)
    question = await ask_question(session, editor, data.words, posting, now=now)
    return QuestionOut.of(question, editor.organisation_id)


@post("/{question_id:uuid}/reply", status_code=200, dependencies=SEEN)
async def reply(
    session: Session, editor: Editor, now: Now, question_id: FromPath[UUID], data: JSONBody[Replying]
) -> QuestionOut:
    """Answer a question about one's need or flow, or correct the answer."""
    question = await reply_to_question(session, editor, data.reply, question_id=question_id, now=now)
    return QuestionOut.of(question, editor.organisation_id)


@post("/{question_id:uuid}/hide", status_code=200, dependencies=SEEN)
async def hide(
    session: Session, editor: Editor, now: Now, question_id: FromPath[UUID], data: JSONBody[Hiding]
) -> QuestionOut:
    """Hide a question that is abusive or names someone."""
    question = await hide_question(session, editor, data.reason, question_id=question_id, now=now)
    return QuestionOut.of(question, editor.organisation_id)


@post("/{question_id:uuid}/withdraw", status_code=200, dependencies=SEEN)
async def withdraw(session: Session, editor: Editor, now: Now, question_id: FromPath[UUID]) -> QuestionOut:
    """Take a question back before it is answered."""
    question = await withdraw_question(session, editor, question_id=question_id, now=now)
    return QuestionOut.of(question, editor.organisation_id)


@get("/api/v1/needs/{need_id:uuid}/questions", tags=["questions"])
async def list_on_need(
    session: Session, visitor: Visitor, need_id: FromPath[UUID], cursor: Cursor = None, limit: Limit = 50
) -> PublicQuestions:
    """The questions about a need, the newest first."""
    return await _listed(session, visitor, "/needs", need_id, cursor=cursor, limit=limit)


@get("/api/v1/flows/{flow_id:uuid}/questions", tags=["questions"])
async def list_on_flow(
    session: Session, visitor: Visitor, flow_id: FromPath[UUID], cursor: Cursor = None, limit: Limit = 50
) -> PublicQuestions:
    """The questions about a flow, the newest first."""
    return await _listed(session, visitor, "/flows", flow_id, cursor=cursor, limit=limit)


async def _listed(
    session: AsyncSession, visitor: Identity | None, path: str, row_id: UUID, *, cursor: str | None, limit: int
) -> PublicQuestions:
    reader = visitor.organisation_id if visitor else None
    posting = await posting_seen_by(session, path, row_id, reader)
    rows = await questions_on(session, posting, reader, before=place_of(cursor, UUID), limit=limit + 1)
    return PublicQuestions(*_paged(rows, limit, visitor), await count_waiting_on(session, posting))


def _paged(rows: Sequence[Question], limit: int, reader: Identity | None) -> tuple[list[QuestionOut], str | None]:
    own = reader.organisation_id if reader else None
    return listed(rows, limit, lambda each: QuestionOut.of(each, own))


async def _named(session: AsyncSession, asking: AskingAbout, reader: UUID) -> Posting:
    field, path = ("flow_id", "/flows") if asking.flow_id else ("need_id", "/needs")
    named = asking.flow_id or asking.need_id
    try:
        return await posting_seen_by(session, path, named, reader)  # type: ignore[arg-type] # one of them is
    except (NeedUnknown, FlowUnknown):
        raise NamedPostingUnknown(field) from None


ROUTES: list[ControllerRouterHandler] = [
    Router(
        "/api/v1/questions",
        route_handlers=[list_questions, read_question, create_question, reply, hide, withdraw],
        tags=["questions"],
    ),
    list_on_need,
    list_on_flow,
]
