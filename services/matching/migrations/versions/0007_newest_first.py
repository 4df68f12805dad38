"""What is open is read newest first: by the map, as long as nobody searched."""

from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """One index a table, of open rows only."""
    for table in ("demands", "supplies"):
        op.execute(f"CREATE INDEX {table}_newest ON {table} (published_at DESC, id) WHERE status = 'open'")
