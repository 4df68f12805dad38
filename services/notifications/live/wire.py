"""How a live event looks on the wire: server-sent events whose JSON ends with what is each member's own.

The scripts take default messages and read the kind from their data (`{"kind": …, "title": …, "url": …, "unread": 3}`);
`heartbeat` is the only named event. Two `data:` lines are one JSON text, so that everything but the count is encoded
once for all the pages of an organisation in one language.
"""

from collections.abc import Collection

import msgspec

from services.notifications.live.queries import Told
from services.notifications.messages import message_of
from shared.web.urls import in_language

RETRY = b"retry: 2000\n\n"
HEARTBEAT = b"event: heartbeat\ndata: {}\n\n"


def head_of(told: Told, language: str, muted: Collection[str] = ()) -> bytes:
    """The shared part of a message; `whole` completes it. Of what is `muted` it says nothing: pages only refresh."""
    payload = dict(told.payload)
    words: dict[str, str | list[str]] = {}
    if (topic := payload.pop("say", None)) and topic not in muted:
        message = message_of(str(topic), payload, language)
        words = {"title": message.title, "url": in_language(message.path, language)}
        if message.reasons:
            words["reasons"] = [sentence for _, sentence in message.reasons]
    shown = {name: payload[name] for name in ("about_id", "about_kind", "topic", "score", "total") if name in payload}
    encoded = msgspec.json.encode({"kind": told.kind, **words, **shown})
    return b"id: %d\ndata: %b," % (told.id, encoded[:-1])


def whole(head: bytes, unread: int | None) -> bytes:
    """A message for one member; None when it does not change what is unread."""
    if unread is None:
        return b"%b}\n\n" % head.removesuffix(b",")
    return b'%b\ndata: "unread":%d}\n\n' % (head, unread)


def greeting(position: int, unread: int) -> bytes:
    """The first message: how much is unread, and the position to resume from when nothing follows."""
    return b'id: %d\ndata: {"kind":"unread","unread":%d}\n\n' % (position, unread)
