"""Agreements with their signatures and their papers: both sides write, co-contractors that one names read it."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from shared.database.policies import ORG, adds, changes, keep_apart, reads

revision = "0024"
down_revision = "0023"

MOMENT = sa.DateTime(timezone=True)
SIDES = f"{ORG} IN (buyer_id, supplier_id)"
READERS = f"{SIDES} OR {ORG} = ANY (partner_ids)"
WRITTEN = f"buyer_id = {ORG}"
# From a proposal that was chosen, by whose need it is and with whose proposal it is.
TRUE = f"""{WRITTEN} AND EXISTS (
    SELECT FROM proposals p JOIN needs n ON n.id = p.need_id
    WHERE p.id = proposal_id AND n.id = agreements.need_id AND p.state = 'accepted'
      AND n.organisation_id = buyer_id AND p.organisation_id = supplier_id)"""
# For its own side and by one of its own.
SIGNED = f"""organisation_id = {ORG} AND member_id IN (SELECT id FROM members WHERE organisation_id = {ORG})
    AND EXISTS (SELECT FROM agreements a WHERE a.id = agreement_id AND a.revision = agreement_signatures.revision
      AND {ORG} = CASE side WHEN 'buyer' THEN a.buyer_id WHEN 'supplier' THEN a.supplier_id END)"""
OF_ONE = "agreement_id IN (SELECT id FROM agreements WHERE {0})"
# Each side may read who signed for the other, and no more of them than that.
SIGNATORIES = f"""
CREATE FUNCTION signatories(agreement uuid)
RETURNS TABLE (signature_id uuid, person_name text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$ SELECT s.id, o.name FROM agreements a JOIN agreement_signatures s ON s.agreement_id = a.id
      JOIN members m ON m.id = s.member_id JOIN accounts o ON o.id = m.account_id
      WHERE a.id = agreement AND ({READERS}) $$
"""


def upgrade() -> None:
    """Three tables; whoever signs or ends an agreement changes its row, and whose need it is alone makes one."""
    _agreements()
    _signatures()
    _papers()
    keep_apart(op, "catalog", "agreements", reads(READERS), adds(TRUE), changes(SIDES))
    keep_apart(op, "catalog", "agreement_signatures", reads(OF_ONE.format(READERS)), adds(SIGNED))
    keep_apart(op, "catalog", "agreement_papers", reads(OF_ONE.format(READERS)), adds(OF_ONE.format(WRITTEN)))
    op.execute(SIGNATORIES)
    op.execute("REVOKE ALL ON FUNCTION signatories(uuid) FROM PUBLIC")
    op.execute("GRANT EXECUTE ON FUNCTION signatories(uuid) TO catalog_app, catalog_work")


def _agreements() -> None:
    op.create_table(
        "agreements",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("proposal_id", sa.UUID(), nullable=False),
        sa.Column("need_id", sa.UUID(), nullable=False),
        sa.Column("buyer_id", sa.UUID(), nullable=False),
        sa.Column("supplier_id", sa.UUID(), nullable=False),
        sa.Column("partner_ids", sa.ARRAY(sa.UUID()), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("content", postgresql.JSONB(), nullable=False),
        sa.Column("ticks", postgresql.JSONB(), nullable=False),
        sa.Column("concluded_by", sa.UUID(), nullable=False),
        sa.Column("concluded_at", MOMENT, nullable=False),
        sa.Column("changed_at", MOMENT, nullable=False),
        sa.Column("running_at", MOMENT, nullable=True),
        sa.Column("buyer_done_at", MOMENT, nullable=True),
        sa.Column("supplier_done_at", MOMENT, nullable=True),
        sa.Column("completed_at", MOMENT, nullable=True),
        sa.Column("cancelled_by", sa.String(20), nullable=True),
        sa.Column("cancelled_at", MOMENT, nullable=True),
        sa.Column("reason", sa.String(20), nullable=True),
        sa.Column("words", sa.String(500), nullable=False),
        sa.ForeignKeyConstraint(["proposal_id"], ["proposals.id"], name="fk_agreements_proposal_id"),
        sa.ForeignKeyConstraint(["need_id"], ["needs.id"], name="fk_agreements_need_id"),
        sa.ForeignKeyConstraint(["buyer_id"], ["organisations.id"], name="fk_agreements_buyer_id"),
        sa.ForeignKeyConstraint(["supplier_id"], ["organisations.id"], name="fk_agreements_supplier_id"),
        sa.ForeignKeyConstraint(["concluded_by"], ["members.id"], name="fk_agreements_concluded_by"),
        sa.PrimaryKeyConstraint("id", name="pk_agreements"),
        sa.CheckConstraint("(state = 'cancelled') = (reason IS NOT NULL)", name="ck_agreements_reason"),
        sa.CheckConstraint(
            "state <> 'completed' OR num_nonnulls(buyer_done_at, supplier_done_at) = 2", name="ck_agreements_completed"
        ),
    )
    for column in ("proposal_id", "buyer_id", "supplier_id"):
        op.create_index(f"ix_agreements_{column}", "agreements", [column])
    op.create_index("ix_agreements_partner_ids", "agreements", ["partner_ids"], postgresql_using="gin")
    op.create_index(
        "uq_agreements_standing", "agreements", ["proposal_id"], unique=True,
        postgresql_where=sa.text("state <> 'cancelled'"),
    )  # fmt: skip


def _signatures() -> None:
    op.create_table(
        "agreement_signatures",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("agreement_id", sa.UUID(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("side", sa.String(20), nullable=False),
        sa.Column("organisation_id", sa.UUID(), nullable=False),
        sa.Column("member_id", sa.UUID(), nullable=False),
        sa.Column("document_sha256", sa.String(64), nullable=False),
        sa.Column("signed_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["agreement_id"], ["agreements.id"], name="fk_agreement_signatures_agreement_id"),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name="fk_agreement_signatures_organisation_id"
        ),
        sa.ForeignKeyConstraint(["member_id"], ["members.id"], name="fk_agreement_signatures_member_id"),
        sa.PrimaryKeyConstraint("id", name="pk_agreement_signatures"),
        sa.UniqueConstraint(
            "agreement_id", "revision", "side", name="uq_agreement_signatures_agreement_id_revision_side"
        ),
    )


def _papers() -> None:
    op.create_table(
        "agreement_papers",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("agreement_id", sa.UUID(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("language", sa.String(2), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("pdf", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["agreement_id"], ["agreements.id"], name="fk_agreement_papers_agreement_id"),
        sa.PrimaryKeyConstraint("id", name="pk_agreement_papers"),
        sa.UniqueConstraint(
            "agreement_id", "revision", "language", name="uq_agreement_papers_agreement_id_revision_language"
        ),
    )
