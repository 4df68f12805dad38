"""Dead letters are known by what they hold."""

from alembic import op

from shared.messaging.migration import key_letters_by_content

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """The event core's tables in their newest shape."""
    key_letters_by_content(op)
