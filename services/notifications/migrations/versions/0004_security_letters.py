"""Letters about somebody's account, which are in no inbox."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB, UUID

from shared.database.policies import only_work

revision = "0004"
down_revision = "0003"

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """A delivery carries a notice or such a letter; a contact may want another address."""
    op.create_table(
        "security_letters",
        sa.Column("id", UUID, nullable=False),
        sa.Column("topic", sa.String, nullable=False),
        sa.Column("params", JSONB, nullable=False),
        sa.Column("language", sa.String),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("expires_at", MOMENT),
        sa.PrimaryKeyConstraint("id", name="pk_security_letters"),
    )
    op.add_column("contacts", sa.Column("email_asked", sa.String))
    op.alter_column("deliveries", "notice_id", nullable=True)
    op.add_column("deliveries", sa.Column("letter_id", UUID))
    op.create_foreign_key(
        "fk_deliveries_letter_id", "deliveries", "security_letters", ["letter_id"], ["id"], ondelete="CASCADE"
    )
    op.create_unique_constraint("uq_deliveries_letter_id", "deliveries", ["letter_id"])
    op.create_check_constraint("ck_deliveries_one_text", "deliveries", "num_nonnulls(notice_id, letter_id) = 1")
    only_work(op, "notifications", ["security_letters"])
