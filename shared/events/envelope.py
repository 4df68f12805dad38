"""The CloudEvents 1.0 envelope (JSON, structured mode) around every event."""

from contextvars import ContextVar
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, Literal, NamedTuple
from uuid import UUID

import uuid_utils.compat
from pydantic import BaseModel, ConfigDict, Field, SerializeAsAny

from shared.events.event import Event, registry


class Cause(NamedTuple):
    """What led to the events recorded now: the story they belong to, and the event that caused them."""

    correlation: UUID
    causation: UUID | None = None
    traceparent: str | None = None


cause: ContextVar[Cause | None] = ContextVar("cause", default=None)


class Envelope(BaseModel):
    """CloudEvents attributes with the extensions of Boucle.

    `id` is also the `Nats-Msg-Id`; `subject` is the aggregate's id; `sequence` is the aggregate's version.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    specversion: Literal["1.0"] = "1.0"
    id: UUID
    type: str
    source: str
    subject: UUID
    time: datetime
    datacontenttype: Literal["application/json"] = "application/json"
    sequence: int = Field(ge=0)
    correlationid: UUID
    causationid: UUID | None = None
    traceparent: str | None = None
    organisation: UUID | None = None
    data: SerializeAsAny[Event]


OPTIONAL = ("causationid", "traceparent", "organisation")


class Unreadable(ValueError):
    """The bytes are not an envelope, or its data is not what its type promises."""


class UnknownType(ValueError):
    """A well-formed envelope of a type (or major version) this reader does not know."""


def envelop(event: Event, *, at: datetime | None = None) -> Envelope:
    """Wrap an event: new id, the current cause, and the organisation it concerns if it names one."""
    identity = uuid_utils.compat.uuid7()
    because = cause.get() or Cause(correlation=identity)
    return Envelope(
        id=identity,
        type=event.type,
        source=f"/{event.service}",
        subject=event.aggregate_id,
        time=at or datetime.now(UTC),
        sequence=event.version,
        correlationid=because.correlation,
        causationid=because.causation,
        traceparent=because.traceparent,
        organisation=getattr(event, "organisation_id", None),
        data=event,
    )


def encode(envelope: Envelope) -> str:
    """The envelope as JSON text: absent attributes are left out as CloudEvents wants it, nulls inside `data` stay."""
    return envelope.model_dump_json(exclude={name for name in OPTIONAL if getattr(envelope, name) is None})


# Services of one process often read the same event; envelopes are frozen, so they may share it.
@lru_cache(maxsize=64)
def decode(payload: bytes) -> Envelope:
    """Read an envelope and its typed data.

    Raises `Unreadable` for anything malformed, `UnknownType` for a type this reader has no class for.
    """
    try:
        raw = _Raw.model_validate_json(payload)
    except ValueError as error:
        raise Unreadable(str(error)) from error
    kind = registry().get(raw.type)
    if kind is None:
        raise UnknownType(raw.type)
    try:
        return Envelope.model_construct(**{**dict(raw), "data": kind.model_validate(raw.data)})
    except ValueError as error:
        raise Unreadable(str(error)) from error


class _Raw(Envelope):
    data: dict[str, Any]  # type: ignore[assignment]
