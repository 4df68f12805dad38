"""French first, English second: translations, typography, dates and numbers."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import cache, lru_cache
from io import BytesIO
from pathlib import Path
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_time
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_currency, format_decimal, get_group_symbol
from babel.support import NullTranslations, Translations
from markupsafe import Markup, escape

PARIS = ZoneInfo("Europe/Paris")
NARROW, NO_BREAK = "\u202f", "\u00a0"
SHORT = 60
TAG = re.compile(r"""(<(?:[^<>"']|"[^"]*"|'[^']*')*>)""")
UNITS = r"(?:km|kg|t|g|h|min|m²|m³|€|k€|M€|%|repas|lots?|jours?|mois|ans?|pièces?)"
BEFORE_SIGN = re.compile(r" (?=[;!?»])")
AFTER_DIGIT = re.compile(r"\d ")
BEFORE_UNIT = re.compile(rf"(?<=\d) (?={UNITS}(?!\w))")
BEFORE_THOUSAND = re.compile(r"(?<=\d) (?=\d{3}\b)")


class French(NullTranslations):
    """The language messages are written in; it counts none and one alike: « 0 structure », « 1 structure »."""

    def ngettext(self, singular: str, plural: str, num: int) -> str:
        """The singular below two."""
        return singular if num < 2 else plural

    # The name Jinja asks for first.
    ungettext = ngettext


def translations(language: str, *folders: Path) -> NullTranslations:
    """The messages of one language from every `locale` folder given, the first winning; French needs none."""
    if language == "fr":
        return French()
    merged = Translations()
    for folder in folders:
        source = folder / "locale" / language / "LC_MESSAGES" / "messages.po"
        if source.exists():
            merged.merge(_compiled(source))  # type: ignore[no-untyped-call]
    return merged


@cache
def _compiled(source: Path) -> Translations:
    # Compiled in memory: a few milliseconds at start, and no build product to forget.
    with source.open("rb") as file:
        catalogue = read_po(file, abort_invalid=True)
    compiled = BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return Translations(compiled)


def in_templates(gettext: Callable[[str], str]) -> Callable[..., Markup]:
    """What `_` is in templates: as Jinja's own, but a sentence without values is made once and not a hundred times."""

    @lru_cache(maxsize=8192)
    def pattern(sentence: str) -> Markup:
        return Markup(gettext(sentence))  # noqa: S704 - written in a template

    @lru_cache(maxsize=8192)
    def alone(sentence: str) -> Markup:
        return pattern(sentence) % {}

    def said(sentence: str, /, **values: object) -> Markup:
        return pattern(sentence) % values if values else alone(sentence)

    return said


def typo(text: object) -> Markup:
    """French spacing and apostrophes: narrow no-break space before ; ! ? and inside « », no-break before : and units.

    A plain string is escaped; in Markup (what templates' gettext returns) tags stay as they are.
    """
    if isinstance(text, str) and len(text) <= SHORT:
        return _short(text)
    return _typeset(text)


def _typeset(text: object) -> Markup:
    escaped = str(escape(text))
    # Odd parts are the tags that the pattern kept.
    parts = TAG.split(escaped) if "<" in escaped else [escaped]
    return Markup("".join(part if index % 2 else _spaced(part) for index, part in enumerate(parts)))  # noqa: S704 - escaped above


# The same labels and names stand on all pages. By type: as Markup the same words keep their tags.
_short = lru_cache(maxsize=8192, typed=True)(_typeset)


def _spaced(text: str) -> str:
    text = text.replace("&#39;", "’").replace("'", "’")
    text = BEFORE_SIGN.sub(NARROW, text)
    text = text.replace(" :", f"{NO_BREAK}:").replace("« ", f"«{NARROW}")
    # Most texts have none, which is quickly seen.
    if AFTER_DIGIT.search(text):
        text = BEFORE_THOUSAND.sub(NARROW, BEFORE_UNIT.sub(NO_BREAK, text))
    return text


def day(value: date, language: str, *, now: datetime | None = None) -> str:
    """A date for people: "demain", "vendredi 11 décembre", with the year only when it is another one."""
    today = (now or datetime.now(UTC)).astimezone(PARIS).date()
    value = value.astimezone(PARIS).date() if isinstance(value, datetime) else value
    near = {0: ("aujourd’hui", "today"), 1: ("demain", "tomorrow"), -1: ("hier", "yesterday")}
    if (value - today).days in near:
        return near[(value - today).days][0 if language == "fr" else 1]
    return spelled(value, "EEEE d MMMM" if value.year == today.year else "d MMMM y", language)


def is_past(value: date, *, now: datetime | None = None) -> bool:
    """True from the day after on, in Paris: until a day means that day included."""
    return value < (now or datetime.now(UTC)).astimezone(PARIS).date()


def full_day(value: date, language: str) -> str:
    """The same date whenever it is read, as records say it: "27 novembre 2026"."""
    value = value.astimezone(PARIS).date() if isinstance(value, datetime) else value
    return spelled(value, "d MMMM y", language)


@lru_cache(maxsize=4096)
def spelled(value: date, pattern: str, language: str) -> str:
    """A date by Babel's pattern, and the first of a month as French says it: "mardi 1er décembre"."""
    said = str(format_date(value, pattern, locale=language))
    return re.sub(r"\b1 ", "1er ", said, count=1) if language == "fr" and value.day == 1 else said


def month(value: str, language: str) -> str:
    """`2026-10` for people: "octobre 2026"."""
    return str(format_date(date.fromisoformat(f"{value}-01"), "LLLL y", locale=language))


def moment(value: datetime, language: str, *, now: datetime | None = None) -> str:
    """A date with its time for people: "hier, 17 h 05", "il y a 3 minutes"."""
    now = now or datetime.now(UTC)
    age = now - value
    if timedelta(0) <= age < timedelta(minutes=1):
        return "à l’instant" if language == "fr" else "just now"
    if timedelta(0) <= age < timedelta(hours=1):
        minutes = int(age.total_seconds() // 60)
        return f"il y a {minutes} min" if language == "fr" else f"{minutes} min ago"
    return f"{day(value, language, now=now)}, {clock(value, language)}"


def clock(value: datetime, language: str) -> str:
    """The time of day for people: "17 h 05"."""
    local = value.astimezone(PARIS)
    return str(format_time(local, "H 'h' mm" if language == "fr" else "HH:mm", locale=language))


def exact(value: date) -> str:
    """The unambiguous form for `datetime` attributes and titles."""
    return value.astimezone(PARIS).isoformat(timespec="minutes") if isinstance(value, datetime) else value.isoformat()


def number(value: Decimal | float, language: str) -> str:
    """A number as the language writes it, without needless zeros."""
    if isinstance(value, int):
        return f"{value:,}".replace(",", _between_thousands(language))
    return str(format_decimal(value, locale=language, format="#,##0.###"))


@cache
def _between_thousands(language: str) -> str:
    return str(get_group_symbol(language))


def money(cents: int, currency: str, language: str) -> str:
    """An amount of integer cents as the language writes it."""
    return str(format_currency(Decimal(cents) / 100, currency, locale=language))


def euros(cents: int | None, language: str) -> str:
    """Cents as « 15 000 € », with their decimals only where there are some; empty for none."""
    if cents is None:
        return ""
    if cents % 100:
        return money(cents, "EUR", language)
    return f"{number(cents // 100, language)}{NO_BREAK}€"
