"""Organisations and what their legal entities are, for the search; their changes are numbered with the others."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB, UUID

from shared.database.policies import keep_apart, reads

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    """Who was suspended or refused is shown to no page; pages read, the worker writes."""
    op.create_table(
        "legal_entities",
        sa.Column("id", UUID, nullable=False),
        sa.Column("version", sa.BigInteger, nullable=False),
        sa.Column("kinds", sa.ARRAY(sa.Text), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_legal_entities"),
    )
    op.create_table(
        "organisations",
        sa.Column("id", UUID, nullable=False),
        sa.Column("version", sa.BigInteger, nullable=False),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("legal_entity_id", UUID, nullable=False),
        sa.Column("search", sa.ARRAY(sa.Text), nullable=False),
        sa.Column("state", JSONB, nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed", sa.BigInteger, nullable=False, server_default=sa.text("nextval('changes')")),
        sa.PrimaryKeyConstraint("id", name="pk_organisations"),
        sa.CheckConstraint("status IN ('open', 'closed')", name="ck_organisations_status"),
    )
    op.create_index("ix_organisations_legal_entity_id", "organisations", ["legal_entity_id"])
    op.create_index("organisations_changed", "organisations", ["changed"])
    op.execute("CREATE INDEX ix_organisations_search ON organisations USING gin (search) WHERE status = 'open'")
    op.execute("""
        CREATE TRIGGER number_change BEFORE INSERT OR UPDATE ON organisations
        FOR EACH ROW EXECUTE FUNCTION number_change()
    """)
    op.execute("""
        CREATE TRIGGER number_loss AFTER DELETE OR TRUNCATE ON organisations
        FOR EACH STATEMENT EXECUTE FUNCTION number_loss()
    """)
    op.execute("REVOKE INSERT, UPDATE, DELETE ON organisations, legal_entities FROM matching_app")
    keep_apart(op, "matching", "organisations", reads("status = 'open'"))
    keep_apart(op, "matching", "legal_entities", reads("true"))
