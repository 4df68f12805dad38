"""The four tables of the event core, the same in each service's database."""

from sqlalchemy import (
    BigInteger,
    Column,
    DateTime,
    Identity,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB, UUID
from sqlalchemy.types import UserDefinedType

metadata = MetaData()


class JsonText(UserDefinedType[str]):
    """PostgreSQL's `json`, written as the text it is: what is published is what was recorded."""

    cache_ok = True

    def get_col_spec(self, **_kw: object) -> str:
        """The column's type in DDL."""
        return "JSON"


NOW = func.clock_timestamp()

# Rows are written in the transaction of the fact they tell and marked by the relay; `parked_at` marks what the broker
# will never accept, which stops its aggregate.
outbox = Table(
    "outbox",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("event_id", UUID, nullable=False, unique=True),
    Column("type", Text, nullable=False),
    Column("aggregate_id", UUID, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("subject", Text, nullable=False),
    Column("payload", JsonText, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False, server_default=NOW),
    Column("published_at", DateTime(timezone=True)),
    Column("stream_seq", BigInteger),
    Column("parked_at", DateTime(timezone=True)),
    Column("last_error", Text),
    UniqueConstraint("type", "aggregate_id", "version", name="uq_outbox_type_aggregate_id_version"),
)
Index("ix_outbox_todo", outbox.c.id, postgresql_where=text("published_at IS NULL"))
Index("ix_outbox_aggregate", outbox.c.aggregate_id, outbox.c.id)

inbox = Table(
    "inbox",
    metadata,
    Column("consumer", Text, primary_key=True),
    Column("event_id", UUID, primary_key=True),
    Column("stream_seq", BigInteger, nullable=False),
    Column("outcome", Text, nullable=False),
    Column("processed_at", DateTime(timezone=True), nullable=False, server_default=NOW),
)
Index("ix_inbox_consumer_stream_seq", inbox.c.consumer, inbox.c.stream_seq)

dead_letter = Table(
    "dead_letter",
    metadata,
    Column("id", UUID, primary_key=True),
    Column("consumer", Text, nullable=False),
    Column("event_id", UUID),
    Column("stream", Text),
    Column("stream_seq", BigInteger),
    Column("subject", Text),
    Column("payload", LargeBinary, nullable=False),
    Column("headers", JSONB),
    Column("reason", Text, nullable=False),
    Column("fingerprint", Text, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("first_at", DateTime(timezone=True), nullable=False, server_default=NOW),
    Column("last_at", DateTime(timezone=True), nullable=False, server_default=NOW),
    Column("replay_count", Integer, nullable=False, server_default="0"),
    Column("resolved_at", DateTime(timezone=True)),
    Column("resolved_by", Text),
)
# What a coordinator's page sees of open letters: which, of what kind, since when; never the message or its error.
SEEN_OF_LETTERS = ("id", "consumer", "subject", "fingerprint", "attempts", "first_at")
# One letter a message and consumer, however often the quarantine itself is repeated after a crash. By content: the
# numbers of a stream that was made anew begin again.
Index(
    "uq_dead_letter_consumer_subject_payload",
    dead_letter.c.consumer,
    dead_letter.c.subject,
    func.sha256(dead_letter.c.payload),
    unique=True,
)

# Counted outside the failed transaction, so that a rollback does not forget the attempt: `n` failures, and how many
# processes had `started` on it and were not heard of again.
attempt = Table(
    "attempt",
    metadata,
    Column("consumer", Text, primary_key=True),
    Column("stream_seq", BigInteger, primary_key=True),
    Column("n", Integer, nullable=False),
    Column("started", Integer, nullable=False, server_default="0"),
    Column("last_error", Text),
    Column("first_at", DateTime(timezone=True), nullable=False, server_default=NOW),
    Column("at", DateTime(timezone=True), nullable=False, server_default=NOW),
)

# The outbox is a queue: vacuum it early, leave room for the mark on the same page.
STORAGE = """
ALTER TABLE outbox SET (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_cost_delay = 0)
"""
