"""Public questions about needs and flows, with their answers."""

import sqlalchemy as sa
from alembic import op

from shared.database.policies import ORG, adds, changes, keep_apart, reads

revision = "0022"
down_revision = "0021"

MOMENT = sa.DateTime(timezone=True)
OWN, ASKED = f"organisation_id = {ORG}", f"asked_of = {ORG}"
# Whose need or flow it is, and not the asker's own.
TRUE = """asked_of <> organisation_id AND asked_of IN (
    SELECT n.organisation_id FROM needs n WHERE n.id = need_id
    UNION ALL SELECT f.organisation_id FROM flows f WHERE f.id = flow_id)"""
# How many wait is all that others know of questions without an answer.
DOOR = """
CREATE FUNCTION questions_waiting(about uuid)
RETURNS bigint LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$ SELECT count(*) FROM questions WHERE (need_id = about OR flow_id = about) AND state = 'asked' $$
"""


def upgrade() -> None:
    """One table: who asks adds to it, who is asked answers in it, and everybody reads what is answered."""
    op.create_table(
        "questions",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("need_id", sa.UUID(), nullable=True),
        sa.Column("flow_id", sa.UUID(), nullable=True),
        sa.Column("organisation_id", sa.UUID(), nullable=False),
        sa.Column("asked_of", sa.UUID(), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("words", sa.String(500), nullable=False),
        sa.Column("asked_by", sa.UUID(), nullable=True),
        sa.Column("asked_at", MOMENT, nullable=False),
        sa.Column("reply", sa.String(1000), nullable=False),
        sa.Column("replied_by", sa.UUID(), nullable=True),
        sa.Column("replied_at", MOMENT, nullable=True),
        sa.Column("changed_at", MOMENT, nullable=True),
        sa.Column("hidden_for", sa.String(20), nullable=True),
        sa.ForeignKeyConstraint(["need_id"], ["needs.id"], name="fk_questions_need_id"),
        sa.ForeignKeyConstraint(["flow_id"], ["flows.id"], name="fk_questions_flow_id"),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisations.id"], name="fk_questions_organisation_id"),
        sa.ForeignKeyConstraint(["asked_of"], ["organisations.id"], name="fk_questions_asked_of"),
        sa.ForeignKeyConstraint(["asked_by"], ["members.id"], name="fk_questions_asked_by"),
        sa.ForeignKeyConstraint(["replied_by"], ["members.id"], name="fk_questions_replied_by"),
        sa.PrimaryKeyConstraint("id", name="pk_questions"),
        sa.CheckConstraint("num_nonnulls(need_id, flow_id) = 1", name="ck_questions_about"),
        sa.CheckConstraint("(reply <> '') = (replied_at IS NOT NULL)", name="ck_questions_reply"),
        sa.CheckConstraint("(state = 'hidden') = (hidden_for IS NOT NULL)", name="ck_questions_hidden_for"),
    )
    for column in ("need_id", "flow_id", "organisation_id", "asked_of"):
        op.create_index(f"ix_questions_{column}", "questions", [column])
    keep_apart(
        op,
        "catalog",
        "questions",
        reads("state = 'answered'"),
        reads(OWN),
        adds(f"{OWN} AND state = 'asked' AND {TRUE}"),
        # What was answered or hidden may be locked, to be told so, and is not changed by who asked.
        f"UPDATE USING ({OWN}) WITH CHECK ({OWN} AND state IN ('asked', 'withdrawn'))",
        reads(f"{ASKED} AND state <> 'withdrawn'"),
        changes(f"{ASKED} AND state <> 'withdrawn'"),
    )
    op.execute(DOOR)
    op.execute("REVOKE EXECUTE ON FUNCTION questions_waiting FROM PUBLIC")
    op.execute("GRANT EXECUTE ON FUNCTION questions_waiting TO catalog_app, catalog_work")
