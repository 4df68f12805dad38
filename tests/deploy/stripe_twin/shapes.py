"""Whether an object has the shape that Stripe's own client gives it: its class's annotations, read at run time."""

from __future__ import annotations

import inspect
from decimal import Decimal
from functools import cache
from typing import Any, ClassVar, ForwardRef, Literal, Union, get_args, get_origin

import stripe

# Names that the client gives to others where they are annotated.
ALIASES = {"CardResource": "Card", "DisputeResource": "Dispute", "IssuingDisputeResource": "issuing.Dispute"}


def faults(value: Any, hint: Any, where: str) -> list[str]:  # noqa: PLR0911 - one line a kind of type
    """What does not fit, in words; nothing when all fits."""
    if isinstance(hint, str | ForwardRef):
        hint = _named(hint if isinstance(hint, str) else hint.__forward_arg__)
    origin = get_origin(hint)
    if hint is Any or hint is None:
        return []
    if origin is Union:
        found = [faults(value, each, where) for each in get_args(hint)]
        # An object is judged by the class it could be; what it could not be at all says less.
        return [] if [] in found else min(found, key=lambda each: (_hopeless(each, where), len(each)))
    if origin is Literal:
        return [] if value in get_args(hint) else [f"{where}: {value!r} is none of {get_args(hint)[:6]}"]
    if origin is list:
        if not isinstance(value, list):
            return [f"{where}: {value!r} is no list"]
        return [each for number, it in enumerate(value) for each in faults(it, get_args(hint)[0], f"{where}[{number}]")]
    if inspect.isclass(origin or hint) and issubclass(origin or hint, stripe.StripeObject):
        return _of_object(value, hint, where)
    return [] if _is_plain(value, hint) else [f"{where}: {value!r} is no {hint}"]


def _hopeless(found: list[str], where: str) -> bool:
    return len(found) == 1 and found[0].startswith(f"{where}: ")


def _of_object(value: Any, hint: Any, where: str) -> list[str]:
    if not isinstance(value, dict):
        return [f"{where}: {value!r} is no object"]
    known = get_origin(hint) or hint
    if known.__name__ == "UntypedStripeObject":
        return [each for name, it in value.items() for each in faults(it, get_args(hint)[0], f"{where}.{name}")]
    inner = get_args(hint)
    fields = fields_of(known)
    # Lists say their kind as every object does, and their class does not write it down.
    others = value.keys() - fields.keys() - ({"object"} if inner else set())
    found = [f"{where}.{name}: Stripe knows no such field" for name in others]
    # A list says of what it is outside its class.
    hints = fields | ({"data": list[inner[0]]} if inner else {})  # type: ignore[valid-type]
    for name, wanted in hints.items():
        if name in value:
            found += faults(value[name], wanted, f"{where}.{name}")
        elif type(None) not in get_args(wanted):
            found.append(f"{where}.{name}: missing")
    return found


@cache
def fields_of(known: type) -> dict[str, Any]:
    """The fields that a class says its objects have."""
    found: dict[str, Any] = {}
    for each in reversed(known.__mro__):
        found |= inspect.get_annotations(each)
    return {
        name: hint
        for name, hint in found.items()
        if not name.startswith("_") and name != "OBJECT_NAME" and get_origin(hint) is not ClassVar
    }


def _named(name: str) -> Any:
    found: Any = stripe
    for part in ALIASES.get(name, name).split("."):
        found = getattr(found, part, None)
    return found


def _is_plain(value: Any, hint: Any) -> bool:
    if hint is type(None):
        return value is None
    if hint is int:
        return isinstance(value, int) and not isinstance(value, bool)
    if hint in (float, Decimal):
        return isinstance(value, int | float | str)
    return isinstance(value, hint)
