"""A consent says for whom it was noted: its organisation's name may be read where a person's may not."""

import sqlalchemy as sa
from alembic import op

revision = "0035"
down_revision = "0033"


def upgrade() -> None:
    """One column, filled for those that stand; nullable, so that a page of before may still write."""
    op.add_column("consents", sa.Column("noted_for", sa.UUID(), nullable=True))
    op.create_foreign_key("fk_consents_noted_for", "consents", "organisations", ["noted_for"], ["id"])
    op.execute("UPDATE consents c SET noted_for = m.organisation_id FROM members m WHERE m.id = c.noted_by")
