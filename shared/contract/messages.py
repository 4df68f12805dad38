"""Messages: each event in its envelope, with an example."""

import json
from typing import Any
from uuid import UUID

from shared.contract.examples import AT, example_of
from shared.contract.schemas import payload
from shared.events import Event, encode, registry
from shared.events.envelope import envelop

ID = UUID("0199d4a0-7c00-7000-8000-000000000001")


def messages() -> dict[str, Any]:
    """Every message by the class of its event."""
    return {kind.__name__: _message(kind) for kind in registry().values()}


def _message(kind: type[Event]) -> dict[str, Any]:
    return {
        "name": kind.__name__,
        "title": kind.type,
        "summary": kind.__doc__,
        "contentType": "application/cloudevents+json",
        "headers": {"$ref": "#/components/schemas/Headers"},
        "payload": payload(kind),
        "correlationId": {"location": "$message.payload#/correlationid"},
        "examples": [_example(kind)],
    }


def _example(kind: type[Event]) -> dict[str, Any]:
    envelope = envelop(example_of(kind), at=AT).model_copy(update={"id": ID, "correlationid": ID})
    return {"name": kind.__name__, "headers": {"Nats-Msg-Id": str(ID)}, "payload": json.loads(encode(envelope))}
