"""Creates the tables that requests need; the services' migrations call it."""

from typing import Any

KEPT_ANSWERS = """
    CREATE TABLE kept_answers (
        member_id uuid NOT NULL,
        key text NOT NULL,
        organisation_id uuid NOT NULL,
        fingerprint bytea NOT NULL,
        status smallint NOT NULL,
        headers jsonb NOT NULL,
        body bytea NOT NULL,
        kept_at timestamptz NOT NULL,
        CONSTRAINT pk_kept_answers PRIMARY KEY (member_id, key)
    )
"""
KEPT_AT = "CREATE INDEX ix_kept_answers_kept_at ON kept_answers (kept_at)"
# Not logged: a crash forgets a minute of counting, and no request waits for a disk.
SPENT_REQUESTS = """
    CREATE UNLOGGED TABLE spent_requests (
        subject text NOT NULL,
        minute bigint NOT NULL,
        spent integer NOT NULL,
        CONSTRAINT pk_spent_requests PRIMARY KEY (subject)
    )
"""


def create_kept_answers(op: Any) -> None:
    """The answers to what was made under an Idempotency-Key; `op` is `alembic.op`."""
    op.execute(KEPT_ANSWERS)
    op.execute(KEPT_AT)


def create_spent_requests(op: Any) -> None:
    """How much each member, organisation and address asked in its last minute."""
    op.execute(SPENT_REQUESTS)
