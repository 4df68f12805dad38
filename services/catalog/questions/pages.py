"""The questions about a need or a flow, one question with what may be done with it, and those that wait."""

from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, FromQuery
from litestar.types import ControllerRouterHandler
from sqlalchemy.ext.asyncio import AsyncSession

from services.catalog.questions.commands import ask_question, hide_question, reply_to_question, withdraw_question
from services.catalog.questions.models import Posting, Question
from services.catalog.questions.queries import (
    asked_by,
    asked_on,
    count_waiting_for,
    count_waiting_on,
    posting_seen_by,
    question_asked_of,
    question_seen_by,
    question_taken_back,
    questions_on,
    waiting_for,
)
from services.catalog.questions.schemas import Asking, Hiding, Replying
from services.catalog.questions.view import SENTENCES, asking_of, hiding_options, path_of, question_line, question_lines
from shared.database import now_of
from shared.identity import Identity
from shared.web.asked import Asked
from shared.web.cursors import cut
from shared.web.forms import Form, kept_when_refused, read_form
from shared.web.pages import Html, Req, is_fragment, page, redirect
from shared.web.provided import Editor, Member, Now, Session, Visitor

PAGE = 20
GONE = 410


def _routes_on(path: str) -> list[HTTPRouteHandler]:
    """Reading and asking about one kind of thing; `path` is its own, such as `/needs`."""

    @get(f"{path}/{{row_id:uuid}}/questions")
    async def read(
        request: Req,
        session: Session,
        visitor: Visitor,
        *,
        row_id: FromPath[UUID],
        before: FromQuery[UUID | None] = None,
    ) -> Html:
        """What was asked and answered, and the form that asks; the page of what it is about loads it as a part."""
        posting = await posting_seen_by(session, path, row_id, visitor.organisation_id if visitor else None)
        return await _posting_page(request, session, posting, visitor, Form(), before=before)

    @post(f"{path}/{{row_id:uuid}}/questions", status_code=303)
    async def ask(request: Req, session: Session, editor: Editor, now: Now, row_id: FromPath[UUID]) -> Response[Any]:
        """Ask."""
        posting = await posting_seen_by(session, path, row_id, editor.organisation_id)
        form = await read_form(request, Asking)
        if form.data is not None:
            async with kept_when_refused(request, session, form):
                question = await ask_question(session, editor, form.data.words, posting, now=now)
        if form.errors:
            return await _posting_page(request, session, posting, editor, form)
        return redirect(request, _place_of(question), say=SENTENCES[question.state])

    return [read, ask]


@get("/questions")
async def questions_list(
    request: Req, session: Session, member: Member, *, show: FromQuery[str] = "", before: FromQuery[UUID | None] = None
) -> Html:
    """What waits for one's organisation's answer, over all its needs and flows; or what it asked itself."""
    is_asked = show == "asked"
    listed = asked_by if is_asked else waiting_for
    questions, last = cut(await listed(session, member.organisation_id, before=before, limit=PAGE + 1), PAGE)
    address = "/questions?show=asked&" if is_asked else "/questions?"
    return page(
        request,
        "questions/list.html",
        lines=question_lines(request, questions, member),
        is_asked=is_asked,
        waiting=await count_waiting_for(session, member.organisation_id),
        following=f"{address}before={last.id}" if last else None,
    )


@get("/questions/{question_id:uuid}")
async def show_question(request: Req, session: Session, visitor: Visitor, question_id: FromPath[UUID]) -> Html:
    """One question; with the form that answers it, to whoever was asked. One that was withdrawn says so to the two."""
    taken_back = await question_taken_back(session, question_id, visitor.organisation_id) if visitor else None
    if taken_back is not None:
        path, title = path_of(taken_back.about), taken_back.about.title
        return page(request, "questions/withdrawn.html", status=GONE, path_of_posting=path, title=title)
    question = await question_seen_by(session, question_id, visitor.organisation_id if visitor else None)
    return _question_page(request, question, visitor, Form())


@post("/questions/{question_id:uuid}/reply", status_code=303)
async def reply(request: Req, session: Session, editor: Editor, now: Now, question_id: FromPath[UUID]) -> Response[Any]:
    """Answer it, or correct the answer."""
    question = await question_asked_of(session, question_id, editor.organisation_id)
    form = await read_form(request, Replying)
    if form.data is not None:
        async with kept_when_refused(request, session, form):
            question = await reply_to_question(
                session, editor, form.data.reply, question_id=question_id, seen=form.version or 0, now=now
            )
    if form.errors:
        return _question_page(
            request, await question_asked_of(session, question_id, editor.organisation_id), editor, form
        )
    return redirect(request, _place_of(question), say="Réponse publiée.")


@post("/questions/{question_id:uuid}/hide", status_code=303)
async def hide(request: Req, session: Session, editor: Editor, now: Now, question_id: FromPath[UUID]) -> Response[Any]:
    """Show it to nobody any more, with the reason."""
    await question_asked_of(session, question_id, editor.organisation_id)
    form = await read_form(request, Hiding)
    if form.data is not None:
        async with kept_when_refused(request, session, form):
            await hide_question(
                session, editor, form.data.reason, question_id=question_id, seen=form.version or 0, now=now
            )
    question = await question_asked_of(session, question_id, editor.organisation_id)
    if form.errors:
        return _question_page(request, question, editor, form, hides=True)
    return redirect(request, _place_of(question), say="Question masquée. Qui l'a posée sait pourquoi.")


@post("/questions/{question_id:uuid}/withdraw", status_code=303)
async def withdraw(
    request: Req, session: Session, editor: Editor, now: Now, question_id: FromPath[UUID]
) -> Response[Any]:
    """Take it back."""
    form = await read_form(request, Asked)
    question = await withdraw_question(session, editor, question_id=question_id, seen=form.version, now=now)
    return redirect(request, f"{path_of(question.about)}/questions", say="Question retirée.")


async def _posting_page(
    request: Req,
    session: AsyncSession,
    posting: Posting,
    reader: Identity | None,
    form: Form[Asking],
    *,
    before: UUID | None = None,
) -> Html:
    organisation_id = reader.organisation_id if reader else None
    questions, last = cut(await questions_on(session, posting, organisation_id, before=before, limit=PAGE + 1), PAGE)
    own = await asked_on(session, posting, organisation_id) if organisation_id else []
    about, is_part = path_of(posting), is_fragment(request)
    return page(
        request,
        "questions/section.html" if is_part else "questions/page.html",
        status=422 if form.errors else 200,
        about=about,
        is_part=is_part,
        posting=posting,
        is_need=about.startswith("/needs"),
        lines=question_lines(request, questions, reader),
        waiting=await count_waiting_on(session, posting),
        asking=asking_of(posting, reader, own, now_of(session)),
        form=form,
        following=f"{about}/questions?before={last.id}" if last else None,
    )


def _question_page(
    request: Req, question: Question, reader: Identity | None, form: Form[Any], *, hides: bool = False
) -> Html:
    return page(
        request,
        "questions/one.html",
        status=422 if form.errors else 200,
        line=question_line(request, question, reader),
        form=form,
        hides=hides,
        reasons=hiding_options(request),
    )


def _place_of(question: Question) -> str:
    return f"{path_of(question.about)}/questions#question-{question.id}"


ROUTES: list[ControllerRouterHandler] = [
    *_routes_on("/needs"),
    *_routes_on("/flows"),
    questions_list,
    show_question,
    reply,
    hide,
    withdraw,
]
