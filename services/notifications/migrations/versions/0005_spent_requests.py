"""Requests are counted."""

from alembic import op

from shared.web.migration import create_spent_requests

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """A table of the requests themselves, none of the domain's."""
    create_spent_requests(op)
