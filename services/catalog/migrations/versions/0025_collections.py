"""What each side of a taking says has left, what of a lot has; and the calendar that an organisation shows its own."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from shared.database.policies import ORG, keep_apart, owns

revision = "0025"
down_revision = "0024"

MOMENT = sa.DateTime(timezone=True)
# What was taken before is asked after, too.
ASKED_AFTER = "UPDATE takings SET due_at = slot_until + interval '1 day' WHERE state = 'made'"


def upgrade() -> None:
    """Figures stand on the taking, which its two sides read; a calendar's secret is made of its row's id."""
    op.add_column("takings", sa.Column("holder_said", JSONB(), nullable=True))
    op.add_column("takings", sa.Column("taker_said", JSONB(), nullable=True))
    op.add_column("takings", sa.Column("counted_by", sa.String(20), nullable=True))
    op.add_column("takings", sa.Column("reminded", sa.Integer(), server_default="0", nullable=False))
    op.execute(ASKED_AFTER)
    op.add_column(
        "lots", sa.Column("collected_value", sa.Numeric(precision=14, scale=3), server_default="0", nullable=False)
    )
    op.create_check_constraint(
        "ck_lots_collected_once", "lots", "collected_value >= 0 AND collected_value <= taken_value"
    )
    op.create_table(
        "calendars",
        sa.Column("organisation_id", sa.UUID(), nullable=False),
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisations.id"], name="fk_calendars_organisation_id"),
        sa.PrimaryKeyConstraint("organisation_id", name="pk_calendars"),
    )
    keep_apart(op, "catalog", "calendars", owns(f"organisation_id = {ORG}"))
