"""Payments through Stripe: calls kept before they go out, notices, suppliers' accounts, and payments as they are known.

A page begins a call for its own organisation and keeps what came of it; who paid, what was refunded and what an account
may do is written by the worker alone, from what it read at Stripe.
"""

from importlib import import_module

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from shared.database.policies import ORG, adds, keep_apart, owns, reads

revision = "0044"
down_revision = "0043"

MOMENT = sa.DateTime(timezone=True)
OWN = f"organisation_id = {ORG}"
SEEN_BY_SIDES = f"settlement_id IN (SELECT id FROM settlements WHERE {ORG} IN (payer_id, payee_id))"
VERSIONS = "services.catalog.migrations.versions"
guards = import_module(f"{VERSIONS}.0033_each_side_its_own")
before = import_module(f"{VERSIONS}.0040_settlements")
# As before, and a cancelled agreement marks what may still arrive: if it does not, nothing is owed.
MAY = (
    *[
        (who, step, columns.replace("remind_on", "remind_on, is_called_off") if step.endswith("voided") else columns)
        for who, step, columns in before.STEPS["may"]
    ],
    (".*", "declared > declared", "is_called_off"),
    ("payee", "declared > voided", f"{before.TOLD}, reason, words, remind_on"),
)
STEPS = {
    **before.STEPS,
    "may": guards.when(*MAY),
    "besides": f"""{before.STEPS["besides"]}
    AND (NEW.is_called_off = OLD.is_called_off OR EXISTS (SELECT FROM agreements a
      WHERE a.id = NEW.agreement_id AND a.state = 'cancelled'))""",
}
PAID_BY_ONE = f"EXISTS (SELECT FROM settlements s WHERE s.payee_id = organisation_id AND s.payer_id = {ORG})"


def upgrade() -> None:
    """Four tables, a mark on settlements, and moves on the platform's accounts."""
    for name in ("is_online", "is_called_off"):
        op.add_column("settlements", sa.Column(name, sa.Boolean(), server_default="false", nullable=False))
    op.execute(
        "UPDATE settlements s SET is_called_off = true FROM agreements a WHERE a.id = s.agreement_id "
        "AND a.state = 'cancelled'"
    )
    made = guards.STEP.format(name="settlements_by_side", **STEPS)
    op.execute(made.replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION"))
    # the platform's accounts are nobody's
    for side in ("source_id", "target_id"):
        op.alter_column("ledger_moves", side, nullable=True)
    _calls()
    _events()
    _accounts()
    _payments()
    keep_apart(op, "catalog", "stripe_calls", owns(OWN))
    op.execute("REVOKE UPDATE, DELETE ON stripe_calls FROM catalog_app")
    op.execute("GRANT UPDATE (state, object_id, url, ends_at, said, tries, due_at) ON stripe_calls TO catalog_app")
    # Stripe is nobody: its notices are added, and read by the worker alone.
    keep_apart(op, "catalog", "stripe_events", adds("true"))
    op.execute("REVOKE SELECT, UPDATE, DELETE ON stripe_events FROM catalog_app")
    keep_apart(
        op, "catalog", "payment_accounts", reads(f"{OWN} OR {PAID_BY_ONE}"), adds(f"{OWN} AND standing = 'asked'")
    )
    op.execute("REVOKE UPDATE, DELETE ON payment_accounts FROM catalog_app")
    keep_apart(op, "catalog", "online_payments", reads(SEEN_BY_SIDES))
    op.execute("REVOKE INSERT, UPDATE, DELETE ON online_payments FROM catalog_app")


def _calls() -> None:
    op.create_table(
        "stripe_calls",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("what", sa.String(20), nullable=False),
        sa.Column("about", sa.UUID(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.UUID(), nullable=False),
        sa.Column("key", sa.String(80), nullable=False),
        sa.Column("parameters", JSONB(), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("object_id", sa.String(255), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("ends_at", MOMENT, nullable=True),
        sa.Column("said", sa.String(500), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.Column("due_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisations.id"], name="fk_stripe_calls_organisation_id"),
        sa.PrimaryKeyConstraint("id", name="pk_stripe_calls"),
        sa.UniqueConstraint("key", name="uq_stripe_calls_key"),
        sa.UniqueConstraint("about", "what", "number", name="uq_stripe_calls_about_what_number"),
    )
    for column in ("organisation_id", "due_at"):
        op.create_index(f"ix_stripe_calls_{column}", "stripe_calls", [column])


def _events() -> None:
    op.create_table(
        "stripe_events",
        sa.Column("id", sa.String(255), nullable=False),
        sa.Column("source", sa.String(20), nullable=False),
        sa.Column("kind", sa.String(255), nullable=False),
        sa.Column("object_id", sa.String(255), nullable=False),
        sa.Column("told_at", MOMENT, nullable=False),
        sa.Column("received_at", MOMENT, nullable=False),
        sa.Column("due_at", MOMENT, nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("said", sa.String(500), nullable=False),
        sa.PrimaryKeyConstraint("id", "source", name="pk_stripe_events"),
    )
    for column in ("told_at", "due_at"):
        op.create_index(f"ix_stripe_events_{column}", "stripe_events", [column])


def _accounts() -> None:
    op.create_table(
        "payment_accounts",
        sa.Column("organisation_id", sa.UUID(), nullable=False),
        sa.Column("account_id", sa.String(255), nullable=False),
        sa.Column("standing", sa.String(20), nullable=False),
        sa.Column("asked", sa.ARRAY(sa.Text()), server_default="{}", nullable=False),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisations.id"], name="fk_payment_accounts_organisation_id"),
        sa.PrimaryKeyConstraint("organisation_id", name="pk_payment_accounts"),
        sa.UniqueConstraint("account_id", name="uq_payment_accounts_account_id"),
    )


def _payments() -> None:
    op.create_table(
        "online_payments",
        sa.Column("intent_id", sa.String(255), nullable=False),
        sa.Column("settlement_id", sa.UUID(), nullable=False),
        sa.Column("cents", sa.BigInteger(), nullable=False),
        sa.Column("fee_cents", sa.BigInteger(), nullable=False),
        sa.Column("is_separate", sa.Boolean(), nullable=False),
        sa.Column("means", sa.String(20), nullable=True),
        sa.Column("step", sa.String(20), nullable=False),
        sa.Column("stake", sa.String(20), nullable=False),
        sa.Column("charge_id", sa.String(255), nullable=False),
        sa.Column("transfer_id", sa.String(255), nullable=False),
        sa.Column("refunded_cents", sa.BigInteger(), nullable=False),
        sa.Column("fee_refunded_cents", sa.BigInteger(), nullable=False),
        sa.Column("bank", sa.String(20), nullable=True),
        sa.Column("contested_cents", sa.BigInteger(), nullable=False),
        sa.Column("failure", sa.String(500), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("held_until", MOMENT, nullable=True),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["settlement_id"], ["settlements.id"], name="fk_online_payments_settlement_id"),
        sa.PrimaryKeyConstraint("intent_id", name="pk_online_payments"),
    )
    op.create_index("ix_online_payments_settlement_id", "online_payments", ["settlement_id"])
