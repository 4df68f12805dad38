"""The link of a letter that asks: a page that says what will be answered and for whom, and the button that does it."""

from typing import Any, NamedTuple
from urllib.parse import urlencode
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath, FromQuery
from pydantic import ValidationError
from sqlalchemy.ext.asyncio import AsyncSession

from services.catalog.answers.commands import give_answer, refuse_who_may_not_answer
from services.catalog.answers.errors import AnswerLinkUnknown, NeedTakesNoAnswers
from services.catalog.answers.letters import LetterHolder, holder_of
from services.catalog.answers.models import AnswerState
from services.catalog.answers.queries import answer_to
from services.catalog.answers.schemas import LetterHeld
from services.catalog.answers.sent import Sent, sent_declined, sent_interested
from services.catalog.answers.view import SENTENCES, own_line, reason_options, typed_answer
from services.catalog.needs.errors import NeedUnknown
from services.catalog.needs.models import Need
from services.catalog.needs.queries import need_seen_by
from services.catalog.organisations.models import Organisation
from services.catalog.organisations.places import place_words
from shared.clock import day_of
from shared.database import now_of
from shared.refusal import Refusal
from shared.web.forms import Form, kept_when_refused, read_form
from shared.web.pages import Html, Req, gettext, page, redirect
from shared.web.provided import Session

PATH = "/answers/letters/{letter_id:uuid}"
# When its page says that it is over: gone, and with it whatever the link was good for.
GONE = 410


class Opened(NamedTuple):
    """What a letter opens: one need, for one organisation; `held` is what its address says."""

    holder: LetterHolder
    organisation: Organisation
    need: Need
    letter_id: UUID
    held: LetterHeld


@get(PATH)
async def show_letter(
    request: Req,
    session: Session,
    *,
    letter_id: FromPath[UUID],
    need: FromQuery[str] = "",
    reader: FromQuery[str] = "",
    key: FromQuery[str] = "",
    answer: FromQuery[str] = "interested",
) -> Html:
    """What would be answered, for whom; nothing is done yet, since scanners of mail servers follow links too."""
    held = _held(need, reader, key)
    try:
        opened = await _open(request, session, letter_id, held)
    except Refusal as refusal:
        return _over_page(request, refusal, letter_id, held)
    return await _letter_page(request, session, opened, Form(), declines=answer == AnswerState.DECLINED)


@post(PATH + "/interested", status_code=303)
async def be_interested_by_letter(request: Req, session: Session, letter_id: FromPath[UUID]) -> Response[Any]:
    """Interested, for the organisation that the letter was written to."""
    return await _answer(request, session, await sent_interested(request), letter_id=letter_id)


@post(PATH + "/declined", status_code=303)
async def decline_by_letter(request: Req, session: Session, letter_id: FromPath[UUID]) -> Response[Any]:
    """Not for the organisation that the letter was written to, with the reason."""
    return await _answer(request, session, await sent_declined(request), letter_id=letter_id)


async def _answer(request: Req, session: AsyncSession, sent: Sent, *, letter_id: UUID) -> Response[Any]:
    form, reply, declines = sent
    held = (await read_form(request, LetterHeld)).data
    try:
        opened = await _open(request, session, letter_id, held)
    except Refusal as refusal:
        return _over_page(request, refusal, letter_id, held)
    if reply is not None:
        async with kept_when_refused(request, session, form):
            seen, now = form.version or 0, now_of(session)
            await give_answer(session, opened.holder, reply, need_id=opened.need.id, seen=seen, now=now)
    if reply is None or form.errors:
        return await _letter_page(request, session, opened, form, declines=declines)
    return redirect(request, _address(letter_id, opened.held), say=SENTENCES[reply.state])


def _address(letter_id: UUID, held: LetterHeld, *, declines: bool = False) -> str:
    said = {**dict(held), "answer": "declined"} if declines else dict(held)
    return f"/answers/letters/{letter_id}?{urlencode(said)}"


def _held(need: str, reader: str, key: str) -> LetterHeld | None:
    """None for an address that a mail program cut in two."""
    try:
        return LetterHeld.model_validate({"need": need, "reader": reader, "key": key})
    except ValidationError:
        return None


async def _open(request: Req, session: AsyncSession, letter_id: UUID, held: LetterHeld | None) -> Opened:
    if held is None:
        raise AnswerLinkUnknown
    holder, organisation = await holder_of(session, request.app.state.link_keys, letter_id, held)
    need = await need_seen_by(session, held.need, holder.organisation_id)
    refuse_who_may_not_answer(need, organisation, now_of(session))
    return Opened(holder, organisation, need, letter_id, held)


async def _letter_page(request: Req, session: AsyncSession, opened: Opened, form: Form[Any], *, declines: bool) -> Html:
    need, organisation = opened.need, opened.organisation
    given = await answer_to(session, need.id, organisation.id)
    # A letter is forwarded: it shows the words that came with it, and not what a colleague wrote on the need's page.
    is_own = given is not None and given.letter_id == opened.letter_id
    answer = page(
        request,
        "answers/letter.html",
        status=422 if form.errors else 200,
        form=form if form.errors else Form(typed=typed_answer(given if is_own else None)),
        need=need,
        organisation=organisation,
        place=place_words(need.place),
        given=own_line(request, given, day_of(now_of(session))) if given else None,
        is_free=given is None or given.is_free,
        says_why=is_own,
        reasons=reason_options(request, need),
        declines=declines,
        same_page=_address(opened.letter_id, opened.held, declines=declines),
        letter_id=opened.letter_id,
        held=opened.held,
    )
    answer.headers["cache-control"] = "no-store"
    return answer


def _over_page(request: Req, refusal: Refusal, letter_id: UUID, held: LetterHeld | None) -> Html:
    is_over, is_cut = isinstance(refusal, NeedTakesNoAnswers), isinstance(refusal, AnswerLinkUnknown)
    return page(
        request,
        "answers/over.html",
        status=GONE if is_over else refusal.status,
        words=gettext(request, refusal.sentence),
        is_over=is_over,
        is_cut=is_cut,
        same_page=_address(letter_id, held) if held else None,
        # Whatever else was refused, its key was right, and the need is there for all to see.
        need_id=held.need if held and not is_cut and not isinstance(refusal, NeedUnknown) else None,
    )


ROUTES = [show_letter, be_interested_by_letter, decline_by_letter]
