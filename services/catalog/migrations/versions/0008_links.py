"""Links in letters, confirmed addresses, and what a session's browser is."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"

# As in 0007, and whether the person's address is confirmed.
DOOR = """
    CREATE FUNCTION identity_of(secret_hash bytea, moment timestamptz, idle_since timestamptz)
    RETURNS TABLE (session_id uuid, seen_at timestamptz, member_id uuid, role text, person_name text, language text,
                   is_confirmed boolean, organisation_id uuid, organisation_name text, roles text[])
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp ROWS 1
    AS $$
        SELECT s.id, s.seen_at, m.id, m.role, a.name, a.language, a.email_confirmed_at IS NOT NULL,
            o.id, o.name, o.roles
        FROM sessions s
        JOIN members m ON m.id = s.member_id
        JOIN accounts a ON a.id = s.account_id
        JOIN organisations o ON o.id = m.organisation_id
        WHERE s.token_hash = secret_hash AND s.revoked_at IS NULL AND m.left_at IS NULL
            AND s.expires_at > moment AND s.seen_at > idle_since
    $$
"""
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Who had an account before letters could be answered is taken at their word."""
    op.add_column("accounts", sa.Column("email_confirmed_at", MOMENT, nullable=True))
    op.add_column("accounts", sa.Column("email_asked", sa.Text(), nullable=True))
    op.execute("UPDATE accounts SET email_confirmed_at = created_at")
    op.add_column("sessions", sa.Column("user_agent", sa.Text(), server_default="", nullable=False))
    op.execute("DROP FUNCTION identity_of(bytea, timestamptz, timestamptz)")
    op.execute(DOOR)
    op.execute("GRANT EXECUTE ON FUNCTION identity_of TO catalog_app, catalog_work")
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
