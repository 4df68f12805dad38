"""One letter that gathers several notices: what asks something first, then what is about one's own."""

from collections.abc import Mapping, Sequence
from typing import Any

from services.notifications.messages.kinds import KINDS
from services.notifications.messages.topics import Sentences, Words

DIGEST = "digest"
# More is a list nobody reads; the inbox has the rest.
SHOWN = 20
ORDER = list(KINDS)


def in_order(notices: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """By topic, as the preferences list them, and newest first inside one, as they come; of an answer the last word."""
    heard = set[str]()
    known = [each for each in notices if each["topic"] in KINDS and _is_last_word(each, heard)]
    return sorted(known, key=lambda each: ORDER.index(each["topic"]))


def _is_last_word(notice: Mapping[str, Any], heard: set[str]) -> bool:
    """False for what a newer notice of the same answer takes the place of."""
    answer_id = notice.get("answer_id")
    is_last = answer_id not in heard
    if answer_id is not None:
        heard.add(answer_id)
    return is_last


def digest(words: Words, *, first: str, total: int) -> Sentences:
    """What a letter says that begins with the title `first` and holds `total` notices."""
    _, others = words.gettext, total - 1
    title = words.ngettext(
        "{first}, et {others} autre nouvelle", "{first}, et {others} autres nouvelles", others
    ).format(first=first, others=others)
    beyond = total - SHOWN
    text = (
        words.ngettext("Et {beyond} autre, dans votre boîte.", "Et {beyond} autres, dans votre boîte.", beyond).format(
            beyond=beyond
        )
        if beyond > 0
        else _("Chacune reste dans votre boîte.")
    )
    return Sentences(
        title if others > 0 else first,
        text,
        _("Vous recevez ceci en une seule lettre parce que vos préférences regroupent ces nouvelles."),
        _("Voir toutes vos notifications"),
    )
