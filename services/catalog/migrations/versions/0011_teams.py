"""Invitations to a team, and when a member last acted for each organisation."""

import sqlalchemy as sa
from alembic import op

from shared.database.policies import ORG, keep_apart, owns, reads

revision = "0011"
down_revision = "0010"

MOMENT = sa.DateTime(timezone=True)
# Whoever holds a letter says so before anybody is known; its secret was compared with the key.
HELD = "(SELECT nullif(current_setting('app.invitation', true), '')::uuid)"


def upgrade() -> None:
    """One table, one column; a contact of somebody invited is replaced like a member's."""
    op.add_column("members", sa.Column("seen_at", MOMENT, nullable=True))
    op.execute(
        "UPDATE members m SET seen_at = s.seen_at "
        "FROM (SELECT member_id, max(seen_at) AS seen_at FROM sessions GROUP BY member_id) s WHERE s.member_id = m.id"
    )
    op.create_table(
        "invitations",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("organisation_id", sa.UUID(), nullable=False),
        sa.Column("email", sa.Text(), nullable=True),
        sa.Column("role", sa.String(20), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("link_id", sa.UUID(), nullable=False),
        sa.Column("invited_by", sa.UUID(), nullable=False),
        sa.Column("invited_at", MOMENT, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisations.id"], name="fk_invitations_organisation_id"),
        sa.ForeignKeyConstraint(["invited_by"], ["members.id"], name="fk_invitations_invited_by"),
        sa.PrimaryKeyConstraint("id", name="pk_invitations"),
        sa.UniqueConstraint("link_id", name="uq_invitations_link_id"),
    )
    for column in ("organisation_id", "expires_at"):
        op.create_index(f"ix_invitations_{column}", "invitations", [column])
    op.create_index(
        "uq_invitations_pending",
        "invitations",
        ["organisation_id", sa.text("lower(email)")],
        unique=True,
        postgresql_where=sa.text("state = 'pending'"),
    )
    keep_apart(op, "catalog", "invitations", reads(f"link_id = {HELD}"), owns(f"organisation_id = {ORG}"))
    op.execute(
        "CREATE POLICY pages_invited ON outbox FOR DELETE TO catalog_app USING "
        "(type = 'contacts.member.reached.v1' AND aggregate_id IN (SELECT id FROM invitations))"
    )
