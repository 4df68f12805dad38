"""Coordinators see which messages were put aside, and nothing of what they say."""

from alembic import op

from shared.messaging.migration import show_letters_to_coordinators

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """Some columns of open letters."""
    show_letters_to_coordinators(op, "notifications")
