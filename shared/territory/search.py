"""Suggestions while a place is typed: communes and neighbourhoods by name or postcode, most populated first."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from shared.territory.handmade import neighbourhoods_by_name
from shared.territory.names import fold, without_article
from shared.territory.tables import Commune, Tables, tables

# « fenouillet 31 », « 31150 fen »: a department or the beginning of a postcode, before or after the name.
_CODE = re.compile(r"^(?:(?P<before>\d{1,5}|2[ab])\b ?)?(?P<name>.*?)(?: ?\b(?P<after>\d{2,5}|2[ab]))?$")
MOST_NEIGHBOURHOODS = 3


@dataclass(frozen=True, slots=True)
class Suggestion:
    """`text` is what the field takes, and what `resolve` reads back as exactly this place."""

    text: str
    postcodes: tuple[str, ...]
    commune: Commune


def search(text: str, limit: int = 8) -> list[Suggestion]:
    """The best completions of what has been typed; nothing for nothing."""
    match = _CODE.match(fold(text))
    if match is None or limit < 1:
        return []
    name, code = match["name"].strip(), match["before"] or match["after"] or ""
    if not name and not code:
        return []
    found: dict[str, Suggestion] = {}
    for suggestion in _candidates(tables(), name, code):
        found.setdefault(suggestion.text, suggestion)
        if len(found) == limit:
            break
    return list(found.values())


def _candidates(places: Tables, name: str, code: str) -> Iterator[Suggestion]:
    """The name itself, neighbourhoods, names that begin so, names with a word that begins so."""
    if not name:
        yield from (_of_row(places, row, code) for row in places.code_lines.matching(f" {code}"))
        return
    yield from _named(places, f"\n{name}\n", code)
    if not code:
        yield from islice(_neighbourhoods(places, name), MOST_NEIGHBOURHOODS)
    yield from _named(places, f"\n{name}", code)
    yield from _named(places, f" {name}", code)


def _named(places: Tables, part: str, code: str) -> Iterator[Suggestion]:
    for row in places.name_lines.matching(part):
        if not code or f" {code}" in places.codes_of_rows[row]:
            yield _of_row(places, row, code)


def _of_row(places: Tables, row: int, code: str) -> Suggestion:
    """« Fenouillet (31) », as a name is unique in its department; « 31150 Fenouillet » when its postcode is typed."""
    commune = places.commune(row)
    if code and code != commune.department.code.casefold():
        typed = next((postcode for postcode in commune.postcodes if postcode.startswith(code)), None)
        if typed:
            return Suggestion(f"{typed} {commune.name}", commune.postcodes, commune)
    return Suggestion(f"{commune.name} ({commune.department.code})", commune.postcodes, commune)


def _neighbourhoods(places: Tables, name: str) -> Iterator[Suggestion]:
    for key, neighbourhood in neighbourhoods_by_name().items():
        row = places.rows_by_code.get(neighbourhood.commune_code)
        if row is not None and key.startswith(without_article(name)):
            commune = places.commune(row)
            yield Suggestion(f"{neighbourhood.name} ({commune.name})", commune.postcodes, commune)
