"""Channels: one subject a kind of event, with the id of what it tells about as its last token."""

from typing import Any

from shared.contract.examples import example_of
from shared.events import Event, registry
from shared.messaging.topology import stream_for


def channels() -> dict[str, Any]:
    """Every channel by the type of its event."""
    return {name: _channel(kind) for name, kind in registry().items()}


def address(kind: type[Event]) -> str:
    """The subject with its parameter, as the class itself makes it."""
    example = example_of(kind)
    return example.subject.replace(str(example.aggregate_id), f"{{{kind.aggregate}}}")


def _channel(kind: type[Event]) -> dict[str, Any]:
    where = address(kind)
    return {
        "address": where,
        "title": kind.type,
        "description": kind.__doc__,
        "messages": {kind.__name__: {"$ref": f"#/components/messages/{kind.__name__}"}},
        "parameters": {
            kind.aggregate: {
                "description": "What the event tells about, a UUID.",
                "location": "$message.payload#/subject",
                "examples": [str(example_of(kind).aggregate_id)],
            }
        },
        "x-jetstream": {"stream": stream_for(where)},
    }
