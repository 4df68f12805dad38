"""What keeps yesterday's readers from reading tomorrow's events, or tomorrow's readers from reading yesterday's.

Streams keep 30 days and services are not upgraded together, so both must work: a field may be added that nobody has to
send, and nothing else may change.
"""

import json
from collections.abc import Iterator
from typing import Any, NamedTuple

Schema = dict[str, Any]

# What a person reads, and what only names a shape. A union is compared member by member, so its hint says nothing new.
WORDS = frozenset({"title", "description", "examples", "deprecated", "$defs", "discriminator"})
LISTS = ("anyOf", "oneOf", "allOf", "prefixItems")


class Pair(NamedTuple):
    """Two schemas whose references are found at their roots."""

    before: Schema
    after: Schema


def breaks(before: Schema, after: Schema) -> list[str]:
    """Every change that is no addition, as `where: what`."""
    return list(_compare(before, after, "event", Pair(before, after)))


def _compare(before: Any, after: Any, where: str, roots: Pair) -> Iterator[str]:
    if not isinstance(before, dict) or not isinstance(after, dict):
        if before != after:
            yield f"{where}: {before} became {after}"
        return
    before, after = _resolved(before, roots.before), _resolved(after, roots.after)
    yield from _fields(before, after, where, roots)
    yield from _values(before, after, where)
    for name in sorted({*before, *after} - WORDS - {"properties", "required", "enum", "const"}):
        yield from _keyword(name, Pair(before, after), where, roots)


def _resolved(schema: Schema, root: Schema) -> Schema:
    if "$ref" not in schema:
        return schema
    beside = {name: value for name, value in schema.items() if name != "$ref"}
    return {**root["$defs"][schema["$ref"].rpartition("/")[2]], **beside}


def _fields(before: Schema, after: Schema, where: str, roots: Pair) -> Iterator[str]:
    had, has = before.get("properties", {}), after.get("properties", {})
    must, must_now = set(before.get("required", ())), set(after.get("required", ()))
    yield from (f"{where}.{name}: went away" for name in had if name not in has)
    yield from (f"{where}.{name}: yesterday's events lack it" for name in sorted(must_now - must))
    yield from (f"{where}.{name}: is not promised any more" for name in sorted(must - must_now) if name in has)
    for name in had:
        if name in has:
            yield from _compare(had[name], has[name], f"{where}.{name}", roots)


def _values(before: Schema, after: Schema, where: str) -> Iterator[str]:
    had, has = _possible(before), _possible(after)
    if had != has:
        yield f"{where}: {had} became {has}"


def _possible(schema: Schema) -> str | None:
    """The values that alone may stand here; None when it is not a choice."""
    values = schema.get("enum", [schema["const"]] if "const" in schema else None)
    return None if values is None else " | ".join(sorted(map(json.dumps, values)))


def _keyword(name: str, schemas: Pair, where: str, roots: Pair) -> Iterator[str]:
    had, has = schemas.before.get(name), schemas.after.get(name)
    if name in LISTS and had and has and len(had) == len(has):
        for number, (one, other) in enumerate(zip(had, has, strict=True)):
            yield from _compare(one, other, f"{where}|{number}", roots)
    elif isinstance(had, dict) and isinstance(has, dict) and name in ("items", "additionalProperties"):
        yield from _compare(had, has, f"{where}[]", roots)
    elif (name in schemas.before) != (name in schemas.after) or had != has:
        yield f"{where}: {name} {had} became {has}"
