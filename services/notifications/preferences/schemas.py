"""Preferences as a form and as JSON."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field, create_model

from services.notifications.messages.kinds import CHOSEN, KINDS, TopicKind
from services.notifications.messages.message import translations
from services.notifications.preferences.queries import Choices
from services.notifications.rhythm import MIDNIGHT, Channel, Days, Hours, Rhythm
from shared.web.asked import Asked

Opens = Annotated[int, Field(ge=0, lt=MIDNIGHT)]
Closes = Annotated[int, Field(gt=0, le=MIDNIGHT)]


class HoursIn(Asked):
    """When letters may come, in hours of Paris; 24 is midnight."""

    opens: Opens
    closes: Closes
    days: Days

    def hours(self) -> Hours:
        """The same, to reckon with."""
        return Hours(self.opens, self.closes, self.days)


class ChoiceIn(Asked):
    """How often one topic comes by one channel."""

    topic: Annotated[str, Field(max_length=80)]
    channel: Channel
    rhythm: Rhythm


class PreferencesIn(Asked):
    """What changes; what is not named stays."""

    choices: list[ChoiceIn] = Field(default=[], max_length=100)
    hours: HoursIn | None = None

    def chosen(self) -> dict[tuple[str, Channel], Rhythm]:
        """The rhythms by topic and channel; of two for the same, the last."""
        return {(each.topic, each.channel): each.rhythm for each in self.choices}


class TopicOut(BaseModel):
    """One topic in the reader's language; `rhythms` by channel, without those that never carry it."""

    topic: str
    title: str
    when: str = Field(description="When it comes.")
    group: str = Field(description="What one does when it comes: asked, postings, account.")
    is_fixed: bool = Field(description="Nobody may switch it off.")
    rhythms: dict[str, Rhythm]


class HoursOut(BaseModel):
    """When letters may come, in hours of Paris; 24 is midnight."""

    opens: int
    closes: int
    days: Days


class PreferencesOut(BaseModel):
    """Every topic, and the hours of letters."""

    topics: list[TopicOut]
    hours: HoursOut


def field_of(channel: Channel, topic: str) -> str:
    """The name of a form's field."""
    return f"{channel}-{topic}"


def _fields() -> dict[str, Any]:
    fields: dict[str, Any] = {}
    for kind in CHOSEN:
        # An unchecked box is not sent at all.
        fields[field_of(Channel.LIVE, kind.name)] = (Literal["at_once", "never"], "never")
        if kind.email is not None:
            fields[field_of(Channel.EMAIL, kind.name)] = (Rhythm, ...)
    return fields


class PreferencesForm(HoursIn):
    """The form, all of it: a field for each topic and channel, and the hours."""

    def chosen(self) -> dict[tuple[str, Channel], Rhythm]:
        """The rhythms by topic and channel."""
        asked = {(kind.name, channel): field_of(channel, kind.name) for kind in CHOSEN for channel in Channel}
        return {key: Rhythm(getattr(self, name)) for key, name in asked.items() if name in type(self).model_fields}


WholeForm: type[PreferencesForm] = create_model("WholeForm", __base__=PreferencesForm, **_fields())


def preferences_out(choices: Choices, language: str) -> PreferencesOut:
    """What a member chose, in words."""
    hours = HoursOut(opens=choices.hours.opens, closes=choices.hours.closes, days=choices.hours.days)
    return PreferencesOut(topics=[_topic_out(kind, choices, language) for kind in KINDS.values()], hours=hours)


def _topic_out(kind: TopicKind, choices: Choices, language: str) -> TopicOut:
    _ = translations(language).gettext
    rhythms = {channel.value: choices.rhythm(kind, channel) for channel in Channel}
    return TopicOut(
        topic=kind.name,
        title=_(kind.title),
        when=_(kind.when),
        group=kind.group.value,
        is_fixed=kind.is_fixed,
        rhythms={channel: rhythm for channel, rhythm in rhythms.items() if rhythm is not None},
    )
