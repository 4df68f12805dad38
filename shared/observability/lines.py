"""What every log line carries, and what none may: whose it is and what caused it, never a secret or a body."""

import os
import re
from collections.abc import Mapping, MutableMapping
from contextvars import ContextVar
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from pydantic import SecretBytes, SecretStr

from shared.events.envelope import cause

# The service that works in this task; a process may hold several.
speaking: ContextVar[str | None] = ContextVar("speaking", default=None)

HIDDEN = "**********"
SECRET_NAMES = re.compile(r"passw|secret|token|cookie|authorization|seed|credential|(^|_)key$", re.IGNORECASE)
# In text of others, such as an exception's: credentials of an address, the values that PostgreSQL and pydantic quote.
SECRET_TEXTS = (
    (re.compile(r"(\w://[^\s:/@]*):[^\s/]+@"), rf"\1:{HIDDEN}@"),
    (re.compile(r"(Key \([^)]*\))=\(.*?\)(?= )"), rf"\1=({HIDDEN})"),
    (re.compile(r"(Failing row contains) \(.*?\)\.$", re.MULTILINE), rf"\1 ({HIDDEN})."),
    (re.compile(r"input_value=.*?(, input_type=|\]$)", re.DOTALL | re.MULTILINE), rf"input_value={HIDDEN}\1"),
    (re.compile(r"\bS[UAOCNX][A-Z2-7]{56}\b"), HIDDEN),
    (re.compile(r"\beyJ[\w-]{8,}\.[\w-]+\.[\w-]+"), HIDDEN),
)


def version_of_boucle() -> str:
    """The installed version, with the commit that an image was made from."""
    commit = os.environ.get("BOUCLE_COMMIT", "")[:12]
    try:
        return version("boucle") + (f"+{commit}" if commit else "")
    except PackageNotFoundError:
        return "unknown"


VERSION = version_of_boucle()


def say_who(_logger: object, _method: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Add the service, its version, the story the line belongs to, and the event that is being applied, if one is."""
    if (service := speaking.get()) is not None:
        line.setdefault("service", service)
    line.setdefault("version", VERSION)
    because = cause.get()
    if because is not None:
        line.setdefault("correlation_id", str(because.correlation))
        if because.causation is not None:
            line.setdefault("event_id", str(because.causation))
    return line


def redact(_logger: object, _method: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Hide what is secret by its type or its name, and what a text quotes of one."""
    for name, value in line.items():
        line[name] = HIDDEN if SECRET_NAMES.search(name) else _redacted(value)
    return line


def _redacted(value: Any) -> Any:
    if isinstance(value, SecretStr | SecretBytes | bytes | bytearray | memoryview):
        return HIDDEN
    if isinstance(value, str):
        for pattern, instead in SECRET_TEXTS:
            value = pattern.sub(instead, value)
        return value
    if isinstance(value, Mapping):
        return redact(None, "", {str(name): each for name, each in value.items()})
    if isinstance(value, list | tuple | set | frozenset):
        return [_redacted(each) for each in value]
    if value is None or isinstance(value, bool | int | float):
        return value
    return _redacted(repr(value))
