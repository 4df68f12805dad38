"""Webhooks: where to tell, signed with what, and every message."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY, UUID

from shared.database.policies import ORG, adds, changes, keep_apart, only_work, owns, reads

revision = "0008"
down_revision = "0007"

MOMENT = sa.DateTime(timezone=True)
OWN = f"organisation_id = {ORG}"
KNOWN = "id, webhook_id, organisation_id, made_at, expires_at"


def upgrade() -> None:
    """Three tables. Pages add secrets and end them, and cannot read one."""
    create_webhooks()
    create_secrets()
    create_deliveries()
    keep_apart(op, "notifications", "webhooks", owns(OWN))
    only_work(op, "notifications", ["webhook_secrets"])
    op.execute(f"GRANT SELECT ({KNOWN}), INSERT, UPDATE (expires_at) ON webhook_secrets TO notifications_app")
    # Pages' own policies: reading what may be read, adding, ending.
    for number, policy in enumerate((reads(OWN), adds(OWN), changes(OWN)), start=1):
        command, _, condition = policy.partition(" ")
        op.execute(f"CREATE POLICY pages_{number} ON webhook_secrets FOR {command} TO notifications_app {condition}")
    op.execute("REVOKE DELETE ON webhook_deliveries FROM notifications_app")
    keep_apart(op, "notifications", "webhook_deliveries", reads(OWN), adds(OWN), changes(OWN))


def create_webhooks() -> None:
    """Addresses."""
    op.create_table(
        "webhooks",
        sa.Column("id", UUID, nullable=False),
        sa.Column("organisation_id", UUID, nullable=False),
        sa.Column("url", sa.String, nullable=False),
        sa.Column("events", ARRAY(sa.Text), nullable=False),
        sa.Column("state", sa.String, nullable=False),
        sa.Column("because", sa.String),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("failing_since", MOMENT),
        sa.Column("warned_at", MOMENT),
        sa.Column("resting_until", MOMENT),
        sa.PrimaryKeyConstraint("id", name="pk_webhooks"),
        sa.UniqueConstraint("organisation_id", "url", name="uq_webhooks_organisation_id_url"),
    )


def create_secrets() -> None:
    """What messages are signed with."""
    op.create_table(
        "webhook_secrets",
        sa.Column("id", UUID, nullable=False),
        sa.Column("webhook_id", UUID, nullable=False),
        sa.Column("organisation_id", UUID, nullable=False),
        sa.Column("secret", sa.String, nullable=False),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.Column("expires_at", MOMENT),
        sa.PrimaryKeyConstraint("id", name="pk_webhook_secrets"),
        sa.ForeignKeyConstraint(
            ["webhook_id"], ["webhooks.id"], name="fk_webhook_secrets_webhook_id", ondelete="CASCADE"
        ),
    )
    op.create_index("ix_webhook_secrets_webhook_id", "webhook_secrets", ["webhook_id"])


def create_deliveries() -> None:
    """Messages; an event becomes one at most for each webhook."""
    op.create_table(
        "webhook_deliveries",
        sa.Column("id", UUID, nullable=False),
        sa.Column("webhook_id", UUID, nullable=False),
        sa.Column("organisation_id", UUID, nullable=False),
        sa.Column("event_id", UUID, nullable=False),
        sa.Column("type", sa.String, nullable=False),
        sa.Column("payload", sa.String, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("state", sa.String, server_default="pending", nullable=False),
        sa.Column("attempts", sa.Integer, server_default="0", nullable=False),
        sa.Column("next_at", MOMENT, nullable=False),
        sa.Column("tried_first_at", MOMENT),
        sa.Column("tried_at", MOMENT),
        sa.Column("status", sa.Integer),
        sa.Column("answer", sa.String),
        sa.Column("error", sa.String),
        sa.Column("duration_ms", sa.Integer),
        sa.PrimaryKeyConstraint("id", name="pk_webhook_deliveries"),
        sa.UniqueConstraint("webhook_id", "event_id", name="uq_webhook_deliveries_webhook_id_event_id"),
        sa.ForeignKeyConstraint(
            ["webhook_id"], ["webhooks.id"], name="fk_webhook_deliveries_webhook_id", ondelete="CASCADE"
        ),
    )
    op.create_index(
        "ix_webhook_deliveries_due",
        "webhook_deliveries",
        ["webhook_id", "next_at"],
        postgresql_where=sa.text("state IN ('pending', 'claimed')"),
    )
    op.create_index("ix_webhook_deliveries_webhook_id_id", "webhook_deliveries", ["webhook_id", "id"])
    op.create_index("ix_webhook_deliveries_created_at", "webhook_deliveries", ["created_at"])
