"""The saved schemas: `python -m tests.contracts.saved` adds what is new and refuses what is no addition."""

import json
import sys
from pathlib import Path

from pydantic import BaseModel

from shared.events import Envelope, registry
from shared.questions import Refused, questions
from tests.contracts.additive import Schema, breaks

HERE = Path(__file__).resolve().parent
ENVELOPE = "envelope"
REFUSED = "refused"
REPLY = ".reply"


def schema_of(name: str) -> Schema:
    """The schema of an event, a question or its reply, or of what is around each, as the code has it."""
    asked = {**questions(), **{f"{subject}{REPLY}": kind.answer for subject, kind in questions().items()}}
    shapes: dict[str, type[BaseModel]] = {ENVELOPE: Envelope, REFUSED: Refused, **registry(), **asked}
    return shapes[name].model_json_schema(mode="serialization")


def names() -> list[str]:
    """Everything that is promised to readers."""
    asked = (name for subject in questions() for name in (subject, f"{subject}{REPLY}"))
    return sorted([ENVELOPE, REFUSED, *registry(), *asked])


def saved_names() -> list[str]:
    """Everything that was ever promised."""
    return sorted(path.stem for path in HERE.glob("*.json"))


def saved(name: str) -> Schema:
    """The schema as it was promised."""
    schema: Schema = json.loads(_path(name).read_text())
    return schema


def save(name: str) -> list[str]:
    """Save a schema as the code has it, unless something breaks: that is answered, and nothing is written."""
    broken = breaks(saved(name), schema_of(name)) if _path(name).exists() else []
    if not broken:
        _path(name).write_text(json.dumps(schema_of(name), ensure_ascii=False, indent=1) + "\n")
    return broken


def _path(name: str) -> Path:
    return HERE / f"{name}.json"


if __name__ == "__main__":
    problems = [f"{name} {each}" for name in names() for each in save(name)]
    sys.exit("\n".join(problems) or 0)
