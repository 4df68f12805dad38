"""Reading a message for a set of handlers, and the cause that what they record carries."""

from collections.abc import Awaitable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Protocol

from sqlalchemy.ext.asyncio import AsyncSession

from shared.database import Database
from shared.events import Envelope, Event, decode
from shared.events.envelope import Cause, UnknownType, Unreadable, cause
from shared.observability import traces


class Handler(Protocol):
    """Applies one event: writes its effect through `session`, records own events, does no outside I/O."""

    def __call__(self, session: AsyncSession, event: Any, /) -> Awaitable[None]:
        """Run inside the consumer's transaction; raising undoes everything."""


Handlers = Mapping[type[Event], Handler]


class Foreteller(Protocol):
    """Tells what can be told of an event before it is applied, in a transaction of its own; nothing else is kept.

    INVARIANT: whoever dies after it loses nothing. The event comes again, and its handler, alone, finds what was told
    and corrects it where it has to.
    """

    def __call__(self, database: Database, event: Any, /) -> Awaitable[Handler]:
        """Returns who applies the event then, knowing what was told."""


Foretellers = Mapping[type[Event], Foreteller]

# The envelope of the event that a handler is applying, for one that passes it on whole.
handled: ContextVar[Envelope | None] = ContextVar("handled", default=None)


def read(payload: bytes, handlers: Handlers) -> Envelope | None:
    """The envelope; None for a fact that nobody here reads.

    Raises `Unreadable`, also for a fact that somebody reads in a major version unknown here: it waits for whoever can,
    and is not passed over.
    """
    try:
        return decode(payload)
    except UnknownType as unknown:
        if _family(str(unknown)) in {_family(kind.type) for kind in handlers}:
            raise Unreadable(f"a major version unknown here: {unknown}") from unknown
        return None


@contextmanager
def caused_by(envelope: Envelope) -> Iterator[None]:
    """What is recorded meanwhile tells that this event caused it."""
    token = cause.set(Cause(envelope.correlationid, envelope.id, traces.traceparent() or envelope.traceparent))
    whole = handled.set(envelope)
    try:
        yield
    finally:
        handled.reset(whole)
        cause.reset(token)


def _family(event_type: str) -> str:
    """`catalog.need.published` of `catalog.need.published.v1`."""
    return event_type.rpartition(".v")[0]
