"""What a provider is shown when somebody who came through it signs out; sealed, and gone with the session."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"


def upgrade() -> None:
    """One column a way in: the session, and who is halfway to one."""
    for table in ("sessions", "halfway"):
        op.add_column(table, sa.Column("id_token", sa.Text(), nullable=True))
