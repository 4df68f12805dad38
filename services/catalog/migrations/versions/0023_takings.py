"""Who takes which part of a lot, or keeps it for a while; and what of a lot is promised."""

import sqlalchemy as sa
from alembic import op

from shared.database.policies import ORG, changes, keep_apart, owns, reads

revision = "0023"
down_revision = "0022"

MOMENT = sa.DateTime(timezone=True)
# Until now nothing could be taken: what is open has been since it was last touched.
OPEN_SINCE = "UPDATE lots SET released_at = updated_at WHERE state <> 'planned'"


def upgrade() -> None:
    """The sums on the lot, whose row is locked by whoever changes them; one row a taking, for its two sides alone."""
    op.add_column(
        "lots", sa.Column("taken_value", sa.Numeric(precision=14, scale=3), server_default="0", nullable=False)
    )
    op.add_column(
        "lots", sa.Column("held_value", sa.Numeric(precision=14, scale=3), server_default="0", nullable=False)
    )
    op.add_column("lots", sa.Column("released_at", MOMENT, nullable=True))
    op.create_check_constraint(
        "ck_lots_never_overtaken",
        "lots",
        "taken_value >= 0 AND held_value >= 0 AND taken_value + held_value <= quantity_value",
    )
    op.execute(OPEN_SINCE)
    op.add_column("flows", sa.Column("taken_at", MOMENT, nullable=True))
    _create_takings()
    keep_apart(
        op,
        "catalog",
        "takings",
        owns(f"taker_id = {ORG}"),
        reads(f"organisation_id = {ORG}"),
        changes(f"organisation_id = {ORG}"),
    )


def _create_takings() -> None:
    op.create_table(
        "takings",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("lot_id", sa.UUID(), nullable=False),
        sa.Column("flow_id", sa.UUID(), nullable=False),
        sa.Column("organisation_id", sa.UUID(), nullable=False),
        sa.Column("taker_id", sa.UUID(), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("quantity_value", sa.Numeric(precision=14, scale=3), nullable=False),
        sa.Column("quantity_unit", sa.String(), nullable=False),
        sa.Column("level", sa.String(20), nullable=False),
        sa.Column("transport", sa.String(20), nullable=True),
        sa.Column("slot_from", MOMENT, nullable=True),
        sa.Column("slot_until", MOMENT, nullable=True),
        sa.Column("carrier_receipt", sa.String(100), nullable=False),
        sa.Column("tracking_slip", sa.String(100), nullable=False),
        sa.Column("held_until", MOMENT, nullable=True),
        sa.Column("due_at", MOMENT, nullable=True),
        sa.Column("reason", sa.String(20), nullable=True),
        sa.Column("ended_by", sa.String(20), nullable=True),
        sa.Column("made_by", sa.UUID(), nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["lot_id"], ["lots.id"], name="fk_takings_lot_id"),
        sa.ForeignKeyConstraint(["flow_id"], ["flows.id"], name="fk_takings_flow_id"),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisations.id"], name="fk_takings_organisation_id"),
        sa.ForeignKeyConstraint(["taker_id"], ["organisations.id"], name="fk_takings_taker_id"),
        sa.ForeignKeyConstraint(["made_by"], ["members.id"], name="fk_takings_made_by"),
        sa.PrimaryKeyConstraint("id", name="pk_takings"),
        sa.CheckConstraint("quantity_value > 0", name="ck_takings_something"),
    )
    op.create_index("ix_takings_lot_id", "takings", ["lot_id"])
    op.create_index("ix_takings_organisation_id", "takings", ["organisation_id"])
    op.create_index("ix_takings_taker_id", "takings", ["taker_id"])
    op.create_index("ix_takings_due_at", "takings", ["due_at"], postgresql_where=sa.text("due_at IS NOT NULL"))
