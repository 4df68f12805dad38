"""A supplier's answers and their forms, and what a need's author received."""

from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath, FromQuery
from sqlalchemy.ext.asyncio import AsyncSession

from services.catalog.answers.commands import give_answer, withdraw_answer
from services.catalog.answers.errors import AnswerUnknown
from services.catalog.answers.models import AnswerState
from services.catalog.answers.queries import answer_to, answers_of, answers_to
from services.catalog.answers.schemas import Interested
from services.catalog.answers.sent import Sent, sent_declined, sent_interested
from services.catalog.answers.view import (
    SENTENCES,
    may_answer,
    own_line,
    reason_options,
    received_line,
    typed_answer,
)
from services.catalog.needs.errors import NeedUnknown
from services.catalog.needs.models import Need
from services.catalog.needs.queries import need_seen_by
from shared.clock import day_of
from shared.database import now_of
from shared.identity import Identity
from shared.web.cursors import cut
from shared.web.forms import Form, kept_when_refused, read_form
from shared.web.pages import Html, Req, page, redirect
from shared.web.provided import Editor, Member, Now, Session

PAGE = 100


@get("/answers")
async def own_answers(request: Req, session: Session, member: Member, before: FromQuery[UUID | None] = None) -> Html:
    """What one's organisation answered."""
    answers, last = cut(await answers_of(session, member.organisation_id, before=before, limit=PAGE + 1), PAGE)
    today = day_of(now_of(session))
    following = f"/answers?before={last.id}" if last else None
    lines = [own_line(request, each, today) for each in answers]
    return page(request, "answers/own.html", lines=lines, following=following)


@get("/needs/{need_id:uuid}/answers")
async def received_answers(
    request: Req, session: Session, member: Member, *, need_id: FromPath[UUID], before: FromQuery[UUID | None] = None
) -> Html:
    """What one's own need was answered, who is interested first."""
    need = await need_seen_by(session, need_id, member.organisation_id)
    if need.organisation_id != member.organisation_id:
        raise NeedUnknown
    answers, last = cut(await answers_to(session, need.id, before=before, limit=PAGE + 1), PAGE)
    address = f"/needs/{need_id}/answers"
    lines = [received_line(request, each) for each in answers]
    return page(
        request,
        "answers/received.html",
        need=need,
        takes=need.takes_answers(day_of(now_of(session))),
        groups=[[line for line in lines if line.answer.state is state] for state in AnswerState],
        again=f"{address}?before={before}" if before else address,
        following=f"{address}?before={last.id}" if last else None,
    )


@get("/needs/{need_id:uuid}/answer")
async def answer_form(request: Req, session: Session, editor: Editor, need_id: FromPath[UUID]) -> Html:
    """The choice, with what was answered so far."""
    need = await need_seen_by(session, need_id, editor.organisation_id)
    answer = await answer_to(session, need_id, editor.organisation_id)
    return await _form_page(request, session, editor, need, Form(typed=typed_answer(answer)))


@post("/needs/{need_id:uuid}/interested", status_code=303)
async def be_interested(request: Req, session: Session, editor: Editor, need_id: FromPath[UUID]) -> Response[Any]:
    """One click: interested."""
    return await _answer(request, session, editor, await sent_interested(request), need_id=need_id)


@post("/needs/{need_id:uuid}/declined", status_code=303)
async def decline(request: Req, session: Session, editor: Editor, need_id: FromPath[UUID]) -> Response[Any]:
    """Not for this organisation, with the reason."""
    return await _answer(request, session, editor, await sent_declined(request), need_id=need_id)


@post("/needs/{need_id:uuid}/answer/withdraw", status_code=303)
async def withdraw(request: Req, session: Session, editor: Editor, now: Now, need_id: FromPath[UUID]) -> Response[Any]:
    """Take the answer back."""
    form = await read_form(request, Interested)
    answer = await answer_to(session, need_id, editor.organisation_id)
    if answer is None:
        raise AnswerUnknown
    await withdraw_answer(session, editor, answer_id=answer.id, seen=form.version, now=now)
    return redirect(request, f"/needs/{need_id}", say="Réponse retirée.")


async def _answer(request: Req, session: AsyncSession, editor: Identity, sent: Sent, *, need_id: UUID) -> Response[Any]:
    form, reply, declines = sent
    if reply is not None:
        async with kept_when_refused(request, session, form):
            now = now_of(session)
            await give_answer(session, editor, reply, need_id=need_id, seen=form.version or 0, now=now)
    if reply is None or form.errors:
        need = await need_seen_by(session, need_id, editor.organisation_id)
        return await _form_page(request, session, editor, need, form, declines=declines)
    return redirect(request, f"/needs/{need_id}", say=SENTENCES[reply.state])


async def _form_page(
    request: Req, session: AsyncSession, editor: Identity, need: Need, form: Form[Any], *, declines: bool = False
) -> Html:
    answer, today = await answer_to(session, need.id, editor.organisation_id), day_of(now_of(session))
    return page(
        request,
        "answers/form.html",
        status=422 if form.errors else 200,
        need=need,
        form=form,
        declines=declines,
        given=own_line(request, answer, today) if answer else None,
        may_answer=may_answer(need, editor, today) and need.organisation_id != editor.organisation_id,
        is_free=answer is None or answer.is_free,
        reasons=reason_options(request, need),
    )


ROUTES = [own_answers, received_answers, answer_form, be_interested, decline, withdraw]
