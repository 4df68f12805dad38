"""Settlements with the ledger of their moves: both sides read and write the first, and only add to the second."""

from importlib import import_module

import sqlalchemy as sa
from alembic import op

from services.catalog.parameters.definitions import definitions
from shared.database.policies import ORG, adds, changes, keep_apart, reads

revision = "0040"
down_revision = "0036"

MOMENT = sa.DateTime(timezone=True)
SIDES = f"{ORG} IN (payer_id, payee_id)"
# Under an agreement that both have signed, by one of them, between the same two.
TRUE = f"""{SIDES} AND EXISTS (
    SELECT FROM agreements a WHERE a.id = agreement_id AND a.state = 'running'
      AND payer_id IN (a.buyer_id, a.supplier_id) AND payee_id IN (a.buyer_id, a.supplier_id))"""
OF_ONE = f"settlement_id IN (SELECT id FROM settlements WHERE {SIDES})"
# Pages move nothing of anybody else's.
MOVED = f"""EXISTS (SELECT FROM settlements s WHERE s.id = settlement_id AND {ORG} IN (s.payer_id, s.payee_id)
    AND source_id IN (s.payer_id, s.payee_id) AND target_id IN (s.payer_id, s.payee_id))"""

TOLD = "version, state, updated_at"
STEPS = {
    "side": f"CASE {ORG} WHEN OLD.payer_id THEN 'payer' WHEN OLD.payee_id THEN 'payee' END",
    "may": (
        ("payee", "(due|disputed) > (due|disputed)", "version, updated_at, vat_cents, invoice, invoiced_on"),
        ("payer", "(due|disputed) > declared", f"{TOLD}, means, paid_on, reference, reason, words, remind_on"),
        ("payee", "declared > confirmed", TOLD),
        ("payee", "declared > disputed", f"{TOLD}, reason, words"),
        (
            "payee",
            "confirmed > confirmed",
            "version, updated_at, returning_cents, returned_on, returned_reference",
        ),
        ("payer", "confirmed > (confirmed|refunded)", f"{TOLD}, returning_cents, returned_cents"),
        (".*", "(due|disputed) > voided", f"{TOLD}, remind_on"),
    ),
    # The payer takes back what was returned, or says that it is not there; it returns nothing itself.
    "besides": """(own_side <> 'payer' OR NEW.returned_cents - OLD.returned_cents IN (0, OLD.returning_cents))
    AND (own_side <> 'payer' OR NEW.returning_cents IN (0, OLD.returning_cents))
    AND (NEW.state = 'refunded') = (NEW.returned_cents = NEW.net_cents + NEW.vat_cents)
    AND (own_side <> 'payee' OR NEW.returned_cents = OLD.returned_cents)
    AND (NEW.state <> 'voided' OR EXISTS (SELECT FROM agreements a
      WHERE a.id = NEW.agreement_id AND a.state = 'cancelled'))""",
}
# Nobody has said anything about it yet.
BEGINS = """NEW.state = 'due' AND NEW.vat_cents + NEW.returning_cents + NEW.returned_cents = 0
    AND num_nonnulls(NEW.means, NEW.paid_on, NEW.reason, NEW.invoiced_on) = 0"""
SEEDED = ("code", "valid_from", "value", "unit", "source", "source_on", "to_check")
SEED = sa.text("""
    INSERT INTO parameters (id, code, valid_from, value, unit, source, source_on, to_check, reason, set_at)
    VALUES (gen_random_uuid(), :code, :valid_from, :value, :unit, :source, :source_on, :to_check, '', now())
    ON CONFLICT (code, valid_from) WHERE set_by IS NULL DO NOTHING
""")


def upgrade() -> None:
    """Two tables; a trigger keeps each side's columns from the other."""
    _settlements()
    _moves()
    keep_apart(op, "catalog", "settlements", reads(SIDES), adds(TRUE), changes(SIDES))
    keep_apart(op, "catalog", "ledger_moves", reads(OF_ONE), adds(MOVED))
    guards = import_module("services.catalog.migrations.versions.0033_each_side_its_own")
    step = {**STEPS, "may": guards.when(*STEPS["may"])}
    op.execute(guards.STEP.format(name="settlements_by_side", **step))
    op.execute(
        "CREATE TRIGGER settlements_by_side BEFORE UPDATE ON settlements FOR EACH ROW "
        f"WHEN ({guards.APP}) EXECUTE FUNCTION settlements_by_side()"
    )
    op.execute(
        "CREATE TRIGGER settlements_begin BEFORE INSERT ON settlements FOR EACH ROW "
        f"WHEN ({guards.APP} AND NOT ({BEGINS})) EXECUTE FUNCTION refuse_said_for_another()"
    )
    op.execute("REVOKE DELETE ON settlements FROM catalog_app")
    for role in ("catalog_app", "catalog_work"):
        op.execute(f"REVOKE UPDATE, DELETE, TRUNCATE ON ledger_moves FROM {role}")
    _seed()


