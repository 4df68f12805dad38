"""Parameters as pages show them: by group, with the value of today, its unit, and what is still to come."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from itertools import groupby
from typing import NamedTuple

from services.catalog.parameters.definitions import Definition, Unit, definitions
from services.catalog.parameters.models import Figure, figure_of
from shared.phrases.coordination import FIGURE_UNITS, FIGURE_UNITS_ONE, PARAMETER_GROUPS
from shared.phrases.names import named
from shared.web import i18n


class Line(NamedTuple):
    """A parameter on the list; `coming` is the value that follows today's."""

    code: str
    name: str
    value: str
    figure: Figure | None
    coming: tuple[str, Figure] | None
    changes: int
    is_used: bool


class Past(NamedTuple):
    """One value of a parameter's history; `is_standing` is today's, `is_corrected` says another took its place."""

    figure: Figure
    value: str
    is_standing: bool
    is_corrected: bool
    is_coming: bool


def groups_of(figures: Sequence[Figure], today: date, language: str) -> list[tuple[str, str, list[Line]]]:
    """Code and name of each group, with its parameters."""
    return [
        (group, named(PARAMETER_GROUPS, group, language), [_line(each, figures, today, language) for each in members])
        for group, members in groupby(definitions().values(), key=lambda each: each.group)
    ]


def _line(definition: Definition, figures: Sequence[Figure], today: date, language: str) -> Line:
    own = [figure for figure in figures if figure.code == definition.code]
    standing = figure_of(own, definition.code, on=today)
    later = min((each.valid_from for each in own if each.valid_from > today), default=None)
    coming = figure_of(own, definition.code, on=later) if later else None
    return Line(
        definition.code,
        definition.name(language),
        value_words(standing.value, definition.unit, language) if standing else "",
        standing,
        (value_words(coming.value, definition.unit, language), coming) if coming else None,
        len(own),
        definition.is_used,
    )


def history_of(definition: Definition, figures: Sequence[Figure], today: date, language: str) -> list[Past]:
    """All values of a parameter, newest first."""
    standing = figure_of(figures, definition.code, on=today)
    return [
        Past(
            each,
            value_words(each.value, definition.unit, language),
            each is standing,
            figure_of(figures, definition.code, on=each.valid_from) is not each,
            each.valid_from > today,
        )
        for each in figures
    ]


def value_words(value: Decimal, unit: Unit, language: str) -> str:
    """« 20 000 € », « 5 ‰ », « 3 jours »."""
    names = FIGURE_UNITS_ONE if value == 1 else FIGURE_UNITS
    return f"{i18n.number(value, language)}{i18n.NO_BREAK}{named(names, unit, language)}"
