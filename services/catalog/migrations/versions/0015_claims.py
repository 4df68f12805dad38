"""Claims to organisations that are there already, and how a project is reached."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from shared.database.policies import ACCOUNT, IS_COORDINATOR, MEMBER, ORG, keep_apart, owns, reads

revision = "0015"
down_revision = "0014"

MOMENT = sa.DateTime(timezone=True)
# Whoever asks, and those they ask; the territory reads all and answers by acting for the organisation.
OF_OWN_ACCOUNT = f"account_id = {ACCOUNT} OR account_id IN (SELECT account_id FROM members WHERE id = {MEMBER})"


def upgrade() -> None:
    """One table, one column; the contact of a claim's letter is replaced like a member's."""
    op.add_column("organisations", sa.Column("contact", sa.Text(), server_default="", nullable=False))
    op.create_table(
        "claims",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("organisation_id", sa.UUID(), nullable=False),
        sa.Column("account_id", sa.UUID(), nullable=False),
        sa.Column("way", sa.String(20), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("roles", postgresql.ARRAY(sa.Text()), server_default="{}", nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("reply", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("email", sa.Text(), nullable=True),
        sa.Column("link_id", sa.UUID(), nullable=True),
        sa.Column("letters", sa.Integer(), nullable=False),
        sa.Column("code_id", sa.UUID(), nullable=True),
        sa.Column("code_until", MOMENT, nullable=True),
        sa.Column("code_tries", sa.Integer(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("told_at", MOMENT, nullable=True),
        sa.Column("reminded_at", MOMENT, nullable=True),
        sa.Column("turned_at", MOMENT, nullable=True),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.Column("ended_by", sa.UUID(), nullable=True),
        sa.Column("proof", sa.String(20), nullable=True),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisations.id"], name="fk_claims_organisation_id"),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name="fk_claims_account_id"),
        sa.ForeignKeyConstraint(["ended_by"], ["members.id"], name="fk_claims_ended_by"),
        sa.PrimaryKeyConstraint("id", name="pk_claims"),
        sa.UniqueConstraint("link_id", name="uq_claims_link_id"),
    )
    for column in ("organisation_id", "account_id"):
        op.create_index(f"ix_claims_{column}", "claims", [column])
    op.create_index(
        "uq_claims_pending",
        "claims",
        ["account_id", "organisation_id"],
        unique=True,
        postgresql_where=sa.text("state = 'pending'"),
    )
    keep_apart(op, "catalog", "claims", owns(OF_OWN_ACCOUNT), owns(f"organisation_id = {ORG}"), reads(IS_COORDINATOR))
    op.execute(
        "CREATE POLICY pages_claimed ON outbox FOR DELETE TO catalog_app USING "
        "(type = 'contacts.member.reached.v1' AND aggregate_id IN (SELECT id FROM claims))"
    )
