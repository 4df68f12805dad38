"""Creates the event core's tables, and brings older ones to their newest shape; the services' migrations call it."""

from typing import Any

from shared.database.policies import IS_COORDINATOR, adds, keep_apart, only_work, reads, removes
from shared.messaging.tables import SEEN_OF_LETTERS, STORAGE, metadata

# Each of them also runs on tables that were created in the newest shape.
LETTERS_BY_CONTENT = (
    "ALTER TABLE attempt ADD COLUMN IF NOT EXISTS started integer NOT NULL DEFAULT 0",
    "ALTER TABLE dead_letter DROP CONSTRAINT IF EXISTS uq_dead_letter_consumer_stream_stream_seq",
    """
    DELETE FROM dead_letter older USING dead_letter newer
    WHERE older.id < newer.id
      AND (older.consumer, older.subject, older.payload) = (newer.consumer, newer.subject, newer.payload)
    """,
    """
    CREATE UNIQUE INDEX IF NOT EXISTS uq_dead_letter_consumer_subject_payload
    ON dead_letter (consumer, subject, sha256(payload))
    """,
)


def create_messaging_tables(op: Any) -> None:
    """Outbox, inbox, dead letters and attempts, with the outbox stored as the queue it is; `op` is `alembic.op`."""
    metadata.create_all(op.get_bind())
    op.execute(STORAGE)


def key_letters_by_content(op: Any) -> None:
    """Dead letters known by what they hold instead of where they lay; attempts that tell deaths from failures."""
    for statement in LETTERS_BY_CONTENT:
        op.execute(statement)


# What the pages' role sees of the outbox: enough to know what an event follows, nothing of what it says.
MARKS = "type, aggregate_id, version, published_at"


def keep_messages_apart(op: Any, service: str, *, forgets: str | None = None) -> None:
    """Let pages record events and read none; inbox, letters and attempts are the worker's alone.

    `forgets` says which rows a page may delete, because a newer one replaces them.
    """
    op.execute(f"REVOKE ALL ON outbox FROM {service}_app")
    op.execute(f"GRANT INSERT, SELECT ({MARKS}){', DELETE' if forgets else ''} ON outbox TO {service}_app")
    keep_apart(op, service, "outbox", adds("true"), reads("true"), *([removes(forgets)] if forgets else []))
    only_work(op, service, ("inbox", "dead_letter", "attempt"))


def show_letters_to_coordinators(op: Any, service: str) -> None:
    """Let a coordinator's pages know of open letters; what a message says stays with the worker and the operator."""
    columns = ", ".join((*SEEN_OF_LETTERS, "resolved_at"))
    op.execute(f"GRANT SELECT ({columns}) ON dead_letter TO {service}_app")
    op.execute(
        f"CREATE POLICY pages_coordinator ON dead_letter FOR SELECT TO {service}_app "
        f"USING (resolved_at IS NULL AND {IS_COORDINATOR})"
    )
