"""What is known of viruses in a file: those that stand were looked at by nobody."""

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0031"


def upgrade() -> None:
    """One column, and an index of what waits for a look."""
    op.add_column("files", sa.Column("safety", sa.String(20), server_default="unchecked", nullable=False))
    op.create_index(
        "ix_files_to_scan",
        "files",
        ["safety", "id"],
        postgresql_where=sa.text("safety IN ('waiting', 'unchecked')"),
    )
