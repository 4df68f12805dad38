"""Food goes off lot by lot: each has its own use-by date, and a flow that comes back the rule that it follows."""

import sqlalchemy as sa
from alembic import op

revision = "0036"
down_revision = "0035"


def upgrade() -> None:
    """Two columns; lots that are there follow the one date their flow has said so far."""
    op.add_column("flows", sa.Column("use_by_days", sa.Integer(), nullable=True))
    op.add_column("lots", sa.Column("use_by_on", sa.Date(), nullable=True))
    op.execute("""
        UPDATE lots SET use_by_on = f.use_by_on FROM flows f WHERE f.id = lots.flow_id AND f.use_by_on IS NOT NULL
    """)
