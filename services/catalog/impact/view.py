"""What came of exchanges as pages and files show it."""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import NamedTuple
from uuid import UUID

from services.catalog.impact.models import Entry, Exchange
from services.catalog.impact.queries import Total, Way
from shared.events.facts import Level, plain
from shared.events.impact import POINTS, Measure
from shared.phrases.dealings import BASES
from shared.phrases.impact import MEASURES, METHODS, RULES
from shared.phrases.names import LEVELS, named
from shared.web import i18n
from shared.web.pages import Req, gettext
from shared.web.visit import visit_of

TONNE = Decimal(1000)
HEADINGS = (
    "Échange",
    "Confirmé le",
    "Avec",
    "Mesure",
    "Traitement",
    "Valeur",
    "Bas",
    "Haut",
    "Unité",
    "Fondé sur",
    "Méthode",
    "Source",
    "Version",
    "Adresse",
)


class Shown(NamedTuple):
    """One sum: its name, its figure with its range, over how many exchanges, and how it came about."""

    name: str
    figure: str
    range: str
    note: str


class Line(NamedTuple):
    """One confirmed exchange: its page, with whom, when, and what it counts for."""

    path: str
    title: str
    other: str
    day: str
    figures: list[str]


class Source(NamedTuple):
    """How a kind of figure came about: its method, and the sources of what it was multiplied by."""

    name: str
    method: str
    sources: list[str]


def amount_words(measure: str, value: Decimal | None, language: str) -> str:
    """« 1,2 t », « 340 kg CO2e », « 1 200,00 € », « 14 h »; empty for what has no weight."""
    if value is None:
        return ""
    if measure == Measure.MONEY:
        return i18n.money(int(value), "EUR", language)
    if measure in (Measure.MASS, Measure.CO2E):
        is_heavy = abs(value) >= TONNE
        of = " CO2e" if measure == Measure.CO2E else ""
        return f"{i18n.number(value / TONNE if is_heavy else value, language)} {'t' if is_heavy else 'kg'}{of}"
    return i18n.number(value, language) + (" h" if measure in (Measure.HOURS, Measure.INSERTION) else "")


def range_words(request: Req, measure: str, low: Decimal | None, high: Decimal | None) -> str:
    """« entre 0,7 t et 7,1 t »; empty where a figure has none."""
    if low is None or high is None:
        return ""
    language = visit_of(request).language
    between = gettext(request, "entre {low} et {high}")
    return between.format(low=amount_words(measure, low, language), high=amount_words(measure, high, language))


def periods_of(request: Req, years: Iterable[int]) -> list[tuple[str, str]]:
    """Years and their months, the latest first, as a form offers them."""
    language = visit_of(request).language
    months = [(year, [f"{year}-{month:02}" for month in range(12, 0, -1)]) for year in years]
    return [
        each for year, own in months for each in ((str(year), str(year)), *((m, i18n.month(m, language)) for m in own))
    ]


def sums_of(request: Req, totals: Sequence[Total]) -> list[Shown]:
    """Masses by level and together, CO2e, euros, hours: what there is of them; what is not said is told so."""
    by_level = [_shown(request, each) for each in _of(totals, Measure.MASS)]
    whole = _together(_of(totals, Measure.MASS))
    rest = [_together(_of(totals, each)) for each in list(Measure)[1:5]]
    first = [_shown(request, whole)] if whole and len(by_level) > 1 else []
    return [*first, *by_level, *(_shown(request, each) for each in rest if each is not None)]


def points_of(request: Req, totals: Sequence[Total]) -> list[Shown]:
    """The eight points, each with how many exchanges count for it and by which rule; those without any as well."""
    language, found = visit_of(request).language, {each.measure: each for each in totals}
    return [
        Shown(named(MEASURES, point, language), _count(request, found.get(point)), "", named(RULES, point, language))
        for point in POINTS
    ]


def sources_of(request: Req, ways: Iterable[Way]) -> list[Source]:
    """How figures came about, each method once; the points say their rules themselves."""
    language = visit_of(request).language
    said: dict[tuple[Measure, str], set[str]] = {}
    for each in ways:
        if each.measure not in POINTS:
            sources = said.setdefault((each.measure, each.method), set())
            sources |= {f"{each.source} ({each.source_version})"} if each.source else set()
    order = sorted(said, key=lambda each: (list(Measure).index(each[0]), each[1]))
    return [
        Source(named(MEASURES, measure, language), named(METHODS, method, language), sorted(said[measure, method]))
        for measure, method in order
    ]


