"""Gives a dead letter to its consumer again, so that it is applied once; a parked outbox row leaves again.

Whoever replays runs the handler: a letter that kills its process kills the operator's command, never the service.
"""

import asyncio
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from shared.database import Database
from shared.database.statement import Statement
from shared.events.envelope import Unreadable
from shared.messaging.handling import Handlers, caused_by, read
from shared.messaging.letters import RELAY, OpenedLetter, letter_by_id
from shared.messaging.quarantine import fingerprint
from shared.messaging.tables import NOW, dead_letter, outbox
from shared.messaging.transient import is_transient

# A relay that runs takes the row within a moment, and marks it within another.
RELAY_POLLS, RELAY_POLL_S = 100, 0.1

# The inbox rule, with one exception: an event that was put aside may still be applied. Nothing comes back when it was
# applied, by a redelivery or by another replay.
CLAIM = Statement("""
    INSERT INTO inbox (consumer, event_id, stream_seq, outcome) VALUES (:consumer, :event_id, :stream_seq, 'replayed')
    ON CONFLICT (consumer, event_id) DO UPDATE SET outcome = excluded.outcome, processed_at = clock_timestamp()
    WHERE inbox.outcome = 'quarantined' RETURNING event_id
""")
UNPARK = Statement("UPDATE outbox SET parked_at = NULL, last_error = NULL WHERE event_id = :event_id")


class Outcome(StrEnum):
    """What became of a letter; all but `FAILED` and `WAITING` resolve it."""

    APPLIED = "applied"  # the handler ran, and its effect is committed
    IGNORED = "ignored"  # the consumer has no handler for it (any more), and keeps nothing of it
    KNOWN = "known"  # the consumer had applied the event meanwhile
    CLOSED = "closed"  # the letter had been resolved before
    FAILED = "failed"
    SENT = "sent"  # by the relay
    GONE = "gone"  # its outbox row was replaced: a contact's newer one erases the older
    WAITING = "waiting"  # free to leave, but no relay took it yet


@dataclass(frozen=True)
class Replayed:
    """One letter's outcome; `words` says why it failed, or what was ignored."""

    outcome: Outcome
    words: str = ""

    @property
    def is_resolved(self) -> bool:
        """Nothing is left to do for this letter."""
        return self.outcome not in (Outcome.FAILED, Outcome.WAITING)


class NoSuchLetter(LookupError):
    """The service has no letter of that id."""


async def replay(database: Database, handlers: Handlers, letter_id: UUID, *, by: str) -> Replayed:
    """Apply a letter as its consumer would, or let the relay send it; a second replay has no second effect.

    Raises `NoSuchLetter`, and what `is_transient` calls so: then the letter is as it was, but for its replay count.
    """
    letter = await _begin(database, letter_id)
    if letter is None:
        return Replayed(Outcome.CLOSED)
    if letter.consumer == RELAY:
        return await _send(database, letter, by)
    try:
        return await _apply(database, handlers, letter, by)
    except Unreadable as error:
        return await _fail(database, letter, f"unreadable: {error}")
    except Exception as error:
        if is_transient(error):
            raise
        return await _fail(database, letter, repr(error))


async def _begin(database: Database, letter_id: UUID) -> OpenedLetter | None:
    """Count the replay before it, so that one that kills this process is counted too; None when resolved before."""
    async with database.sessions.begin() as session:
        await session.execute(
            update(dead_letter)
            .where(dead_letter.c.id == letter_id, dead_letter.c.resolved_at.is_(None))
            .values(replay_count=dead_letter.c.replay_count + 1)
        )
        letter = await letter_by_id(session, letter_id)
    if letter is None:
        raise NoSuchLetter(letter_id)
    return letter if letter.resolved_at is None else None


async def _apply(database: Database, handlers: Handlers, letter: OpenedLetter, by: str) -> Replayed:
    """One transaction: the inbox row, the effect, its own events, and the letter resolved."""
    envelope = read(letter.payload, handlers)
    event_id = envelope.id if envelope else letter.event_id or _header_id(letter)
    handler = handlers.get(type(envelope.data)) if envelope else None
    async with database.sessions.begin() as session:
        if not await _hold_open(session, letter.id):
            return Replayed(Outcome.CLOSED)
        claimed = await CLAIM.scalar(
            session, consumer=letter.consumer, event_id=event_id, stream_seq=letter.stream_seq or 0
        )
        if claimed is not None and handler is not None and envelope is not None:
            with caused_by(envelope):
                await handler(session, envelope.data)
        await _resolve(session, letter.id, by)
    if claimed is None:
        return Replayed(Outcome.KNOWN)
    return (
        Replayed(Outcome.APPLIED)
        if handler
        else Replayed(Outcome.IGNORED, envelope.type if envelope else letter.subject or "")
    )


def _header_id(letter: OpenedLetter) -> UUID:
    try:
        return UUID((letter.headers or {}).get("Nats-Msg-Id", ""))
    except ValueError as error:
        raise Unreadable("a message without an id") from error


async def _hold_open(session: AsyncSession, letter_id: UUID) -> bool:
    """Lock the letter until the commit: of two replays at once, the second finds it resolved."""
    held = select(dead_letter.c.id).where(dead_letter.c.id == letter_id, dead_letter.c.resolved_at.is_(None))
    return await session.scalar(held.with_for_update()) is not None


async def _resolve(session: AsyncSession, letter_id: UUID, by: str) -> None:
    await session.execute(
        update(dead_letter).where(dead_letter.c.id == letter_id).values(resolved_at=NOW, resolved_by=by)
    )


async def _fail(database: Database, letter: OpenedLetter, reason: str) -> Replayed:
    async with database.sessions.begin() as session:
        await session.execute(
            update(dead_letter)
            .where(dead_letter.c.id == letter.id, dead_letter.c.resolved_at.is_(None))
            .values(
                reason=reason[:2000],
                fingerprint=fingerprint(reason),
                attempts=dead_letter.c.attempts + 1,
                last_at=NOW,
            )
        )
    return Replayed(Outcome.FAILED, reason)


async def _send(database: Database, letter: OpenedLetter, by: str) -> Replayed:
    """Unpark the row, then see what the running relay makes of it: only what was published is resolved.

    The broker may refuse again, and the relay would then find the letter there and leave it as it is.
    """
    async with database.sessions.begin() as session:
        await UNPARK.execute(session, event_id=letter.event_id)
    state = await _state(database, letter)
    for _ in range(RELAY_POLLS):
        if state.outcome is not Outcome.WAITING:
            break
        await asyncio.sleep(RELAY_POLL_S)
        state = await _state(database, letter)
    if state.outcome is Outcome.FAILED:
        return await _fail(database, letter, state.words)
    if state.is_resolved:
        async with database.sessions.begin() as session:
            await _resolve(session, letter.id, by)
    return state


async def _state(database: Database, letter: OpenedLetter) -> Replayed:
    async with database.sessions() as session:
        query = select(outbox.c.published_at, outbox.c.parked_at, outbox.c.last_error)
        row = (await session.execute(query.where(outbox.c.event_id == letter.event_id))).one_or_none()
    if row is None:
        return Replayed(Outcome.GONE)
    if row.published_at is not None:
        return Replayed(Outcome.SENT)
    if row.parked_at is not None:
        return Replayed(Outcome.FAILED, row.last_error or "parked again")
    return Replayed(Outcome.WAITING)
