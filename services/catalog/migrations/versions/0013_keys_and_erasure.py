"""Keys of programs, the door that they are known at, and accounts that were erased."""

import sqlalchemy as sa
from alembic import op

from shared.database.policies import ORG, keep_apart, owns

revision = "0013"
down_revision = "0012"

MOMENT = sa.DateTime(timezone=True)
# As identity_of: asked before anybody is known, one row at most.
DOOR = """
    CREATE FUNCTION identity_of_key(secret_hash bytea, moment timestamptz)
    RETURNS TABLE (session_id uuid, scopes text[], used_at timestamptz, member_id uuid, role text, person_name text,
                   language text, is_confirmed boolean, organisation_id uuid, organisation_name text, roles text[])
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp ROWS 1
    AS $$
        SELECT k.id, k.scopes, k.used_at, m.id, m.role, a.name, a.language, a.email_confirmed_at IS NOT NULL,
            o.id, o.name, o.roles
        FROM api_keys k
        JOIN members m ON m.id = k.member_id AND m.organisation_id = k.organisation_id
        JOIN accounts a ON a.id = m.account_id
        JOIN organisations o ON o.id = k.organisation_id
        WHERE k.key_hash = secret_hash AND k.revoked_at IS NULL AND k.expires_at > moment AND m.left_at IS NULL
    $$
"""


def upgrade() -> None:
    """A table that each organisation sees its own rows of; an account says when it was erased."""
    op.create_table(
        "api_keys",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("organisation_id", sa.UUID(), nullable=False),
        sa.Column("member_id", sa.UUID(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("prefix", sa.Text(), nullable=False),
        sa.Column("key_hash", sa.LargeBinary(), nullable=False),
        sa.Column("scopes", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("used_at", MOMENT, nullable=True),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.Column("revoked_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisations.id"], name="fk_api_keys_organisation_id"),
        sa.ForeignKeyConstraint(["member_id"], ["members.id"], name="fk_api_keys_member_id"),
        sa.PrimaryKeyConstraint("id", name="pk_api_keys"),
        sa.UniqueConstraint("key_hash", name="uq_api_keys_key_hash"),
    )
    for column in ("organisation_id", "member_id"):
        op.create_index(f"ix_api_keys_{column}", "api_keys", [column])
    keep_apart(op, "catalog", "api_keys", owns(f"organisation_id = {ORG}"))
    op.execute(DOOR)
    op.execute("GRANT EXECUTE ON FUNCTION identity_of_key TO catalog_app, catalog_work")
    op.add_column("accounts", sa.Column("erased_at", MOMENT, nullable=True))
