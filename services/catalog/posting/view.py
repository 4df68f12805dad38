"""Words for what needs, flows and offers share, and their values for a form."""

from collections.abc import Callable, Iterable
from datetime import date
from decimal import Decimal
from typing import Any

from pydantic import BaseModel

from services.catalog.organisations.places import place_input
from services.catalog.posting.models import Posted
from shared.events.facts import Period, Quantity, Window, plain
from shared.phrases.names import PERIODS, named
from shared.vocabulary import EWC, UnitUnknown, unit
from shared.web import i18n


def quantity_words(quantity: Quantity | None, language: str) -> str:
    """« 80 repas par mois »; empty when no quantity is given."""
    if quantity is None:
        return ""
    measured = unit(quantity.unit)
    amount = i18n.number(quantity.value, language)
    name = measured.symbol if measured.dimension == "mass" else measured.name(language, plural=quantity.value >= 2)
    rhythm = "" if quantity.period is Period.ONCE else f" {named(PERIODS, quantity.period, language)}"
    return f"{amount} {name}{rhythm}"


def measured_words(value: Decimal, written: str, language: str) -> str:
    """« 80 unités » of a unit of the vocabulary by its id; any other one as somebody typed it: « 80 repas servis »."""
    try:
        known = unit(written).id == written
    except UnitUnknown:
        known = False
    if known:
        return quantity_words(Quantity(value=value, unit=written), language)
    return f"{i18n.number(plain(value), language)} {written}"


def period_words(window: Window, language: str, *, day: Callable[[date, str], str] = i18n.day) -> str:
    """« du 4 janvier au 30 juin 2027 », « le 4 janvier »; empty when it is open on both ends. `day` says a date."""
    start = day(window.starts_on, language) if window.starts_on else None
    end = day(window.ends_on, language) if window.ends_on else None
    french = language == "fr"
    if start and start == end:
        return f"le {start}" if french else f"on {start}"
    if start and end:
        return f"du {start} au {end}" if french else f"from {start} to {end}"
    if start:
        return f"dès {start}" if french else f"from {start}"
    return (f"jusqu’à {end}" if french else f"until {end}") if end else ""


def typed_posting(row: Posted, model: type[BaseModel]) -> dict[str, Any]:
    """A form's values from a row: codes joined, the place as it can be read back."""
    typed: dict[str, Any] = {}
    for name in model.model_fields:
        value = getattr(row, name, None)
        if name == "place":
            typed[name] = place_input(value)
        elif name == "ewc":
            typed[name] = "; ".join(waste_codes(value or ()))
        elif name in ("cpv", "naf"):
            typed[name] = "; ".join(value or ())
        elif isinstance(value, Decimal):
            typed[name] = str(plain(value))
        else:
            typed[name] = "" if value is None else value
    return typed


def waste_codes(codes: Iterable[str]) -> list[str]:
    """Codes of the European list of waste as it writes them: 15 01 03, 20 01 21*."""
    return [str(EWC.parse(code)) for code in codes]
