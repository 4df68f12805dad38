"""What suppliers propose for needs, and who is to take part in it; whose need it is decides."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from shared.database.policies import ORG, changes, keep_apart, owns, reads

revision = "0021"
down_revision = "0020"

MOMENT = sa.DateTime(timezone=True)
OWN = f"organisation_id = {ORG}"
RECEIVED = f"need_id IN (SELECT id FROM needs WHERE {OWN})"
STANDS = "state <> 'withdrawn'"
DECIDED = "state IN ('accepted', 'rejected')"
ANSWERED = "state, version, asked_at, answered_by, answered_at"
NAMED = f"id IN (SELECT proposal_id FROM participations WHERE {OWN})"


def upgrade() -> None:
    """Two tables: who proposes writes, whose need it is decides, who is to take part reads the one it is named in."""
    _proposals()
    _participations()
    named, received = reads(f"{STANDS} AND {NAMED}"), reads(f"{STANDS} AND {RECEIVED}")
    decides = f"UPDATE USING ({STANDS} AND {RECEIVED}) WITH CHECK ({DECIDED} AND {RECEIVED})"
    keep_apart(op, "catalog", "proposals", owns(OWN), received, named, decides)
    proposed = f"proposer_id = {ORG}"
    keep_apart(op, "catalog", "participations", owns(proposed), reads(f"{OWN} OR {RECEIVED}"), changes(OWN))
    # Nor does who is named go from one proposal to another.
    op.execute("REVOKE UPDATE ON participations FROM catalog_app")
    op.execute(f"GRANT UPDATE ({ANSWERED}) ON participations TO catalog_app")
    # The answer follows its proposal, and it is whose need it is that decides.
    op.execute(
        f"CREATE POLICY pages_3 ON answers FOR UPDATE TO catalog_app USING (state = 'proposed' AND {RECEIVED}) "
        f"WITH CHECK ({DECIDED} AND {RECEIVED})"
    )


def _proposals() -> None:
    op.create_table(
        "proposals",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("need_id", sa.UUID(), nullable=False),
        sa.Column("organisation_id", sa.UUID(), nullable=False),
        sa.Column("answer_id", sa.UUID(), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("lines", postgresql.JSONB(), nullable=False),
        sa.Column("total_cents", sa.BigInteger(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=True),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("valid_until", sa.Date(), nullable=False),
        sa.Column("commitments", sa.ARRAY(sa.Text()), server_default="{}", nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("made_by", sa.UUID(), nullable=True),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.Column("reason", sa.String(20), nullable=True),
        sa.Column("words", sa.String(500), nullable=False),
        sa.Column("decided_by", sa.UUID(), nullable=True),
        sa.Column("decided_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["need_id"], ["needs.id"], name="fk_proposals_need_id"),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisations.id"], name="fk_proposals_organisation_id"),
        sa.ForeignKeyConstraint(["answer_id"], ["answers.id"], name="fk_proposals_answer_id"),
        sa.ForeignKeyConstraint(["made_by"], ["members.id"], name="fk_proposals_made_by"),
        sa.ForeignKeyConstraint(["decided_by"], ["members.id"], name="fk_proposals_decided_by"),
        sa.PrimaryKeyConstraint("id", name="pk_proposals"),
        sa.UniqueConstraint("need_id", "organisation_id", name="uq_proposals_need_id_organisation_id"),
        sa.UniqueConstraint("answer_id", name="uq_proposals_answer_id"),
        # Who is named reads a proposal: so that only whose it is names anybody, participations refer to both.
        sa.UniqueConstraint("id", "organisation_id", name="uq_proposals_id_organisation_id"),
        sa.CheckConstraint(f"({DECIDED}) = (reason IS NOT NULL)", name="ck_proposals_reason"),
    )
    op.create_index("ix_proposals_organisation_id", "proposals", ["organisation_id"])


def _participations() -> None:
    op.create_table(
        "participations",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("proposal_id", sa.UUID(), nullable=False),
        sa.Column("need_id", sa.UUID(), nullable=False),
        sa.Column("proposer_id", sa.UUID(), nullable=False),
        sa.Column("organisation_id", sa.UUID(), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("asked_at", MOMENT, nullable=False),
        sa.Column("answered_by", sa.UUID(), nullable=True),
        sa.Column("answered_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(
            ["proposal_id", "proposer_id"],
            ["proposals.id", "proposals.organisation_id"],
            name="fk_participations_proposal_id_proposer_id",
        ),
        sa.ForeignKeyConstraint(["need_id"], ["needs.id"], name="fk_participations_need_id"),
        sa.ForeignKeyConstraint(["proposer_id"], ["organisations.id"], name="fk_participations_proposer_id"),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisations.id"], name="fk_participations_organisation_id"),
        sa.ForeignKeyConstraint(["answered_by"], ["members.id"], name="fk_participations_answered_by"),
        sa.PrimaryKeyConstraint("id", name="pk_participations"),
        sa.UniqueConstraint("proposal_id", "organisation_id", name="uq_participations_proposal_id_organisation_id"),
    )
    op.create_index("ix_participations_organisation_id", "participations", ["organisation_id"])
