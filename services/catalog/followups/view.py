"""The call log as pages show it."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import NamedTuple
from uuid import UUID

from services.catalog.followups.models import FollowUp
from shared.phrases.coordination import CONTACT_MEANS, CONTACT_RESULTS
from shared.phrases.names import named
from shared.web import i18n

ICONS = {"phone": "phone", "email": "mail", "visit": "map-pin", "meeting": "users"}


class ContactLine(NamedTuple):
    """One contact: how and with what result, when, about what (title, address), and when to call again."""

    icon: str
    words: str
    said: str
    phone: str
    at: str
    exact: str
    about: tuple[str, str] | None
    again: str
    again_exact: str
    is_due: bool


def contact_lines(
    lines: Sequence[FollowUp], titles: Mapping[UUID, tuple[str, str]], language: str, *, today: date
) -> list[ContactLine]:
    """Contacts in the order given."""
    return [_line(each, titles, language, today=today) for each in lines]


def _line(each: FollowUp, titles: Mapping[UUID, tuple[str, str]], language: str, *, today: date) -> ContactLine:
    again = each.call_back_on
    return ContactLine(
        icon=ICONS[each.means],
        words=f"{named(CONTACT_MEANS, each.means, language)}, {result_words(each, language)}",
        said=each.words,
        phone=each.phone,
        at=i18n.moment(each.noted_at, language),
        exact=i18n.exact(each.noted_at),
        about=titles.get(each.about) if each.about else None,
        again=i18n.day(again, language) if again else "",
        again_exact=i18n.exact(again) if again else "",
        is_due=again is not None and again <= today,
    )


def result_words(each: FollowUp, language: str) -> str:
    """« message laissé »."""
    words = named(CONTACT_RESULTS, each.result, language)
    return words[0].lower() + words[1:]
