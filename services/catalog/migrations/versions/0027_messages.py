"""What the two sides of a proposal, an agreement or a taking write to each other, and how far each has read."""

import sqlalchemy as sa
from alembic import op

from shared.database.policies import ORG, adds, keep_apart, owns, reads

revision = "0027"
down_revision = "0026"

MOMENT = sa.DateTime(timezone=True)
SIDES = f"{ORG} IN (organisation_id, reader_id)"
# From one of the two sides of a proposal or a taking to the other one, and to nobody else.
TRUE = f"""organisation_id = {ORG} AND (
    EXISTS (
        SELECT FROM proposals p JOIN needs n ON n.id = p.need_id
        WHERE p.id = exchange_messages.proposal_id
          AND (p.organisation_id, n.organisation_id) IN (
              (exchange_messages.organisation_id, exchange_messages.reader_id),
              (exchange_messages.reader_id, exchange_messages.organisation_id)))
    OR EXISTS (
        SELECT FROM takings t
        WHERE t.id = exchange_messages.taking_id
          AND (t.taker_id, t.organisation_id) IN (
              (exchange_messages.organisation_id, exchange_messages.reader_id),
              (exchange_messages.reader_id, exchange_messages.organisation_id))))"""
# A mark of the other side is seen by who wrote to it: it says whether the next message is news.
SEEN = "EXISTS (SELECT FROM exchange_messages m WHERE m.exchange_id = exchange_reads.exchange_id)"
# The files of a message are read where the message is.
OF_MESSAGES = "EXISTS (SELECT FROM exchange_messages m WHERE m.id = about)"
# What happened is in the audit trail, of which each organisation reads its own lines: here each side reads what
# either did with the thing that the exchange is about, and no more of it than that.
FACTS = f"""
CREATE FUNCTION exchange_facts(exchange uuid)
RETURNS TABLE (fact_id uuid, happened_at timestamptz, action text, is_own boolean, milestone text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$
    WITH things AS (
        SELECT p.id FROM proposals p JOIN needs n ON n.id = p.need_id
        WHERE p.id = exchange
          AND (p.organisation_id = {ORG} OR n.organisation_id = {ORG} AND p.state <> 'withdrawn')
        UNION ALL
        SELECT a.id FROM agreements a WHERE a.proposal_id = exchange AND {ORG} IN (a.buyer_id, a.supplier_id)
        UNION ALL
        SELECT t.id FROM takings t WHERE t.id = exchange AND {ORG} IN (t.organisation_id, t.taker_id)
    )
    SELECT l.id, l.at, l.action, coalesce(l.organisation_id = {ORG}, false), l.details ->> 'milestone'
    FROM audit l JOIN things ON things.id = l.about
    WHERE split_part(l.action, '.', 1) IN ('proposal', 'agreement', 'lot')
    ORDER BY l.id DESC LIMIT 500
$$
"""


def upgrade() -> None:
    """Two tables; an exchange itself has none: it is the proposal or the taking that it is about."""
    op.create_table(
        "exchange_messages",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("proposal_id", sa.UUID(), nullable=True),
        sa.Column("taking_id", sa.UUID(), nullable=True),
        sa.Column(
            "exchange_id", sa.UUID(), sa.Computed("coalesce(proposal_id, taking_id)", persisted=True), nullable=False
        ),
        sa.Column("organisation_id", sa.UUID(), nullable=False),
        sa.Column("reader_id", sa.UUID(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("words", sa.String(4000), nullable=False),
        sa.Column("once", sa.UUID(), nullable=False),
        sa.Column("written_by", sa.UUID(), nullable=True),
        sa.Column("at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["proposal_id"], ["proposals.id"], name="fk_exchange_messages_proposal_id"),
        sa.ForeignKeyConstraint(["taking_id"], ["takings.id"], name="fk_exchange_messages_taking_id"),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisations.id"], name="fk_exchange_messages_organisation_id"),
        sa.ForeignKeyConstraint(["reader_id"], ["organisations.id"], name="fk_exchange_messages_reader_id"),
        sa.ForeignKeyConstraint(["written_by"], ["members.id"], name="fk_exchange_messages_written_by"),
        sa.PrimaryKeyConstraint("id", name="pk_exchange_messages"),
        sa.UniqueConstraint("organisation_id", "once", name="uq_exchange_messages_organisation_id_once"),
        sa.CheckConstraint("num_nonnulls(proposal_id, taking_id) = 1", name="ck_exchange_messages_about"),
        sa.CheckConstraint("organisation_id <> reader_id", name="ck_exchange_messages_two"),
    )
    op.create_index("ix_exchange_messages_exchange_id_id", "exchange_messages", ["exchange_id", "id"])
    op.create_index("ix_exchange_messages_organisation_id_at", "exchange_messages", ["organisation_id", "at"])
    op.create_index("ix_exchange_messages_reader_id", "exchange_messages", ["reader_id"])
    op.create_index("ix_exchange_messages_written_by", "exchange_messages", ["written_by"])
    op.create_table(
        "exchange_reads",
        sa.Column("exchange_id", sa.UUID(), nullable=False),
        sa.Column("organisation_id", sa.UUID(), nullable=False),
        sa.Column("last_id", sa.UUID(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisations.id"], name="fk_exchange_reads_organisation_id"),
        sa.PrimaryKeyConstraint("exchange_id", "organisation_id", name="pk_exchange_reads"),
    )
    keep_apart(op, "catalog", "exchange_messages", reads(SIDES), adds(TRUE))
    keep_apart(op, "catalog", "exchange_reads", owns(f"organisation_id = {ORG}"), reads(SEEN))
    op.execute(
        f"CREATE POLICY pages_of_messages ON files FOR SELECT TO catalog_app "
        f"USING (purpose = 'document' AND {OF_MESSAGES})"
    )
    op.execute(FACTS)
    op.execute("REVOKE ALL ON FUNCTION exchange_facts(uuid) FROM PUBLIC")
    op.execute("GRANT EXECUTE ON FUNCTION exchange_facts(uuid) TO catalog_app, catalog_work")
