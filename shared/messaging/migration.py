"""Creates the event core's tables; the first migration of each service calls it."""

from typing import Any

from shared.messaging.tables import STORAGE, metadata


def create_messaging_tables(op: Any) -> None:
    """Outbox, inbox, dead letters and attempts, with the outbox stored as the queue it is; `op` is `alembic.op`."""
    metadata.create_all(op.get_bind())
    op.execute(STORAGE)
