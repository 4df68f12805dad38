"""Reads what a caller sent by the parameter types of Stripe's own client: another name or type is refused."""

from __future__ import annotations

import re
import sys
import types
from collections.abc import Mapping
from decimal import Decimal
from functools import lru_cache
from typing import Any, Literal, NotRequired, Required, Union, get_args, get_origin, get_type_hints
from urllib.parse import parse_qsl

from typing_extensions import is_typeddict

from deploy.stripe_twin.errors import Refusal

# Names that the client's modules know while types are checked only.
ABSENT = {"StripeContext": Any, "UntypedStripeObject": dict, "Mapping": dict}
# Options of a request, which the client sends as headers.
OPTIONS = {"api_key", "stripe_version", "stripe_account", "stripe_context", "max_network_retries", "idempotency_key"}
OPTIONS |= {"content_type", "headers"}


def decoded(text: str) -> dict[str, Any]:
    """A form's `a[b][0]=c` as nested dictionaries; `a[]=c` counts on by itself."""
    found: dict[str, Any] = {}
    for name, value in parse_qsl(text, keep_blank_values=True):
        first, *rest = re.findall(r"[^\[\]]+|\[\]", name)
        steps = [first, *(each for each in rest)]
        place = found
        for step in steps[:-1]:
            place = place.setdefault(step, {})
        last = str(len(place)) if steps[-1] == "[]" else steps[-1]
        place[last] = value
    return found


def read(values: Mapping[str, Any], shape: type, simulated: frozenset[str]) -> dict[str, Any]:
    """The values in their types. What Stripe takes and the twin does not know is refused, not ignored."""
    typed = _of_shape(values, shape, "")
    for name, value in typed.items():
        if name not in simulated:
            raise Refusal(f"The twin does not simulate '{name}'", code="parameter_unknown", param=name, saved=False)
        inner = {each.partition(".")[2] for each in simulated if each.startswith(f"{name}.")}
        if inner and isinstance(value, dict) and (others := value.keys() - inner):
            said = f"{name}[{min(others)}]"
            raise Refusal(f"The twin does not simulate '{said}'", code="parameter_unknown", param=said, saved=False)
    return typed


@lru_cache(maxsize=512)
def hints_of(shape: type) -> dict[str, Any]:
    """Names and types of a typed dictionary of the client's, without what it sends as headers."""
    hints = get_type_hints(shape, vars(sys.modules[shape.__module__]), ABSENT, include_extras=True)
    return {name: hint for name, hint in hints.items() if name not in OPTIONS}


def _of_shape(values: Any, shape: type, where: str) -> dict[str, Any]:
    if not isinstance(values, Mapping):
        raise _wrong("Invalid object", where)
    hints = hints_of(shape)
    for name in values:
        if name not in hints:
            raise Refusal(
                f"Received unknown parameter: {_inside(where, name)}",
                code="parameter_unknown",
                param=_inside(where, name),
                saved=False,
            )
    for name, hint in hints.items():
        if name not in values and get_origin(hint) is not NotRequired and name in shape.__required_keys__:  # type: ignore[attr-defined]
            said = _inside(where, name)
            raise Refusal(f"Missing required param: {said}.", code="parameter_missing", param=said, saved=False)
    return {name: _of(value, hints[name], _inside(where, name)) for name, value in values.items()}


def _of(value: Any, hint: Any, where: str) -> Any:  # noqa: PLR0911 - one line a kind of type
    origin = get_origin(hint)
    if origin in (NotRequired, Required):
        return _of(value, get_args(hint)[0], where)
    if origin in (Union, types.UnionType):
        return _one_of(value, get_args(hint), where)
    if is_typeddict(hint):
        return _of_shape(value, hint, where)
    if origin is list:
        return _listed(value, get_args(hint)[0], where)
    if origin is dict or hint is dict:
        if not isinstance(value, Mapping):
            raise _wrong("Invalid object", where)
        return dict(value)
    if origin is Literal:
        if value not in get_args(hint):
            raise _wrong(f"Invalid {where}: must be one of {', '.join(map(str, get_args(hint)))}", where)
        return value
    return value if hint is Any else _plain(value, hint, where)


def _one_of(value: Any, hints: tuple[Any, ...], where: str) -> Any:
    refused: Refusal | None = None
    # `str` takes anything: what is more exact comes first.
    for hint in sorted((each for each in hints if each is not type(None)), key=lambda each: each is str):
        try:
            return _of(value, hint, where)
        except Refusal as refusal:
            # What is wrong inside says more than that it is none of the others.
            if refused is None or refusal.error.get("param") != where:
                refused = refusal
    if value is None and type(None) in hints:
        return None
    raise refused or _wrong("Invalid value", where)


def _listed(value: Any, hint: Any, where: str) -> list[Any]:
    if isinstance(value, Mapping) and all(str(name).isdigit() for name in value):
        value = [value[name] for name in sorted(value, key=int)]
    if not isinstance(value, list):
        raise _wrong("Invalid array", where)
    return [_of(each, hint, f"{where}[{number}]") for number, each in enumerate(value)]


def _plain(value: Any, hint: Any, where: str) -> Any:
    if hint is bool and value in (True, False, "true", "false"):
        return value in (True, "true")
    if hint is int and re.fullmatch(r"-?\d+", str(value)):
        return int(value)
    if hint in (float, Decimal) and re.fullmatch(r"-?\d+(\.\d+)?", str(value)):
        return str(value)
    if hint is str and isinstance(value, str):
        return value
    code = "parameter_invalid_integer" if hint is int else None
    raise _wrong(f"Invalid {getattr(hint, '__name__', 'value')}: {value}", where, code=code)


def _inside(where: str, name: str) -> str:
    return f"{where}[{name}]" if where else name


def _wrong(message: str, where: str, *, code: str | None = None) -> Refusal:
    return Refusal(message, param=where, code=code, saved=False)
