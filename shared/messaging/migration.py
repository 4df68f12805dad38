"""Creates the event core's tables; the first migration of each service calls it."""

from alembic.operations import Operations

from shared.messaging.tables import STORAGE, metadata


def create_messaging_tables(op: Operations) -> None:
    """Outbox, inbox, dead letters and attempts, with the outbox stored as the queue it is."""
    metadata.create_all(op.get_bind())
    op.execute(STORAGE)
