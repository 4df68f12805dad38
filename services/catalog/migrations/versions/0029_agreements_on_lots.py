"""Agreements that start from a part of a lot: the holder writes, the taker signs, and their exchange tells of it."""

import sqlalchemy as sa
from alembic import op

from shared.database.policies import ORG

revision = "0029"
down_revision = "0028"

# From a proposal that was chosen, by whose need it is and with whose proposal it is; or from a part of a lot that is
# taken, by who holds it and with who takes it.
TRUE = f"""buyer_id = {ORG} AND (
    EXISTS (
        SELECT FROM proposals p JOIN needs n ON n.id = p.need_id
        WHERE p.id = proposal_id AND n.id = agreements.need_id AND p.state = 'accepted'
          AND n.organisation_id = buyer_id AND p.organisation_id = supplier_id)
    OR EXISTS (
        SELECT FROM takings t
        WHERE t.id = taking_id AND t.flow_id = agreements.flow_id AND t.state IN ('made', 'disputed', 'confirmed')
          AND t.organisation_id = buyer_id AND t.taker_id = supplier_id))"""
# As in 0027, and with the agreement about a taking.
FACTS = f"""
CREATE OR REPLACE FUNCTION exchange_facts(exchange uuid)
RETURNS TABLE (fact_id uuid, happened_at timestamptz, action text, is_own boolean, milestone text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$
    WITH things AS (
        SELECT p.id FROM proposals p JOIN needs n ON n.id = p.need_id
        WHERE p.id = exchange
          AND (p.organisation_id = {ORG} OR n.organisation_id = {ORG} AND p.state <> 'withdrawn')
        UNION ALL
        SELECT a.id FROM agreements a
        WHERE exchange IN (a.proposal_id, a.taking_id) AND {ORG} IN (a.buyer_id, a.supplier_id)
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
    """Either pair of ids is there; one agreement at a time stands for each part, too."""
    for column in ("proposal_id", "need_id"):
        op.alter_column("agreements", column, nullable=True)
    for column, table in (("taking_id", "takings"), ("flow_id", "flows")):
        op.add_column("agreements", sa.Column(column, sa.UUID(), nullable=True))
        op.create_foreign_key(f"fk_agreements_{column}", "agreements", table, [column], ["id"])
    op.create_check_constraint(
        "ck_agreements_origin",
        "agreements",
        "num_nonnulls(proposal_id, taking_id) = 1 AND (proposal_id IS NULL) = (need_id IS NULL)"
        " AND (taking_id IS NULL) = (flow_id IS NULL)",
    )
    op.create_index("ix_agreements_taking_id", "agreements", ["taking_id"])
    op.create_index(
        "uq_agreements_standing_on_lots", "agreements", ["taking_id"], unique=True,
        postgresql_where=sa.text("state <> 'cancelled'"),
    )  # fmt: skip
    # The second of its pages' policies in 0024 is the one that adds.
    op.execute(f"ALTER POLICY pages_2 ON agreements WITH CHECK ({TRUE})")
    op.execute(FACTS)
