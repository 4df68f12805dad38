"""The event core, organisations, accounts, needs and the audit log."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from shared.messaging.migration import create_messaging_tables

revision = "0001"
down_revision = None

# The application may add lines to the audit log, never change or remove one.
APPEND_ONLY = """
DO $$ BEGIN
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'catalog_app') THEN
    REVOKE UPDATE, DELETE, TRUNCATE ON audit FROM catalog_app;
  END IF;
END $$
"""


def upgrade() -> None:
    """Everything catalog needs to let people in and post a need."""
    create_messaging_tables(op)
    _create_legal_entities()
    _create_organisations()
    _create_accounts()
    _create_members()
    _create_sessions()
    _create_wrong_passwords()
    _create_needs()
    _create_audit()
    op.execute(APPEND_ONLY)


def _create_legal_entities() -> None:
    op.create_table(
        "legal_entities",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("siren", sa.String(length=9), nullable=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kinds", sa.ARRAY(sa.Text()), server_default="{}", nullable=False),
        sa.Column("may_issue_receipts", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_legal_entities"),
        sa.UniqueConstraint("siren", name="uq_legal_entities_siren"),
    )


def _create_organisations() -> None:
    op.create_table(
        "organisations",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("legal_entity_id", sa.UUID(), nullable=False),
        sa.Column("siret", sa.String(length=14), nullable=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("website", sa.Text(), nullable=True),
        sa.Column("naf", sa.String(length=5), nullable=True),
        sa.Column("roles", sa.ARRAY(sa.Text()), server_default="{}", nullable=False),
        sa.Column("permits", postgresql.JSONB(), server_default="[]", nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("origin", sa.String(20), nullable=False),
        sa.Column("external_id", sa.String(length=200), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("place", postgresql.JSONB(), nullable=True),
        sa.ForeignKeyConstraint(["legal_entity_id"], ["legal_entities.id"], name="fk_organisations_legal_entity_id"),
        sa.PrimaryKeyConstraint("id", name="pk_organisations"),
        sa.UniqueConstraint("external_id", name="uq_organisations_external_id"),
        sa.UniqueConstraint("siret", name="uq_organisations_siret"),
    )
    op.create_index("ix_organisations_legal_entity_id", "organisations", ["legal_entity_id"], unique=False)


def _create_accounts() -> None:
    op.create_table(
        "accounts",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=False),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_accounts"),
    )
    op.create_index("uq_accounts_email_lower", "accounts", [sa.literal_column("lower(email)")], unique=True)


def _create_members() -> None:
    op.create_table(
        "members",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("account_id", sa.UUID(), nullable=False),
        sa.Column("organisation_id", sa.UUID(), nullable=False),
        sa.Column("role", sa.String(20), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("joined_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("left_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name="fk_members_account_id"),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisations.id"], name="fk_members_organisation_id"),
        sa.PrimaryKeyConstraint("id", name="pk_members"),
        sa.UniqueConstraint("account_id", "organisation_id", name="uq_members_account_id_organisation_id"),
    )
    op.create_index("ix_members_organisation_id", "members", ["organisation_id"], unique=False)


def _create_sessions() -> None:
    op.create_table(
        "sessions",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("account_id", sa.UUID(), nullable=False),
        sa.Column("member_id", sa.UUID(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name="fk_sessions_account_id"),
        sa.ForeignKeyConstraint(["member_id"], ["members.id"], name="fk_sessions_member_id"),
        sa.PrimaryKeyConstraint("id", name="pk_sessions"),
        sa.UniqueConstraint("token_hash", name="uq_sessions_token_hash"),
    )
    op.create_index("ix_sessions_account_id", "sessions", ["account_id"], unique=False)


def _create_wrong_passwords() -> None:
    op.create_table(
        "wrong_passwords",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("email_hash", sa.LargeBinary(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_wrong_passwords"),
    )
    op.create_index("ix_wrong_passwords_email_hash", "wrong_passwords", ["email_hash"], unique=False)


def _create_needs() -> None:
    op.create_table(
        "needs",
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("cpv", sa.ARRAY(sa.Text()), server_default="{}", nullable=False),
        sa.Column("radius_km", sa.Integer(), nullable=True),
        sa.Column("deadline_on", sa.Date(), nullable=True),
        sa.Column("service_type", sa.String(length=20), nullable=True),
        sa.Column("procurement_mode", sa.String(length=20), nullable=True),
        sa.Column("amount_band", sa.String(length=20), nullable=True),
        sa.Column("supplier_kinds", sa.ARRAY(sa.Text()), server_default="{}", nullable=False),
        sa.Column("permits", sa.ARRAY(sa.Text()), server_default="{}", nullable=False),
        sa.Column("receipt_wanted", sa.Boolean(), nullable=False),
        sa.Column("public_tender", sa.Boolean(), nullable=False),
        sa.Column("author_hidden", sa.Boolean(), nullable=False),
        sa.Column("outcome", sa.String(20), nullable=True),
        sa.Column("would_have_consulted", sa.Boolean(), nullable=True),
        sa.Column("match_count", sa.Integer(), nullable=True),
        sa.Column("match_revision", sa.Integer(), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("place", postgresql.JSONB(), nullable=True),
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("organisation_id", sa.UUID(), nullable=False),
        sa.Column("author_id", sa.UUID(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("categories", sa.ARRAY(sa.Text()), server_default="{}", nullable=False),
        sa.Column("ewc", sa.ARRAY(sa.Text()), server_default="{}", nullable=False),
        sa.Column("quantity_value", sa.Numeric(precision=14, scale=3), nullable=True),
        sa.Column("quantity_unit", sa.String(), nullable=True),
        sa.Column("quantity_period", sa.String(20), nullable=True),
        sa.Column("minimum_value", sa.Numeric(precision=14, scale=3), nullable=True),
        sa.Column("starts_on", sa.Date(), nullable=True),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("origin", sa.String(20), nullable=False),
        sa.Column("external_id", sa.String(length=200), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["author_id"], ["members.id"], name="fk_needs_author_id"),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisations.id"], name="fk_needs_organisation_id"),
        sa.PrimaryKeyConstraint("id", name="pk_needs"),
        sa.UniqueConstraint("organisation_id", "external_id", name="uq_needs_organisation_id_external_id"),
    )
    op.create_index("ix_needs_organisation_id", "needs", ["organisation_id"], unique=False)
    op.create_index("ix_needs_state_published_at", "needs", ["state", "published_at"], unique=False)


def _create_audit() -> None:
    op.create_table(
        "audit",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.Column("member_id", sa.UUID(), nullable=True),
        sa.Column("organisation_id", sa.UUID(), nullable=True),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("about", sa.UUID(), nullable=True),
        sa.Column("details", postgresql.JSONB(), server_default="{}", nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_audit"),
    )
    op.create_index("ix_audit_about", "audit", ["about"], unique=False)
    op.create_index("ix_audit_organisation_id", "audit", ["organisation_id"], unique=False)
