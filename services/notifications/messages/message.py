"""One message: what it is about, why one gets it, and the one thing to do; the same words on every channel."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from babel.support import NullTranslations

from services.notifications.messages import topics
from services.notifications.messages.topics import Words
from shared.events.reasons import Reason
from shared.phrases.reasons import say_reason
from shared.web import i18n

PACKAGE = Path(__file__).resolve().parents[1]

TOPICS: Mapping[str, Callable[[Words, Mapping[str, Any]], topics.Sentences]] = {
    "solicited": topics.solicited,
    "new-for-you": topics.new_for_you,
    "matched": topics.matched,
    "more-matched": topics.more_matched,
    "unmatched": topics.unmatched,
}


@dataclass(frozen=True)
class Message:
    """Plain text in one language; `path` is the address of the action, without a language.

    `reasons` are the strongest of the match: (icon, sentence).
    """

    title: str
    text: str
    why: str
    action: str
    path: str
    reasons: tuple[tuple[str, str], ...] = ()


def message_of(topic: str, params: Mapping[str, Any], language: str) -> Message:
    """What a topic says about `params` (a notice's own, with `about_kind` and `about_id`)."""
    said = TOPICS[topic](translations(language), params)
    return Message(
        title=_line(said.title, language),
        text=_line(said.text, language),
        why=_line(said.why, language),
        action=_line(said.action, language),
        path=path_of(params["about_kind"], params["about_id"]),
        reasons=tuple(_reasons(params.get("reasons", ()), language)),
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
    """Where a need or a flow is seen."""
    return f"/{'flows' if kind == 'flow' else 'needs'}/{demand_id}"


def _line(text: str, language: str) -> str:
    # One line, whatever somebody typed in a title: these words become headers and toasts.
    line = " ".join(text.split())
    return i18n.typo(line).unescape() if language == "fr" else line
