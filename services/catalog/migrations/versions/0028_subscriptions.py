"""Standing subscriptions to flows, on what terms a holder accepts them, and lots that are called off besides a rule."""

import sqlalchemy as sa
from alembic import op

from shared.database.policies import ORG, changes, keep_apart, owns, reads

revision = "0028"
down_revision = "0027"

MOMENT = sa.DateTime(timezone=True)
PUBLISHED = "EXISTS (SELECT FROM flows f WHERE f.id = flow_id AND f.published_at IS NOT NULL)"
# What is open already went to nobody first.
SERVED = "UPDATE lots SET served_at = released_at WHERE released_at IS NOT NULL"


def upgrade() -> None:
    """A subscription is its two organisations' alone; the terms of a published flow are everybody's to read."""
    op.add_column("flows", sa.Column("serves_first", sa.Boolean(), server_default="false", nullable=False))
    op.add_column("lots", sa.Column("serve_at", MOMENT, nullable=True))
    op.add_column("lots", sa.Column("served_at", MOMENT, nullable=True))
    op.add_column("lots", sa.Column("extra", sa.Boolean(), server_default="false", nullable=False))
    op.create_index("ix_lots_serve_at", "lots", ["serve_at"], postgresql_where=sa.text("serve_at IS NOT NULL"))
    op.execute(SERVED)
    op.add_column("takings", sa.Column("subscription_id", sa.UUID(), nullable=True))
    op.add_column("takings", sa.Column("passes_on", sa.Boolean(), server_default="false", nullable=False))
    op.add_column("takings", sa.Column("offered", sa.Boolean(), server_default="false", nullable=False))
    _create_subscriptions()
    keep_apart(
        op,
        "catalog",
        "subscriptions",
        owns(f"taker_id = {ORG}"),
        reads(f"organisation_id = {ORG}"),
        changes(f"organisation_id = {ORG}"),
    )
    _create_terms()
    keep_apart(op, "catalog", "subscription_terms", reads(PUBLISHED), owns(f"organisation_id = {ORG}"))


def _create_subscriptions() -> None:
    op.create_table(
        "subscriptions",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("flow_id", sa.UUID(), nullable=False),
        sa.Column("organisation_id", sa.UUID(), nullable=False),
        sa.Column("taker_id", sa.UUID(), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("percent", sa.Integer(), nullable=True),
        sa.Column("quantity_value", sa.Numeric(precision=14, scale=3), nullable=True),
        sa.Column("quantity_unit", sa.String(), nullable=True),
        sa.Column("level", sa.String(20), nullable=False),
        sa.Column("transport", sa.String(20), nullable=False),
        sa.Column("slot_after_days", sa.Integer(), nullable=False),
        sa.Column("slot_from", sa.Time(), nullable=True),
        sa.Column("slot_until", sa.Time(), nullable=True),
        sa.Column("carrier_receipt", sa.String(100), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("until_on", sa.Date(), nullable=False),
        sa.Column("words", sa.String(1000), nullable=False),
        sa.Column("reason", sa.String(20), nullable=True),
        sa.Column("acted_by", sa.String(20), nullable=True),
        sa.Column("asked_by", sa.UUID(), nullable=True),
        sa.Column("asked_at", MOMENT, nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["flow_id"], ["flows.id"], name="fk_subscriptions_flow_id"),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisations.id"], name="fk_subscriptions_organisation_id"),
        sa.ForeignKeyConstraint(["taker_id"], ["organisations.id"], name="fk_subscriptions_taker_id"),
        sa.ForeignKeyConstraint(["asked_by"], ["members.id"], name="fk_subscriptions_asked_by"),
        sa.PrimaryKeyConstraint("id", name="pk_subscriptions"),
        sa.CheckConstraint(
            "(percent BETWEEN 1 AND 100 AND quantity_value IS NULL) OR (percent IS NULL AND quantity_value > 0)",
            name="ck_subscriptions_one_part",
        ),
        sa.CheckConstraint("until_on >= from_on", name="ck_subscriptions_dated"),
    )
    op.create_index("ix_subscriptions_flow_id", "subscriptions", ["flow_id"])
    op.create_index("ix_subscriptions_organisation_id", "subscriptions", ["organisation_id"])
    op.create_index("ix_subscriptions_taker_id", "subscriptions", ["taker_id"])
    op.create_index(
        "uq_subscriptions_asked",
        "subscriptions",
        ["flow_id", "taker_id"],
        unique=True,
        postgresql_where=sa.text("state = 'asked'"),
    )


def _create_terms() -> None:
    op.create_table(
        "subscription_terms",
        sa.Column("flow_id", sa.UUID(), nullable=False),
        sa.Column("organisation_id", sa.UUID(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("open_to_all", sa.Boolean(), nullable=False),
        sa.Column("fallback_id", sa.UUID(), nullable=True),
        sa.Column("call_opens_on", sa.Date(), nullable=True),
        sa.Column("call_closes_on", sa.Date(), nullable=True),
        sa.Column("criteria", sa.String(4000), nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["flow_id"], ["flows.id"], name="fk_subscription_terms_flow_id"),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name="fk_subscription_terms_organisation_id"
        ),
        sa.ForeignKeyConstraint(["fallback_id"], ["organisations.id"], name="fk_subscription_terms_fallback_id"),
        sa.PrimaryKeyConstraint("flow_id", name="pk_subscription_terms"),
        sa.CheckConstraint("call_closes_on >= call_opens_on", name="ck_subscription_terms_dated"),
    )
