"""Words for what needs, flows and offers share, and their values for a form."""

from typing import Any

from pydantic import BaseModel

from services.catalog.db import Posted
from shared.events.facts import Period, Quantity, Window
from shared.phrases.names import PERIODS, named
from shared.territory.place import Place
from shared.vocabulary import unit
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


def period_words(window: Window, language: str) -> str:
    """« du 4 janvier au 30 juin 2027 »; empty when the window is open on both ends."""
    start = i18n.day(window.starts_on, language) if window.starts_on else None
    end = i18n.day(window.ends_on, language) if window.ends_on else None
    french = language == "fr"
    if start and end:
        return f"du {start} au {end}" if french else f"from {start} to {end}"
    if start:
        return f"dès {start}" if french else f"from {start}"
    return (f"jusqu’à {end}" if french else f"until {end}") if end else ""


def place_words(place: Place | None) -> str:
    """The place as people name it: its label with the commune, or the commune."""
    if place is None:
        return ""
    return (
        f"{place.label}, {place.commune_name}"
        if place.label and place.label != place.commune_name
        else place.commune_name
    )


def typed_posting(row: Posted, model: type[BaseModel]) -> dict[str, Any]:
    """A form's values from a row: codes joined, the place as it can be read back."""
    typed: dict[str, Any] = {}
    for name in model.model_fields:
        value = getattr(row, name, None)
        if name == "place":
            typed[name] = place_input(value)
        elif name in ("ewc", "cpv", "naf"):
            typed[name] = "; ".join(value or ())
        else:
            typed[name] = "" if value is None else value
    return typed


def place_input(place: Place | None) -> str:
    """The text that reads back as exactly this place."""
    if place is None:
        return ""
    return place.label or f"{place.postcode or ''} {place.commune_name}".strip()
