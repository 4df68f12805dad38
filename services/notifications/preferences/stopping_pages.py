"""One click in a letter ends letters like it (RFC 8058): no account is needed, a GET only shows, a POST acts."""

from uuid import UUID

from litestar import get, post
from litestar.params import FromPath, FromQuery

from services.notifications.preferences.commands import letter_shown, stop_letters, stoppable
from services.notifications.preferences.errors import LetterUnknown
from services.notifications.preferences.queries import LetterLeft
from services.notifications.preferences.view import titles_of
from shared.identity import LinkKeys
from shared.web.pages import Html, Req, gettext, page
from shared.web.provided import Now, Session

STOP = "/notifications/unsubscribe/{delivery_id:uuid}"


@get(STOP)
async def show_stop(
    request: Req, session: Session, now: Now, *, delivery_id: FromPath[UUID], key: FromQuery[str] = ""
) -> Html:
    """What would stop, and the button that stops it: scanners of mail servers follow links too."""
    try:
        letter = await letter_shown(session, delivery_id, is_ours=_is_ours(request, delivery_id, key), now=now)
    except LetterUnknown as refusal:
        return page(request, "preferences/stop_over.html", status=refusal.status)
    return _stop_page(request, letter, delivery_id, key, is_done=False)


# The letter's key is the proof: a mail program has neither cookie nor token, and nobody else has the key.
@post(STOP, status_code=200, csrf_exempt=True)
async def stop(
    request: Req, session: Session, now: Now, *, delivery_id: FromPath[UUID], key: FromQuery[str] = ""
) -> Html:
    """Stop it; the answer is no redirect, which mail programs would not follow."""
    try:
        letter = await letter_shown(session, delivery_id, is_ours=_is_ours(request, delivery_id, key), now=now)
    except LetterUnknown as refusal:
        return page(request, "preferences/stop_over.html", status=refusal.status)
    await stop_letters(session, letter, now=now)
    return _stop_page(request, letter, delivery_id, key, is_done=True)


def _is_ours(request: Req, delivery_id: UUID, key: str) -> bool:
    keys: LinkKeys = request.app.state.link_keys
    return keys.stops(delivery_id, key)


def _stop_page(request: Req, letter: LetterLeft, delivery_id: UUID, key: str, *, is_done: bool) -> Html:
    titles = titles_of(stoppable(letter), lambda sentence: gettext(request, sentence))
    return page(request, "preferences/stop.html", titles=titles, delivery_id=delivery_id, key=key, is_done=is_done)


ROUTES = [show_stop, stop]
