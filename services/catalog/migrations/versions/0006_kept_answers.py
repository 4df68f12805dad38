"""What was made once is answered again, and requests are counted."""

from alembic import op

from shared.web.migration import create_kept_answers, create_spent_requests

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Tables of the requests themselves, none of the domain's."""
    create_kept_answers(op)
    create_spent_requests(op)
