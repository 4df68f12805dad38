"""Second proofs, recovery codes, and who is halfway in."""

import sqlalchemy as sa
from alembic import op

from shared.database.policies import ACCOUNT, MEMBER, keep_apart, owns

revision = "0009"
down_revision = "0008"

OF_OWN_ACCOUNT = f"account_id = {ACCOUNT} OR account_id IN (SELECT account_id FROM members WHERE id = {MEMBER})"
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Three tables of an account's own."""
    _create_factors()
    op.create_table(
        "recovery_codes",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("account_id", sa.UUID(), nullable=False),
        sa.Column("code_hash", sa.LargeBinary(), nullable=False),
        sa.Column("used_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name="fk_recovery_codes_account_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_recovery_codes"),
    )
    op.create_index("ix_recovery_codes_account_id", "recovery_codes", ["account_id"])
    op.create_table(
        "halfway",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("member_id", sa.UUID(), nullable=False),
        sa.Column("target", sa.Text(), nullable=False),
        sa.Column("challenge", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.Column("used_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["member_id"], ["members.id"], name="fk_halfway_member_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_halfway"),
        sa.UniqueConstraint("token_hash", name="uq_halfway_token_hash"),
    )
    for table in ("factors", "recovery_codes"):
        keep_apart(op, "catalog", table, owns(OF_OWN_ACCOUNT))


def _create_factors() -> None:
    op.create_table(
        "factors",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("account_id", sa.UUID(), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("secret", sa.Text(), nullable=False),
        sa.Column("last_step", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("credential_id", sa.LargeBinary(), nullable=True),
        sa.Column("public_key", sa.LargeBinary(), nullable=True),
        sa.Column("sign_count", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("confirmed_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name="fk_factors_account_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_factors"),
        sa.UniqueConstraint("credential_id", name="uq_factors_credential_id"),
    )
    op.create_index("ix_factors_account_id", "factors", ["account_id"])
