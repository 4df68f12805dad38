"""What suppliers say to needs: one answer an organisation and need."""

import sqlalchemy as sa
from alembic import op

from shared.database.policies import ORG, keep_apart, owns, reads

revision = "0020"
down_revision = "0019"

MOMENT = sa.DateTime(timezone=True)
OWN = f"organisation_id = {ORG}"


def upgrade() -> None:
    """One table: whoever gives an answer writes it, whose need it is reads it."""
    op.create_table(
        "answers",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("need_id", sa.UUID(), nullable=False),
        sa.Column("organisation_id", sa.UUID(), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(20), nullable=True),
        sa.Column("note", sa.String(500), nullable=False),
        sa.Column("given_by", sa.UUID(), nullable=True),
        sa.Column("letter_id", sa.UUID(), nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("given_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["need_id"], ["needs.id"], name="fk_answers_need_id"),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisations.id"], name="fk_answers_organisation_id"),
        sa.ForeignKeyConstraint(["given_by"], ["members.id"], name="fk_answers_given_by"),
        sa.PrimaryKeyConstraint("id", name="pk_answers"),
        sa.UniqueConstraint("need_id", "organisation_id", name="uq_answers_need_id_organisation_id"),
        sa.CheckConstraint("reason IS NULL OR state = 'declined'", name="ck_answers_reason"),
    )
    op.create_index("ix_answers_organisation_id", "answers", ["organisation_id"])
    received = f"need_id IN (SELECT id FROM needs WHERE {OWN})"
    keep_apart(op, "catalog", "answers", reads(received), owns(OWN))
