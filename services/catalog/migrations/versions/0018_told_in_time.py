"""What was told before a status or a permit ends; when whoever answers a claim was reminded of it."""

import sqlalchemy as sa
from alembic import op

from shared.database.policies import only_work

revision = "0018"
down_revision = "0017"

MOMENT = sa.DateTime(timezone=True)
ONE_END = ["organisation_id", "about_id", "what", "code", "expires_on", "days_before"]


def upgrade() -> None:
    """One table that no page touches, and one column."""
    op.create_table(
        "told_endings",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("organisation_id", sa.UUID(), nullable=False),
        sa.Column("about_id", sa.UUID(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("expires_on", sa.Date(), nullable=False),
        sa.Column("days_before", sa.Integer(), nullable=False),
        sa.Column("told_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisations.id"], name="fk_told_endings_organisation_id"),
        sa.PrimaryKeyConstraint("id", name="pk_told_endings"),
        sa.UniqueConstraint(*ONE_END, name="uq_told_endings_once"),
    )
    only_work(op, "catalog", ["told_endings"])
    op.add_column("claims", sa.Column("pressed_at", MOMENT, nullable=True))
