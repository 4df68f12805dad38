"""What organisations come to do, and the calls for projects that are being told to those they may concern."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from shared.database.policies import only_work

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    """One column, empty until an organisation is told of again or `boucle rebuild` mends it; one table."""
    op.add_column("organisations", sa.Column("roles", postgresql.ARRAY(sa.Text()), server_default="{}", nullable=False))
    op.create_table(
        "call_tellings",
        sa.Column("call_id", sa.UUID(), nullable=False),
        sa.Column("organisation_id", sa.UUID(), nullable=False),
        sa.Column("organisation_name", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("open_to", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("closes_on", sa.Date(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("told_to", sa.UUID(), nullable=True),
        sa.PrimaryKeyConstraint("call_id", name="pk_call_tellings"),
    )
    only_work(op, "notifications", ["call_tellings"])
