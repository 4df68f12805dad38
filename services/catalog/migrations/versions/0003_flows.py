"""Flows and their lots."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Material given, sold or paid to be taken, and its dated parts."""
    _create_flows()
    _create_lots()


def _create_flows() -> None:
    op.create_table(
        "flows",
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("legal_status", sa.String(20), nullable=True),
        sa.Column("levels", sa.ARRAY(sa.Text()), server_default="{}", nullable=False),
        sa.Column("radius_km", sa.Integer(), nullable=True),
        sa.Column("supplier_kinds", sa.ARRAY(sa.Text()), server_default="{}", nullable=False),
        sa.Column("permits", sa.ARRAY(sa.Text()), server_default="{}", nullable=False),
        sa.Column("receipt_wanted", sa.Boolean(), nullable=False),
        sa.Column("price_cents", sa.Integer(), nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("recurrence", sa.String(length=200), nullable=True),
        sa.Column("pickup_from", sa.Time(), nullable=False),
        sa.Column("pickup_until", sa.Time(), nullable=False),
        sa.Column("lot_days", sa.Integer(), nullable=True),
        sa.Column("plan_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("match_count", sa.Integer(), nullable=True),
        sa.Column("match_revision", sa.Integer(), nullable=False),
        sa.Column("paused_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
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
        sa.ForeignKeyConstraint(["author_id"], ["members.id"], name="fk_flows_author_id"),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisations.id"], name="fk_flows_organisation_id"),
        sa.PrimaryKeyConstraint("id", name="pk_flows"),
        sa.UniqueConstraint("organisation_id", "external_id", name="uq_flows_organisation_id_external_id"),
    )
    op.create_index("ix_flows_organisation_id", "flows", ["organisation_id"], unique=False)
    op.create_index("ix_flows_state_published_at", "flows", ["state", "published_at"], unique=False)
    op.create_index("ix_flows_plan_at", "flows", ["plan_at"], postgresql_where=sa.text("plan_at IS NOT NULL"))


def _create_lots() -> None:
    op.create_table(
        "lots",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("flow_id", sa.UUID(), nullable=False),
        sa.Column("organisation_id", sa.UUID(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("quantity_value", sa.Numeric(precision=14, scale=3), nullable=False),
        sa.Column("quantity_unit", sa.String(), nullable=False),
        sa.Column("available_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["flow_id"], ["flows.id"], name="fk_lots_flow_id"),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisations.id"], name="fk_lots_organisation_id"),
        sa.PrimaryKeyConstraint("id", name="pk_lots"),
        sa.UniqueConstraint("flow_id", "day", name="uq_lots_flow_id_day"),
    )
    op.create_index("ix_lots_due_at", "lots", ["due_at"], postgresql_where=sa.text("due_at IS NOT NULL"))
    op.create_index("ix_lots_organisation_id", "lots", ["organisation_id"], unique=False)
