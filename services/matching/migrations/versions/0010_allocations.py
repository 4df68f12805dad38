"""Splits of flows that their publishers accepted, and the answers to what was made under an Idempotency-Key."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB, UUID

from shared.database.policies import MEMBER, ORG, adds, keep_apart, owns, reads
from shared.web.migration import create_kept_answers

revision = "0010"
down_revision = "0009"

MOMENT = sa.DateTime(timezone=True)
OWN = f"organisation_id = {ORG}"
OWN_FLOW = f"flow_id IN (SELECT id FROM demands WHERE {OWN})"


def upgrade() -> None:
    """A table that only grows: who accepted which split when is its own log."""
    op.create_table(
        "allocations",
        sa.Column("id", UUID, nullable=False),
        sa.Column("flow_id", UUID, nullable=False),
        sa.Column("organisation_id", UUID, nullable=False),
        sa.Column("version", sa.BigInteger, nullable=False),
        # None for one that a restored database heard of from its own stream.
        sa.Column("member_id", UUID),
        sa.Column("accepted_at", MOMENT, nullable=False),
        sa.Column("weights", sa.Text, nullable=False),
        sa.Column("shares", JSONB, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_allocations"),
        sa.UniqueConstraint("flow_id", "version", name="uq_allocations_flow_id_version"),
    )
    op.create_index("ix_allocations_organisation_id", "allocations", ["organisation_id"])
    for role in ("app", "work"):
        op.execute(f"REVOKE UPDATE, DELETE, TRUNCATE ON allocations FROM matching_{role}")
    keep_apart(op, "matching", "allocations", reads(OWN), adds(f"{OWN} AND {OWN_FLOW}"))
    create_kept_answers(op)
    keep_apart(op, "matching", "kept_answers", owns(f"member_id = {MEMBER}"))