def line_of(request: Req, exchange: Exchange, organisation_id: UUID) -> Line:
    """An exchange as one of its two reads it."""
    return Line(
        path=exchange.path,
        title=exchange.title,
        other=exchange.other_than(organisation_id).name,
        day=i18n.full_day(exchange.confirmed_on, visit_of(request).language),
        figures=lines_of(request, exchange),
    )


def lines_of(request: Req, exchange: Exchange) -> list[str]:
    """What an exchange counts for, one line a figure and the points together; what has no factor says so."""
    language, entries = visit_of(request).language, {each.measure: each for each in exchange.entries}
    lines = [_entry_words(request, entries[each], exchange) for each in list(Measure)[:5] if each in entries]
    if Measure.MASS in entries and Measure.CO2E not in entries:
        lines.append(gettext(request, "CO2e évité : pas encore de facteur pour cette matière et ce traitement"))
    points = [named(MEASURES, each, language) for each in POINTS if each in entries]
    return [*lines, *([", ".join(points)] if points else [])]


def row_of(entry: Entry, organisation_id: UUID, address: str) -> list[str]:
    """One entry as a line of a file, numbers with a comma."""
    exchange = entry.exchange
    return [
        exchange.title,
        exchange.confirmed_on.isoformat(),
        exchange.other_than(organisation_id).name,
        named(MEASURES, entry.measure, "fr"),
        named(LEVELS, entry.level, "fr") if entry.level else "",
        *(_number(each) for each in (entry.value, entry.low, entry.high)),
        entry.unit,
        named(BASES, entry.basis, "fr") if entry.basis else "",
        named(METHODS, entry.method, "fr"),
        entry.source,
        entry.source_version,
        address + exchange.path,
    ]


def _entry_words(request: Req, entry: Entry, exchange: Exchange) -> str:
    language = visit_of(request).language
    if entry.measure is Measure.MASS and entry.value is None:
        counted = exchange.facts.counted
        said = f"{i18n.number(counted.value, language)} {counted.unit}" if counted else ""
        return gettext(request, "{quantity}, sans poids connu").format(quantity=said)
    name = named(LEVELS, entry.level, language) if entry.measure is Measure.MASS and entry.level else ""
    words = f"{name or named(MEASURES, entry.measure, language)} : {amount_words(entry.measure, entry.value, language)}"
    span = range_words(request, entry.measure, entry.low, entry.high)
    return f"{words} ({span})" if span else words


def _of(totals: Sequence[Total], measure: Measure) -> list[Total]:
    order = {level.value: place for place, level in enumerate(Level)}
    return sorted((each for each in totals if each.measure == measure), key=lambda each: order.get(each.level or "", 9))


def _together(parts: Sequence[Total]) -> Total | None:
    """The parts that say their figure, added up; one that says none where none does."""
    said = [each for each in parts if each.value is not None]
    if not said:
        return parts[0] if parts else None
    low, high = ([getattr(each, name) for each in said] for name in ("low", "high"))
    return Total(
        measure=said[0].measure,
        level=None,
        value=sum((each.value or Decimal(0) for each in said), Decimal(0)),
        low=None if None in low else sum(low, Decimal(0)),
        high=None if None in high else sum(high, Decimal(0)),
        exchanges=sum(each.exchanges or 0 for each in said),
    )


def _shown(request: Req, total: Total) -> Shown:
    language = visit_of(request).language
    name = named(LEVELS, total.level, language) if total.level and total.measure == Measure.MASS else ""
    return Shown(
        name or named(MEASURES, total.measure, language),
        amount_words(total.measure, total.value, language) or gettext(request, "non dit : moins de trois structures"),
        range_words(request, total.measure, total.low, total.high),
        "",
    )


def _count(request: Req, total: Total | None) -> str:
    if total is None:
        return "0"
    if total.exchanges is None:
        return gettext(request, "non dit : moins de trois structures")
    return i18n.number(Decimal(total.exchanges), visit_of(request).language)


def _number(value: Decimal | None) -> str:
    return "" if value is None else f"{plain(value):f}".replace(".", ",")
