"""Coordinators see which messages were put aside, and nothing of what they say."""

from alembic import op

from shared.messaging.migration import show_letters_to_coordinators

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Some columns of open letters."""
    show_letters_to_coordinators(op, "matching")
