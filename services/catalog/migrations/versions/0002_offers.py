"""Offers."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """What an organisation can do, as a standing promise."""
    op.create_table(
        "offers",
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("need_kinds", sa.ARRAY(sa.Text()), server_default="{}", nullable=False),
        sa.Column("takes_material", sa.Boolean(), nullable=False),
        sa.Column("cpv", sa.ARRAY(sa.Text()), server_default="{}", nullable=False),
        sa.Column("naf", sa.ARRAY(sa.Text()), server_default="{}", nullable=False),
        sa.Column("zones", postgresql.JSONB(), server_default="[]", nullable=False),
        sa.Column("service_types", sa.ARRAY(sa.Text()), server_default="{}", nullable=False),
        sa.Column("permits", postgresql.JSONB(), server_default="[]", nullable=False),
        sa.Column("level", sa.String(20), nullable=True),
        sa.Column("paused_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
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
        sa.ForeignKeyConstraint(["author_id"], ["members.id"], name="fk_offers_author_id"),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisations.id"], name="fk_offers_organisation_id"),
        sa.PrimaryKeyConstraint("id", name="pk_offers"),
        sa.UniqueConstraint("organisation_id", "external_id", name="uq_offers_organisation_id_external_id"),
    )
    op.create_index("ix_offers_organisation_id", "offers", ["organisation_id"], unique=False)
    op.create_index("ix_offers_state_published_at", "offers", ["state", "published_at"], unique=False)
