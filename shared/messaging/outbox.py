"""Record events in the transaction of the change they tell of."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from functools import partial
from typing import Any
from uuid import UUID

from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncSession

from shared.database import Database, after_commit
from shared.database.statement import Part, Statement, together
from shared.events import Event, encode
from shared.events.contacts import MemberContact
from shared.events.envelope import envelop
from shared.fault import failpoint
from shared.messaging.fresh import Fresh, Unpublished
from shared.messaging.tables import outbox

# WITH ORDINALITY: ids follow the order of recording, and the relay publishes by id.
INSERT = """
    INSERT INTO outbox (event_id, type, aggregate_id, version, subject, payload)
    SELECT event_id, type, aggregate_id, version, subject, payload::json
    FROM unnest(CAST(:ids AS uuid[]), CAST(:types AS text[]), CAST(:aggregates AS uuid[]), CAST(:versions AS bigint[]),
                CAST(:subjects AS text[]), CAST(:payloads AS text[]))
         WITH ORDINALITY AS fresh (event_id, type, aggregate_id, version, subject, payload, position)
"""
RECORD = Statement(f"{INSERT} ORDER BY position")


# Asked beside the insert, so of what was there before it.
IS_FOLLOWING = Statement("""
    SELECT EXISTS (
        SELECT FROM outbox WHERE aggregate_id = ANY(CAST(:aggregates AS uuid[])) AND published_at IS NULL)
""")


GATHERED = "outbox_gathered"


@asynccontextmanager
async def gathered(session: AsyncSession) -> AsyncIterator[list[Event]]:
    """Keep what is recorded in the block, and write it in one statement at its end; nothing when the block raises.

    Whoever undoes a part of the block takes that part's events out of the list again.
    """
    events: list[Event] = []
    session.info[GATHERED] = events
    try:
        yield events
    finally:
        del session.info[GATHERED]
    await session.flush()
    await record(session, *events)


def is_gathering(session: AsyncSession) -> bool:
    """True within `gathered`: much is written together, so nothing need be sent at once."""
    return GATHERED in session.info


async def record(session: AsyncSession, *events: Event, beside: Sequence[Part] = ()) -> None:
    """Add events to the outbox of the service that owns `session`; the relay publishes them after the commit.

    Writes `beside` them go in the same round trip, also when there is no event.
    """
    if not events:
        await together(session, *beside)
        return
    if is_gathering(session) and not beside:
        session.info[GATHERED].extend(events)
        return
    for event in events:
        if isinstance(event, MemberContact):
            await _forget_older_contacts(session, event)
    rows, values = _written(events)
    insert = RECORD(**values)
    aggregates = list({row.aggregate_id for row in rows})
    is_following: bool = await together(session, *beside, insert, then=IS_FOLLOWING(aggregates=aggregates))
    # Two of one aggregate keep their order in the database.
    is_ordered = is_following or len(aggregates) < len(rows)
    fresh: Fresh | None = session.info.get("outbox_fresh")
    if fresh is not None:
        after_commit(session, fresh.add_unseen if is_ordered else partial(fresh.add, rows))
    await failpoint("outbox.recorded", rows[0].subject.partition(".")[0])


def recording_unless(condition: str) -> Statement:
    """Records events for which `condition` does not hold, asked of `fresh` (their columns), for `record_alone`."""
    return Statement(f"{INSERT} WHERE NOT ({condition}) ON CONFLICT DO NOTHING RETURNING event_id")


async def record_alone(database: Database, event: Event, recording: Statement) -> bool:
    """Record the first event of its aggregate, which is all there is to commit, in one round trip, and let it go.

    False when `recording` finds a reason against it, or the event is there already.
    """
    (row,), values = _written([event])
    async with database.driver() as driver:
        recorded: list[UUID] = await recording.scalars(driver, **values)
        fresh: Fresh | None = database.surrounding("outbox_fresh")
        if recorded and fresh is not None:
            fresh.add([row])
            await fresh.until_done()
    return bool(recorded)


def _written(events: Sequence[Event]) -> tuple[list[Unpublished], dict[str, list[Any]]]:
    envelopes = [envelop(event) for event in events]
    rows = [
        Unpublished(envelope.id, envelope.subject, envelope.data.subject, encode(envelope)) for envelope in envelopes
    ]
    return rows, {
        "ids": [row.event_id for row in rows],
        "types": [envelope.type for envelope in envelopes],
        "aggregates": [row.aggregate_id for row in rows],
        "versions": [envelope.sequence for envelope in envelopes],
        "subjects": [row.subject for row in rows],
        "payloads": [row.payload for row in rows],
    }


async def _forget_older_contacts(session: AsyncSession, event: MemberContact) -> None:
    # Erasing a person is replacing the last contact: no older copy may stay behind in the outbox. Nor one that is not
    # marked yet: published after this one, it would bring the address back.
    await session.execute(
        delete(outbox).where(
            outbox.c.type == event.type,
            outbox.c.aggregate_id == event.aggregate_id,
            outbox.c.version < event.version,
        )
    )
