"""The secret that a webhook is signed with, and the headers of Standard Webhooks that carry the signatures."""

import secrets
from base64 import b64encode
from collections.abc import Sequence
from datetime import UTC, datetime

from standardwebhooks import Webhook

PREFIX = "whsec_"
# The specification asks for 24 to 64.
BYTES = 32


def new_secret() -> str:
    """A secret that nobody had before."""
    return PREFIX + b64encode(secrets.token_bytes(BYTES)).decode()


def headers_of(message_id: str, body: str, known: Sequence[str], *, now: datetime) -> dict[str, str]:
    """What tells a receiver that the message is ours and of this moment, once for each secret it may know."""
    at = now.astimezone(UTC).replace(microsecond=0)
    signatures = [Webhook(secret).sign(msg_id=message_id, timestamp=at, data=body) for secret in known]
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": " ".join(signatures),
    }
