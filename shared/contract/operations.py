"""Operations: which service tells a fact, and which hear it."""

import re
from collections.abc import Iterator
from typing import Any

from shared.contract.channels import address
from shared.events import Event, registry
from shared.messaging.topology import CONSUMERS, ConsumerSpec, inbox_prefix, pattern_of, publisher_of, stream_for

Operation = tuple[str, dict[str, Any]]


def operations() -> dict[str, Any]:
    """Every operation by service, action and type."""
    return dict(operation for kind in registry().values() for operation in _around(kind))


def _around(kind: type[Event]) -> Iterator[Operation]:
    subject = address(kind)
    yield _sending(kind, publisher_of(stream_for(subject)))
    for spec in CONSUMERS:
        if any(re.search(pattern_of(wanted), subject) for wanted in spec.subjects):
            yield _receiving(kind, spec)


def _sending(kind: type[Event], service: str) -> Operation:
    return f"{service}.send.{kind.type}", {
        **_operation(kind, service, "send"),
        "summary": f"{service} tells: {kind.__doc__}",
    }


def _receiving(kind: type[Event], spec: ConsumerSpec) -> Operation:
    return f"{spec.service}.receive.{kind.type}", {
        **_operation(kind, spec.service, "receive"),
        "summary": f"{spec.service} hears: {kind.__doc__}",
        # Replicas of a service share its durable, as members of a queue share what comes.
        "bindings": {"nats": {"queue": spec.durable, "bindingVersion": "0.1.0"}},
        "x-jetstream": {
            "stream": spec.stream,
            "durable": spec.durable,
            "user": spec.service,
            "inboxPrefix": inbox_prefix(spec.service),
        },
    }


def _operation(kind: type[Event], service: str, action: str) -> dict[str, Any]:
    channel = f"#/channels/{kind.type}"
    return {
        "action": action,
        "channel": {"$ref": channel},
        "messages": [{"$ref": f"{channel}/messages/{kind.__name__}"}],
        "tags": [{"name": service}],
    }
