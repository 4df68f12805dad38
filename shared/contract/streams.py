"""What JetStream keeps, as a reader must know it."""

from typing import Any

from shared.messaging.topology import PUBLISHES, STREAMS, StreamSpec, stream_for


def streams() -> dict[str, Any]:
    """The streams that hold facts, by name."""
    told = {stream_for(subject) for subjects in PUBLISHES.values() for subject in subjects}
    return {spec.name: _stream(spec) for spec in STREAMS if spec.name in told}


def _stream(spec: StreamSpec) -> dict[str, Any]:
    return {
        "subjects": list(spec.subjects),
        "keeps": "the last message of each subject" if spec.last_only else "every message",
        "maxAgeSeconds": int(spec.max_age.total_seconds()) if spec.max_age else None,
        "duplicateWindowSeconds": int(spec.duplicate_window.total_seconds()),
        "maxMessageBytes": spec.max_msg_size,
    }
