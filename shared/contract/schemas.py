"""JSON schemas of what travels, as AsyncAPI reads them: Draft 7, each shape once and under its name."""

from typing import Any

from pydantic.json_schema import models_json_schema

from shared.contract.asked import shapes
from shared.events import Envelope, Event, registry
from shared.events.envelope import OPTIONAL

Schema = dict[str, Any]

REFERENCE = "#/components/schemas/{model}"
ATTRIBUTES = {
    "specversion": "The version of CloudEvents.",
    "id": "The event's own id; a reader that meets it again ignores it.",
    "type": "What happened, with the major version of its data.",
    "source": "The service that tells it.",
    "subject": "The id of what the event tells about.",
    "time": "When it was recorded, in the transaction of the change itself.",
    "datacontenttype": "What `data` is.",
    "sequence": "The version of the subject: a reader ignores what is older than what it has.",
    "correlationid": "The story it belongs to, the same from the first cause on.",
    "causationid": "The event that caused it.",
    "traceparent": "W3C trace context.",
    "organisation": "The organisation it concerns.",
    "data": "The state a reader needs.",
}


def schemas() -> dict[str, Schema]:
    """The data of every event, every question and answer, and every shape inside them, by class name."""
    told = [*registry().values(), *shapes()]
    _, found = models_json_schema([(kind, "serialization") for kind in told], ref_template=REFERENCE)
    return {name: _draft_7(schema) for name, schema in found["$defs"].items()}


def payload(kind: type[Event]) -> Schema:
    """One event in its envelope, as it travels: what CloudEvents leaves out when absent is never null."""
    attributes = {name: attribute(name) for name in ATTRIBUTES}
    attributes["type"] |= {"const": kind.type}
    attributes["source"] |= {"const": f"/{kind.type.partition('.')[0]}"}
    attributes["data"] = {"$ref": REFERENCE.format(model=kind.__name__)}
    required = [name for name in attributes if name not in OPTIONAL]
    return {"type": "object", "required": required, "properties": attributes}


def attribute(name: str) -> Schema:
    """One attribute of the envelope."""
    shape = dict(Envelope.model_json_schema(mode="serialization")["properties"][name])
    for choice in shape.pop("anyOf", ()):
        shape |= {} if choice == {"type": "null"} else choice
    kept = {key: value for key, value in shape.items() if key not in ("title", "default")}
    return kept | {"description": ATTRIBUTES[name]}


def headers() -> Schema:
    """What NATS carries beside the envelope."""
    words = "The event's id again: JetStream stores it once within the duplicate window."
    number = {"type": "string", "format": "uuid", "description": words}
    return {"type": "object", "required": ["Nats-Msg-Id"], "properties": {"Nats-Msg-Id": number}}


def _draft_7(node: Any) -> Any:
    """Draft 7 reads nothing beside a `$ref`, and AsyncAPI's discriminator is not OpenAPI's."""
    if isinstance(node, list):
        return [_draft_7(each) for each in node]
    if not isinstance(node, dict):
        return node
    kept = {name: _draft_7(value) for name, value in node.items() if not _discriminates(name, value)}
    if "$ref" in kept and len(kept) > 1:
        return {"allOf": [{"$ref": kept.pop("$ref")}], **kept}
    return kept


def _discriminates(name: str, value: Any) -> bool:
    return name == "discriminator" and isinstance(value, dict) and "propertyName" in value
