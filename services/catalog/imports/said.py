"""What a posting says, in the words of the form that writes it: so that a file changes only what it speaks of."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel

from services.catalog.organisations.places import place_input
from services.catalog.posting.models import Posted
from shared.territory.place import describe

# The budget has two words in the form; the row's own are its euros.
TWICE = frozenset({"amount_cents"})


def said_by(posting: Posted, draft: type[BaseModel]) -> dict[str, Any]:
    """The values that `draft` would be read from to write this posting; what it does not say is absent."""
    said = {name: _value(posting, name) for name in draft.model_fields if name not in TWICE}
    return {name: value for name, value in said.items() if value is not None and value not in ("", [])}


def _value(posting: Posted, name: str) -> Any:
    # An offer's zones and permits are its own and its organisation's; it says its own.
    own = f"own_{name}" if hasattr(type(posting), f"own_{name}") else name
    value: Any = getattr(posting, own, None)
    match name:
        case "place":
            return place_input(value)
        case "zones":
            return [describe(zone) for zone in value]
        case _:
            return value
