"""To whom and in which language something is said, and how its figures are written."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Literal, NamedTuple

from babel.dates import format_date
from babel.numbers import format_decimal

from shared.events.reasons import Value
from shared.vocabulary import UnitUnknown, WasteCodeUnknown, categories, period_name, unit
from shared.vocabulary import name as category_name
from shared.vocabulary.units import PERIODS
from shared.vocabulary.waste_codes import EWC

To = Literal["author", "supplier"]
Values = Mapping[str, Value]

# Units whose symbol is read aloud without trouble; the others are spelled ("repas", "heures").
SYMBOLS = frozenset({"mass", "area", "volume", "length", "money"})


class Voice(NamedTuple):
    """The author of the demand hears « son rayon », the supplier « votre rayon »."""

    language: str
    to: To

    @property
    def english(self) -> bool:
        """Any language but English is said in French."""
        return self.language.startswith("en")

    def say(self, french: str, english: str) -> str:
        """One sentence for both."""
        return english if self.english else french

    def own(self, author: tuple[str, str], supplier: tuple[str, str]) -> str:
        """(French, English) for each of the two."""
        return (author if self.to == "author" else supplier)[self.english]

    def number(self, value: Value) -> str:
        """As the language writes it; a decimal may arrive as text, as JSON carries it."""
        return str(format_decimal(Decimal(str(value)), format="#,##0.#", locale="en" if self.english else "fr"))

    def day(self, value: Value) -> str:
        """An ISO date with its year: « 1er février 2027 »."""
        said = str(format_date(date.fromisoformat(str(value)), "d MMMM y", locale="en" if self.english else "fr"))
        return f"1er{said[1:]}" if said.startswith("1 ") and not self.english else said

    def quantity(self, values: Values, name: str) -> str:
        """« 6 t par semaine »: the quantity under `name`, `<name>_unit` and `<name>_period`."""
        said = f"{self.number(values[name])} {self._unit(str(values[f'{name}_unit']), Decimal(str(values[name])))}"
        period = str(values.get(f"{name}_period", "once"))
        return said if period == "once" or period not in PERIODS else f"{said} {period_name(period, self.language)}"  # type: ignore[arg-type]

    def _unit(self, written: str, amount: Decimal) -> str:
        try:
            found = unit(written)
        except UnitUnknown:
            return written
        if found.dimension in SYMBOLS:
            return found.symbol
        plural = amount != 1 if self.english else amount >= 2
        return found.name(self.language, plural=plural)

    def category(self, value: Value) -> str:
        """A category's name without capital, to stand inside a sentence."""
        if str(value) not in categories():
            return str(value)
        named = category_name(str(value), self.language)
        return named if named[1:2].isupper() else named[:1].lower() + named[1:]

    def waste_code(self, value: Value) -> str:
        """« 16 02 13* »."""
        try:
            return str(EWC.parse(str(value)))
        except WasteCodeUnknown:
            return str(value)
