"""Links in letters, confirmed addresses, and what a session's browser is."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0005"

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Who had an account before letters could be answered is taken at their word."""
    op.add_column("accounts", sa.Column("email_confirmed_at", MOMENT, nullable=True))
    op.add_column("accounts", sa.Column("email_asked", sa.Text(), nullable=True))
    op.execute("UPDATE accounts SET email_confirmed_at = created_at")
    op.add_column("sessions", sa.Column("user_agent", sa.Text(), server_default="", nullable=False))
    op.create_table(
        "links",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("purpose", sa.String(20), nullable=False),
        sa.Column("account_id", sa.UUID(), nullable=True),
        sa.Column("email_hash", sa.LargeBinary(), nullable=False),
        sa.Column("browser_hash", sa.LargeBinary(), nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.Column("used_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name="fk_links_account_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_links"),
    )
    for column in ("account_id", "email_hash", "expires_at"):
        op.create_index(f"ix_links_{column}", "links", [column])
