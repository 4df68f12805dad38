"""One message: what it is about, why one gets it, and the one thing to do; the same words on every channel."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple
from uuid import UUID

from babel.support import NullTranslations

from services.notifications.messages.digest import DIGEST, SHOWN, digest, in_order
from services.notifications.messages.kinds import SAYS
from shared.events.reasons import Reason
from shared.phrases.reasons import say_reason
from shared.web import i18n

PACKAGE = Path(__file__).resolve().parents[1]
INBOX = "/notifications/"
# The topic of what one was asked: matching keeps why.
ASKED = "solicited"
# The topic of what the other side of an exchange wrote.
WRITTEN_TO = "messaged"
# Where each kind of thing that a notice is about has its page.
PATHS = {
    "agreement": "/agreements",
    "settlement": "/payments",
    "flow": "/flows",
    "offer": "/offers",
    "gift": "/gifts",
    "webhook": "/notifications/webhooks",
    "application": "/calls/applications",
    "call": "/calls",
    "campaign": "/campaigns",
    "pledge": "/pledges",
    "exchange": "/exchanges",
    "proposal": "/proposals",
    "site": "/organisation/sites",
    "question": "/questions",
    "taking": "/takings",
    "subscription": "/subscriptions",
}
# A page below that of the thing itself.
BELOW = {"answers": "/answers", "proposals": "/proposals"}
# What every organisation has one page of, its own.
OWN_PATHS = {
    "status": "/organisation/statuses",
    "permit": "/organisation",
    "eligibility": "/organisation/eligibility",
    "mandate": "/payments/mandates",
}


class Line(NamedTuple):
    """One notice inside a letter that gathers several."""

    title: str
    text: str
    path: str
    need_id: UUID | None = None


@dataclass(frozen=True)
class Message:
    """Plain text in one language; `path` is the address of the action, without a language.

    `reasons` are the strongest of the match: (icon, sentence). A message with a `link_id` has no path yet: the channel
    makes the link's address, so that its secret is nowhere but in what leaves. `is_personal` when no inbox holds it. A
    letter that gathers several notices has them as `lines`. `history` leads to the whole of why one was asked. One
    with a `need_id` asks whether that need is for its reader: a letter has links that answer it. `answers` is the
    message of an exchange that a letter tells of, and that one may answer by e-mail.
    """

    title: str
    text: str
    why: str
    action: str
    path: str
    reasons: tuple[tuple[str, str], ...] = ()
    link_id: UUID | None = None
    is_personal: bool = False
    lines: tuple[Line, ...] = ()
    history: str | None = None
    need_id: UUID | None = None
    answers: UUID | None = None


def message_of(topic: str, params: Mapping[str, Any], language: str) -> Message:
    """What a topic says about `params`: a notice's own with `about_kind` and `about_id`, or a personal letter's.

    A digest's are its `notices`.
    """
    if topic == DIGEST:
        return _digest(params["notices"], language)
    is_notice = "about_kind" in params
    said = SAYS[topic](translations(language), {**params, "language": language})
    return Message(
        title=_line(said.title, language),
        text=_line(said.text, language),
        why=_line(said.why, language),
        action=_line(said.action, language),
        path=path_of(params["about_kind"], params["about_id"]) if is_notice else params.get("path", ""),
        reasons=tuple(_reasons(params.get("reasons", ()), language)),
        link_id=UUID(params["link_id"]) if "link_id" in params else None,
        is_personal=not is_notice,
        history=f"/matching/demands/{params['about_id']}/history" if topic == ASKED else None,
        need_id=UUID(params["about_id"]) if topic == ASKED and _is_answered_here(params) else None,
        answers=UUID(params["message_id"]) if topic == WRITTEN_TO and "message_id" in params else None,
    )


def _is_answered_here(params: Mapping[str, Any]) -> bool:
    """False for a flow, and for a formal tender, which is answered on its buyer's platform."""
    return params["about_kind"] == "need" and not params.get("public_tender")


def _digest(notices: Sequence[Mapping[str, Any]], language: str) -> Message:
    told = [message_of(each["topic"], each, language) for each in in_order(notices)]
    said = digest(translations(language), first=told[0].title, total=len(told))
    return Message(
        title=_line(said.title, language),
        text=_line(said.text, language),
        why=_line(said.why, language),
        action=_line(said.action, language),
        path=INBOX,
        lines=tuple(Line(each.title, each.text, each.path, each.need_id) for each in told[:SHOWN]),
    )


def _reasons(told: Iterable[Mapping[str, Any]], language: str) -> Iterator[tuple[str, str]]:
    for each in told:
        # A reason whose values an older matching wrote otherwise must not hide the whole notice.
        with suppress(LookupError, ValueError, TypeError, ArithmeticError):
            icon, sentence = say_reason(Reason.model_validate(each), language, to="supplier")
            yield icon, _line(sentence, language)


@cache
def translations(language: str) -> NullTranslations:
    """The messages of a language."""
    return i18n.translations(language, PACKAGE)


def path_of(kind: str, demand_id: object) -> str:
    """Where what a notice is about is seen."""
    return OWN_PATHS.get(kind) or f"{PATHS.get(kind, '/needs')}/{demand_id}{BELOW.get(kind, '')}"


def _line(text: str, language: str) -> str:
    # One line, whatever somebody typed in a title: these words become headers and toasts.
    line = " ".join(text.split())
    return i18n.typo(line).unescape() if language == "fr" else line