def _settlements() -> None:
    op.create_table(
        "settlements",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("agreement_id", sa.UUID(), nullable=False),
        sa.Column("milestone", sa.Integer(), nullable=False),
        sa.Column("step", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("payer_name", sa.Text(), nullable=False),
        sa.Column("payee_name", sa.Text(), nullable=False),
        sa.Column("payer_id", sa.UUID(), nullable=False),
        sa.Column("payee_id", sa.UUID(), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("net_cents", sa.BigInteger(), nullable=False),
        sa.Column("vat_cents", sa.BigInteger(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("invoice", sa.String(80), nullable=False),
        sa.Column("invoiced_on", sa.Date(), nullable=True),
        sa.Column("means", sa.String(20), nullable=True),
        sa.Column("paid_on", sa.Date(), nullable=True),
        sa.Column("reference", sa.String(80), nullable=False),
        sa.Column("reason", sa.String(20), nullable=True),
        sa.Column("words", sa.String(500), nullable=False),
        sa.Column("returning_cents", sa.BigInteger(), nullable=False),
        sa.Column("returned_cents", sa.BigInteger(), nullable=False),
        sa.Column("returned_on", sa.Date(), nullable=True),
        sa.Column("returned_reference", sa.String(80), nullable=False),
        sa.Column("remind_on", sa.Date(), nullable=True),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["agreement_id"], ["agreements.id"], name="fk_settlements_agreement_id"),
        sa.ForeignKeyConstraint(["payer_id"], ["organisations.id"], name="fk_settlements_payer_id"),
        sa.ForeignKeyConstraint(["payee_id"], ["organisations.id"], name="fk_settlements_payee_id"),
        sa.PrimaryKeyConstraint("id", name="pk_settlements"),
        sa.UniqueConstraint("agreement_id", "milestone", name="uq_settlements_agreement_id_milestone"),
        sa.CheckConstraint("net_cents > 0 AND vat_cents >= 0", name="ck_settlements_cents"),
        sa.CheckConstraint(
            "returning_cents >= 0 AND returned_cents >= 0 "
            "AND returning_cents + returned_cents <= net_cents + vat_cents",
            name="ck_settlements_returned",
        ),
        sa.CheckConstraint("payer_id <> payee_id", name="ck_settlements_two"),
    )
    for column in ("payer_id", "payee_id", "due_on", "remind_on"):
        op.create_index(f"ix_settlements_{column}", "settlements", [column])


def _moves() -> None:
    op.create_table(
        "ledger_moves",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("settlement_id", sa.UUID(), nullable=False),
        sa.Column("why", sa.String(20), nullable=False),
        sa.Column("source_kind", sa.String(20), nullable=False),
        sa.Column("source_id", sa.UUID(), nullable=False),
        sa.Column("target_kind", sa.String(20), nullable=False),
        sa.Column("target_id", sa.UUID(), nullable=False),
        sa.Column("cents", sa.BigInteger(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["settlement_id"], ["settlements.id"], name="fk_ledger_moves_settlement_id"),
        sa.ForeignKeyConstraint(["source_id"], ["organisations.id"], name="fk_ledger_moves_source_id"),
        sa.ForeignKeyConstraint(["target_id"], ["organisations.id"], name="fk_ledger_moves_target_id"),
        sa.PrimaryKeyConstraint("id", name="pk_ledger_moves"),
        sa.CheckConstraint("cents > 0", name="ck_ledger_moves_cents"),
    )
    for columns in (["settlement_id"], ["at"], ["source_id", "at"], ["target_id", "at"]):
        op.create_index(f"ix_ledger_moves_{'_'.join(columns)}", "ledger_moves", columns)


def _seed() -> None:
    for each in definitions().values():
        op.get_bind().execute(SEED, {name: getattr(each, name) for name in SEEDED})
