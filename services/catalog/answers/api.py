"""Answers as JSON: one's own, and what one's needs received."""

from uuid import UUID

from litestar import Router, get, patch, post
from litestar.params import FromPath, JSONBody
from litestar.types import ControllerRouterHandler

from services.catalog.answers.commands import change_answer, give_answer, withdraw_answer
from services.catalog.answers.errors import NamedNeedUnknown
from services.catalog.answers.queries import answer_seen_by, answers_of, answers_to
from services.catalog.answers.schemas import AnswerOut, Answers, Reply, ReplyTo
from services.catalog.needs.errors import NeedUnknown
from services.catalog.needs.queries import need_seen_by
from shared.web.cursors import Cursor, Limit, listed, place_of
from shared.web.provided import Editor, Member, Now, Session
from shared.web.transactions import ONCE, SEEN


@get("/")
async def list_answers(session: Session, member: Member, cursor: Cursor = None, limit: Limit = 50) -> Answers:
    """What one's organisation answered, the newest need first."""
    rows = await answers_of(session, member.organisation_id, before=place_of(cursor, UUID), limit=limit + 1)
    return Answers(*listed(rows, limit, AnswerOut.of))


@get("/{answer_id:uuid}")
async def read_answer(session: Session, member: Member, answer_id: FromPath[UUID]) -> AnswerOut:
    """One answer that one's organisation gave or received."""
    return AnswerOut.of(await answer_seen_by(session, answer_id, member.organisation_id))


@post("/", dependencies=ONCE)
async def create_answer(session: Session, editor: Editor, now: Now, data: JSONBody[ReplyTo]) -> AnswerOut:
    """Answer an open need: interested, or not for one's organisation and why. Afterwards it is changed."""
    try:
        return AnswerOut.of(await give_answer(session, editor, data, need_id=data.need_id, seen=0, now=now))
    except NeedUnknown:
        raise NamedNeedUnknown from None


@patch("/{answer_id:uuid}", dependencies=SEEN)
async def update_answer(
    session: Session, editor: Editor, now: Now, answer_id: FromPath[UUID], data: JSONBody[Reply]
) -> AnswerOut:
    """Change one's mind, while the need takes answers."""
    return AnswerOut.of(await change_answer(session, editor, data, answer_id=answer_id, now=now))


@post("/{answer_id:uuid}/withdraw", status_code=200, dependencies=SEEN)
async def withdraw(session: Session, editor: Editor, now: Now, answer_id: FromPath[UUID]) -> AnswerOut:
    """Take an answer back, while the need takes answers."""
    return AnswerOut.of(await withdraw_answer(session, editor, answer_id=answer_id, now=now))


@get("/api/v1/needs/{need_id:uuid}/answers", tags=["answers"])
async def list_received(
    session: Session, member: Member, need_id: FromPath[UUID], cursor: Cursor = None, limit: Limit = 50
) -> Answers:
    """What one's own need was answered, the newest supplier first."""
    need = await need_seen_by(session, need_id, member.organisation_id)
    if need.organisation_id != member.organisation_id:
        raise NeedUnknown
    rows = await answers_to(session, need.id, before=place_of(cursor, UUID), limit=limit + 1)
    return Answers(*listed(rows, limit, AnswerOut.of))


ROUTES: list[ControllerRouterHandler] = [
    Router(
        "/api/v1/answers",
        route_handlers=[list_answers, read_answer, create_answer, update_answer, withdraw],
        tags=["answers"],
    ),
    list_received,
]
