"""The few rhythms a form offers, and the RFC 5545 rules they stand for; and how a rule is said. Pure."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Literal

from babel.dates import format_date

from services.catalog.flows.recurrence import WEEKDAYS

Rhythm = Literal["once", "weekly", "fortnightly", "monthly", "rule"]

_WEEKLY = re.compile(r"FREQ=WEEKLY(?P<two>;INTERVAL=2)?(?:;BYDAY=(?P<days>[A-Z]{2}(?:,[A-Z]{2})*))?")
_MONTHLY = re.compile(r"FREQ=MONTHLY(?:;BYMONTHDAY=(?P<day>-1|\d{1,2}))?")
_A_MONDAY = date(2024, 1, 1)


@dataclass(frozen=True)
class Choice:
    """What a person chose; `month_day` is 1 to 31, or -1 for the last."""

    rhythm: Rhythm
    weekdays: Sequence[str] = field(default=())
    month_day: int | None = None

    def rule(self) -> str | None:
        """Its rule; None for what happens once."""
        if self.rhythm in ("weekly", "fortnightly"):
            days = ",".join(day for day in WEEKDAYS if day in self.weekdays)
            interval = ";INTERVAL=2" if self.rhythm == "fortnightly" else ""
            return f"FREQ=WEEKLY{interval}" + (f";BYDAY={days}" if days else "")
        if self.rhythm == "monthly":
            return "FREQ=MONTHLY" + (f";BYMONTHDAY={self.month_day}" if self.month_day else "")
        return None


def choice_of(rule: str | None) -> Choice:
    """The choice that makes a rule; `rule` when none of the simple ones does."""
    if rule is None:
        return Choice("once")
    if found := _WEEKLY.fullmatch(rule):
        return Choice("fortnightly" if found["two"] else "weekly", tuple((found["days"] or "").split(",")))
    if found := _MONTHLY.fullmatch(rule):
        return Choice("monthly", month_day=int(found["day"]) if found["day"] else None)
    return Choice("rule")


def weekday_name(code: str, language: str) -> str:
    """« lundi » for MO."""
    return str(format_date(_A_MONDAY + timedelta(days=WEEKDAYS.index(code)), "EEEE", locale=language))


def rhythm_words(rule: str | None, language: str) -> str:
    """« Chaque jeudi », « Le dernier jour du mois »; a rule no simple choice makes is shown as it is."""
    choice, french = choice_of(rule), language == "fr"
    days = (" et " if french else " and ").join(weekday_name(day, language) for day in choice.weekdays if day)
    match choice.rhythm:
        case "once":
            return "Une fois" if french else "Once"
        case "weekly":
            return (f"Chaque {days or 'semaine'}") if french else f"Every {days or 'week'}"
        case "fortnightly":
            every = "Une semaine sur deux" if french else "Every other week"
            return f"{every}, {'le ' if french else 'on '}{days}" if days else every
        case "monthly":
            return _monthly_words(choice.month_day, french=french)
        case _:
            return rule or ""


def _monthly_words(day: int | None, *, french: bool) -> str:
    if day is None:
        return "Chaque mois" if french else "Every month"
    if day == -1:
        return "Le dernier jour du mois" if french else "The last day of the month"
    return f"Le {'1er' if day == 1 else day} du mois" if french else f"On day {day} of the month"
