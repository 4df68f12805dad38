"""Coordinators see which messages were put aside, and nothing of what they say."""

from alembic import op

from shared.messaging.migration import show_letters_to_coordinators

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Some columns of open letters."""
    show_letters_to_coordinators(op, "notifications")
