"""The AsyncAPI 3.0 document: servers, channels, messages, operations and the streams behind them."""

from importlib.metadata import version
from typing import Any

from shared.contract.asked import asked_channels, asked_messages, asked_operations
from shared.contract.channels import channels
from shared.contract.messages import messages
from shared.contract.operations import operations
from shared.contract.schemas import headers, schemas
from shared.contract.streams import streams

DESCRIPTION = """\
Three services exchange facts, and hardly anything else. Each fact is a CloudEvents 1.0 event in JSON (structured mode),
written in the transaction of the change it tells of and then published to NATS JetStream, where its stream keeps it.

- Every fact is delivered at least once: `id` tells a reader what it has seen.
- Facts about one subject come in order; `sequence` is its version, and an older one is ignored.
- `data` carries the state a reader needs, not a difference. Changes only add fields, and a reader ignores what it does
  not know. A breaking change is a new major version beside the old one.
- What cannot have been told before is asked (`rpc.*`): a request with a reply, outside the streams, which whoever
  asks goes on without. Its answer is typed data too.
- Personal data travel in the CONTACTS stream only, which is for notifications alone.

AsyncAPI has no bindings for JetStream: `x-jetstream` names the stream of a channel, and of an operation the durable,
whose key may read it and where replies to that key must arrive. The end of this document says what each stream keeps.
"""


def asyncapi() -> dict[str, Any]:
    """The whole document; the same for every installation, whose address and keys its operator gives."""
    return {
        "asyncapi": "3.0.0",
        "id": "urn:boucle:events",
        "info": _info(),
        "defaultContentType": "application/cloudevents+json",
        "servers": {"nats": _server()},
        "channels": {**channels(), **asked_channels()},
        "operations": {**operations(), **asked_operations()},
        "components": {
            "messages": {**messages(), **asked_messages()},
            "schemas": {**schemas(), "Headers": headers()},
            "securitySchemes": {"nkey": _key()},
        },
        "x-jetstream": {"streams": streams()},
    }


def _info() -> dict[str, Any]:
    return {
        "title": "Boucle: events",
        "version": version("boucle"),
        "description": DESCRIPTION,
        "license": {"name": "EUPL-1.2", "url": "https://eupl.eu/1.2/en/"},
        "tags": [{"name": "circular economy"}, {"name": "cloudevents"}, {"name": "jetstream"}],
        "externalDocs": {"description": "CloudEvents 1.0", "url": "https://cloudevents.io/"},
    }


def _server() -> dict[str, Any]:
    return {
        "host": "{host}:{port}",
        "protocol": "nats",
        "description": "The broker of one installation, with JetStream.",
        "variables": {
            "host": {"default": "127.0.0.1", "description": "Where the installation's broker is."},
            "port": {"default": "4222", "description": "Its port; one machine alone may have taken another."},
        },
        "security": [{"$ref": "#/components/securitySchemes/nkey"}],
    }


def _key() -> dict[str, Any]:
    words = "An NKey (Ed25519): the client signs what the broker says first. Each key may read its own durables only."
    return {"type": "asymmetricEncryption", "description": words}
