"""What the page of preferences shows: topics by what one does, and the hours to choose from."""

from typing import Any, NamedTuple

from services.notifications.messages.kinds import KINDS, Group, TopicKind
from services.notifications.preferences.queries import Choices
from services.notifications.preferences.schemas import PreferencesForm, field_of
from services.notifications.rhythm import MIDNIGHT, Channel
from shared.web.forms import Form


class Row(NamedTuple):
    """One topic with the names of its fields; None where it has none."""

    kind: TopicKind
    live: str | None
    email: str | None


def groups() -> list[tuple[str, list[Row]]]:
    """Every topic, grouped, in the order of the table of topics."""
    return [(group.value, [_row(kind) for kind in KINDS.values() if kind.group is group]) for group in Group]


def _row(kind: TopicKind) -> Row:
    live, email = (
        field_of(channel, kind.name) if kind.offered(channel) else None for channel in (Channel.LIVE, Channel.EMAIL)
    )
    return Row(kind, live, email)


def form_of(choices: Choices) -> Form[PreferencesForm]:
    """The form, filled in with what counts now."""
    rhythms = {
        field_of(channel, kind.name): rhythm.value
        for kind in KINDS.values()
        for channel in Channel
        if (rhythm := choices.rhythm(kind, channel)) is not None
    }
    hours = choices.hours
    return Form(typed={**rhythms, "opens": hours.opens, "closes": hours.closes, "days": hours.days.value})


def hour_options(first: int, language: str) -> list[tuple[int, str]]:
    """The hours of a day from `first` on; midnight ends it."""
    last = MIDNIGHT if first else MIDNIGHT - 1
    return [(hour, f"{hour} h" if language == "fr" else f"{hour}:00") for hour in range(first, last + 1)]


def titles_of(topics: list[str], translate: Any) -> list[str]:
    """What some topics are called."""
    return [translate(KINDS[topic].title) for topic in topics]
