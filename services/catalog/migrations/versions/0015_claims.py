"""Claims to organisations that are there already; how a project is reached; what of a site is for all to see."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from shared.database.policies import ACCOUNT, IS_COORDINATOR, MEMBER, ORG, keep_apart, owns, reads

revision = "0015"
down_revision = "0014"

MOMENT = sa.DateTime(timezone=True)
# Whoever asks, and those they ask; the territory reads all and answers by acting for the organisation.
OF_OWN_ACCOUNT = f"account_id = {ACCOUNT} OR account_id IN (SELECT account_id FROM members WHERE id = {MEMBER})"
# Not what a team still has time to answer.
TO_COORDINATORS = f"{IS_COORDINATOR} AND (way = 'proof' OR turned_at IS NOT NULL OR state <> 'pending')"


def upgrade() -> None:
    """One table, some columns; the contact of a claim's letter is replaced like a member's."""
    op.add_column("organisations", sa.Column("contact", sa.Text(), server_default="", nullable=False))
    op.add_column("organisations", sa.Column("verified_on", sa.Date(), nullable=True))
    op.execute(
        "UPDATE organisations o SET verified_on = c.day FROM (SELECT organisation_id, "
        "max((checked_at AT TIME ZONE 'Europe/Paris')::date) AS day FROM organisation_checks "
        "WHERE finding IN ('verified', 'reinstated') GROUP BY organisation_id) c "
        "WHERE c.organisation_id = o.id AND o.state = 'verified'"
    )
    op.create_index("ix_organisations_held_by", "organisations", ["held_by"])
    op.create_index(
        "ix_legal_entities_facts_end_on",
        "legal_entities",
        ["facts_end_on"],
        postgresql_where=sa.text("facts_end_on IS NOT NULL"),
    )
    op.add_column("sites", sa.Column("is_public", sa.Boolean(), server_default="false", nullable=False))
    op.execute("CREATE POLICY pages_public ON sites FOR SELECT TO catalog_app USING (is_public)")
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
    keep_apart(op, "catalog", "claims", owns(OF_OWN_ACCOUNT), owns(f"organisation_id = {ORG}"), reads(TO_COORDINATORS))
    op.execute(
        "CREATE POLICY pages_claimed ON outbox FOR DELETE TO catalog_app USING "
        "(type = 'contacts.member.reached.v1' AND aggregate_id IN (SELECT id FROM claims))"
    )
