"""Mandates to bill, and credit notes: who pays names the invoice of who is paid only while a mandate is in force."""

from importlib import import_module

import sqlalchemy as sa
from alembic import op

from shared.database.policies import ORG, adds, keep_apart, reads

revision = "0046"
down_revision = "0045"

MOMENT = sa.DateTime(timezone=True)
VERSIONS = "services.catalog.migrations.versions"
guards = import_module(f"{VERSIONS}.0033_each_side_its_own")
online = import_module(f"{VERSIONS}.0044_payments_online")
lines = import_module(f"{VERSIONS}.0045_vat_by_rate")

SIDES = f"{ORG} IN (payer_id, payee_id)"
OWED = """EXISTS (SELECT FROM settlements s
    WHERE s.payee_id = billing_mandates.payee_id AND s.payer_id = billing_mandates.payer_id)"""
BILL = f"{lines.BILLED}, vat_lines, vat_number, is_self_billed"
CREDIT = "credit_note, credited_on"
BOOKED = f"version, updated_at, {CREDIT}"


def _with_more(columns: str) -> str:
    """What may be said in a step, with the columns that are new beside those that it names already."""
    return columns.replace(lines.BILLED, BILL) + (f", {CREDIT}" if "returning_cents" in columns else "")


# As before; each invoice and credit note is the payee's to name, and the payer's under its mandate.
MAY = (
    *[(who, step, _with_more(columns)) for who, step, columns in online.MAY],
    ("payer", "(due|disputed) > (due|disputed)", f"version, updated_at, {BILL}"),
    (".*", "(refunded|voided) > (refunded|voided)", BOOKED),
)
STEPS = {
    **online.STEPS,
    "may": guards.when(*MAY),
    "besides": f"""{online.STEPS["besides"]}
    AND (NEW.is_self_billed = OLD.is_self_billed OR NEW.is_self_billed = (own_side = 'payer'))
    AND (own_side <> 'payer' OR NOT changed && '{{{BILL}, {CREDIT}}}'::text[] OR EXISTS (
      SELECT FROM billing_mandates m WHERE m.payee_id = NEW.payee_id AND m.payer_id = NEW.payer_id
        AND m.ended_at IS NULL))
    AND (step !~ '(refunded|voided) > ' OR NEW.state = OLD.state)""",
}


def upgrade() -> None:
    """One table, three columns; the trigger that keeps sides apart knows them."""
    _mandates()
    op.add_column("settlements", sa.Column("is_self_billed", sa.Boolean(), server_default="false", nullable=False))
    op.add_column("settlements", sa.Column("credit_note", sa.String(80), server_default="", nullable=False))
    op.add_column("settlements", sa.Column("credited_on", sa.Date(), nullable=True))
    made = guards.STEP.format(name="settlements_by_side", **STEPS)
    op.execute(made.replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION"))
    op.execute(
        "CREATE TRIGGER settlements_begin_uncredited BEFORE INSERT ON settlements FOR EACH ROW WHEN "
        f"({guards.APP} AND (NEW.is_self_billed OR NEW.credit_note <> '')) EXECUTE FUNCTION refuse_said_for_another()"
    )


def _mandates() -> None:
    op.create_table(
        "billing_mandates",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("payee_id", sa.UUID(), nullable=False),
        sa.Column("payer_id", sa.UUID(), nullable=False),
        sa.Column("payee_name", sa.Text(), nullable=False),
        sa.Column("payer_name", sa.Text(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("given_by", sa.UUID(), nullable=False),
        sa.Column("given_at", MOMENT, nullable=False),
        sa.Column("ended_for", sa.UUID(), nullable=True),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["payee_id"], ["organisations.id"], name="fk_billing_mandates_payee_id"),
        sa.ForeignKeyConstraint(["payer_id"], ["organisations.id"], name="fk_billing_mandates_payer_id"),
        sa.ForeignKeyConstraint(["ended_for"], ["organisations.id"], name="fk_billing_mandates_ended_for"),
        sa.ForeignKeyConstraint(["given_by"], ["members.id"], name="fk_billing_mandates_given_by"),
        sa.PrimaryKeyConstraint("id", name="pk_billing_mandates"),
        sa.CheckConstraint("payer_id <> payee_id", name="ck_billing_mandates_two"),
        sa.CheckConstraint("(ended_at IS NULL) = (ended_for IS NULL)", name="ck_billing_mandates_ended"),
    )
    op.create_index("ix_billing_mandates_payer_id", "billing_mandates", ["payer_id"])
    op.create_index(
        "uq_billing_mandates_in_force", "billing_mandates", ["payee_id", "payer_id"], unique=True,
        postgresql_where=sa.text("ended_at IS NULL"),
    )  # fmt: skip
    # Given by who is paid, to who pays it; ended once, by either.
    keep_apart(
        op,
        "catalog",
        "billing_mandates",
        reads(SIDES),
        adds(f"payee_id = {ORG} AND ended_at IS NULL AND {OWED}"),
        f"UPDATE USING ({SIDES}) WITH CHECK ({SIDES} AND ended_for = {ORG})",
    )
    op.execute("REVOKE UPDATE, DELETE ON billing_mandates FROM catalog_app")
    op.execute("GRANT UPDATE (version, ended_for, ended_at) ON billing_mandates TO catalog_app")
