"""First tables: audience, inbox, live events, deliveries."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB, UUID

from shared.messaging.migration import create_messaging_tables

revision = "0001"
down_revision = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """First tables: audience, inbox, live events, deliveries."""
    create_messaging_tables(op)
    create_audience()
    create_inbox()
    create_live_events()
    create_deliveries()


def create_audience() -> None:
    """Projections of catalog's organisations, members and contacts."""
    op.create_table(
        "organisations",
        sa.Column("id", UUID, nullable=False),
        sa.Column("name", sa.String, nullable=False),
        sa.Column("is_suspended", sa.Boolean, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_organisations"),
    )
    op.create_table(
        "members",
        sa.Column("id", UUID, nullable=False),
        sa.Column("organisation_id", UUID, nullable=False),
        sa.Column("role", sa.String, nullable=False),
        sa.Column("has_left", sa.Boolean, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_members"),
    )
    op.create_index("ix_members_organisation_id", "members", ["organisation_id"])
    op.create_table(
        "contacts",
        sa.Column("member_id", UUID, nullable=False),
        sa.Column("email", sa.String),
        sa.Column("name", sa.String),
        sa.Column("language", sa.String, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("member_id", name="pk_contacts"),
    )


def create_inbox() -> None:
    """Notices, and which member has read which."""
    op.create_table(
        "notices",
        sa.Column("id", UUID, nullable=False),
        sa.Column("topic", sa.String, nullable=False),
        sa.Column("organisation_id", UUID, nullable=False),
        sa.Column("member_id", UUID),
        sa.Column("about_id", UUID, nullable=False),
        sa.Column("about_kind", sa.String, nullable=False),
        sa.Column("told_for", UUID, nullable=False),
        sa.Column("params", JSONB, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_notices"),
        sa.UniqueConstraint("told_for", "organisation_id", "topic", name="uq_notices_told_for_organisation_id_topic"),
    )
    op.create_index("ix_notices_organisation_id_id", "notices", ["organisation_id", "id"])
    op.create_table(
        "readings",
        sa.Column("notice_id", UUID, nullable=False),
        sa.Column("member_id", UUID, nullable=False),
        sa.Column("read_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("notice_id", "member_id", name="pk_readings"),
        sa.ForeignKeyConstraint(["notice_id"], ["notices.id"], name="fk_readings_notice_id", ondelete="CASCADE"),
    )


def create_live_events() -> None:
    """What open pages are told, for some days."""
    op.create_table(
        "live_events",
        sa.Column("id", sa.BigInteger, sa.Identity(always=True), nullable=False),
        sa.Column("organisation_id", UUID),
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("payload", JSONB, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_live_events"),
    )
    op.create_index("ix_live_events_organisation_id_id", "live_events", ["organisation_id", "id"])
    op.create_index("ix_live_events_created_at", "live_events", ["created_at"])


def create_deliveries() -> None:
    """What leaves, one row a member, notice and channel."""
    op.create_table(
        "deliveries",
        sa.Column("id", UUID, server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("notice_id", UUID, nullable=False),
        sa.Column("member_id", UUID, nullable=False),
        sa.Column("organisation_id", UUID, nullable=False),
        sa.Column("channel", sa.String, nullable=False),
        sa.Column("state", sa.String, server_default="pending", nullable=False),
        sa.Column("attempts", sa.Integer, server_default="0", nullable=False),
        sa.Column("next_at", MOMENT, nullable=False),
        sa.Column("settled_at", MOMENT),
        sa.Column("last_error", sa.String),
        sa.PrimaryKeyConstraint("id", name="pk_deliveries"),
        sa.UniqueConstraint("notice_id", "member_id", "channel", name="uq_deliveries_notice_id_member_id_channel"),
        sa.ForeignKeyConstraint(["notice_id"], ["notices.id"], name="fk_deliveries_notice_id", ondelete="CASCADE"),
    )
    op.create_index(
        "ix_deliveries_due", "deliveries", ["next_at"], postgresql_where=sa.text("state IN ('pending', 'claimed')")
    )
