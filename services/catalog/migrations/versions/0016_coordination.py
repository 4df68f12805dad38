"""What coordinators keep: dated parameters, the log of their contacts; and calls for projects."""

from uuid import uuid4

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from services.catalog.parameters.definitions import definitions
from shared.database.policies import IS_COORDINATOR, MEMBER, ORG, adds, keep_apart, owns, reads
from shared.messaging.migration import show_letters_to_coordinators

revision = "0016"
down_revision = "0015"

MOMENT = sa.DateTime(timezone=True)
OWN = f"organisation_id = {ORG}"
SEED = sa.text("""
    INSERT INTO parameters (id, code, valid_from, value, unit, source, source_on, to_check, reason, set_at)
    VALUES (:id, :code, :valid_from, :value, :unit, :source, :source_on, :to_check, '', now())
    ON CONFLICT (code, valid_from) WHERE set_by IS NULL DO NOTHING
""")


def upgrade() -> None:
    """The tables, and the figures that Boucle begins with."""
    _parameters()
    _follow_ups()
    _calls()
    _applications()
    show_letters_to_coordinators(op, "catalog")


def _parameters() -> None:
    op.create_table(
        "parameters",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("value", sa.Numeric(16, 4), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("source_on", sa.Date(), nullable=False),
        sa.Column("to_check", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("set_by", sa.UUID(), nullable=True),
        sa.Column("set_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["set_by"], ["members.id"], name="fk_parameters_set_by"),
        sa.PrimaryKeyConstraint("id", name="pk_parameters"),
    )
    op.create_index("ix_parameters_code_valid_from", "parameters", ["code", "valid_from"])
    # A later version may bring this file again, with what is new in it.
    op.create_index(
        "uq_parameters_first", "parameters", ["code", "valid_from"], unique=True, postgresql_where="set_by IS NULL"
    )
    for each in definitions().values():
        op.get_bind().execute(
            SEED,
            {
                "id": uuid4(),
                "code": each.code,
                "valid_from": each.valid_from,
                "value": each.value,
                "unit": each.unit,
                "source": each.source,
                "source_on": each.source_on,
                "to_check": each.to_check,
            },
        )
    keep_apart(op, "catalog", "parameters", reads("true"), adds(f"{IS_COORDINATOR} AND set_by = {MEMBER}"))
    _only_grows("parameters")


def _follow_ups() -> None:
    op.create_table(
        "follow_ups",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("organisation_id", sa.UUID(), nullable=False),
        sa.Column("about", sa.UUID(), nullable=True),
        sa.Column("means", sa.String(20), nullable=False),
        sa.Column("result", sa.String(20), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("phone", sa.String(30), nullable=False),
        sa.Column("call_back_on", sa.Date(), nullable=True),
        sa.Column("noted_by", sa.UUID(), nullable=False),
        sa.Column("noted_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisations.id"], name="fk_follow_ups_organisation_id"),
        sa.ForeignKeyConstraint(["noted_by"], ["members.id"], name="fk_follow_ups_noted_by"),
        sa.PrimaryKeyConstraint("id", name="pk_follow_ups"),
    )
    op.create_index("ix_follow_ups_organisation_id", "follow_ups", ["organisation_id", "noted_at"])
    own = adds(f"{IS_COORDINATOR} AND noted_by = {MEMBER}")
    keep_apart(op, "catalog", "follow_ups", reads(IS_COORDINATOR), own)
    _only_grows("follow_ups")


def _calls() -> None:
    op.create_table(
        "calls",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("organisation_id", sa.UUID(), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(200), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("who", sa.Text(), nullable=False),
        sa.Column("open_to", postgresql.ARRAY(sa.Text()), server_default="{}", nullable=False),
        sa.Column("amount_cents", sa.BigInteger(), nullable=True),
        sa.Column("criteria", postgresql.ARRAY(sa.Text()), server_default="{}", nullable=False),
        sa.Column("opens_on", sa.Date(), nullable=True),
        sa.Column("closes_on", sa.Date(), nullable=True),
        sa.Column("decides_on", sa.Date(), nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.Column("published_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisations.id"], name="fk_calls_organisation_id"),
        sa.PrimaryKeyConstraint("id", name="pk_calls"),
    )
    op.create_index("ix_calls_organisation_id", "calls", ["organisation_id"])
    keep_apart(op, "catalog", "calls", reads("published_at IS NOT NULL"), owns(OWN))


def _applications() -> None:
    op.create_table(
        "call_applications",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("call_id", sa.UUID(), nullable=False),
        sa.Column("organisation_id", sa.UUID(), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(200), nullable=False),
        sa.Column("answers", postgresql.JSONB(), nullable=False),
        sa.Column("amount_cents", sa.BigInteger(), nullable=True),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.Column("submitted_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["call_id"], ["calls.id"], name="fk_call_applications_call_id"),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisations.id"], name="fk_call_applications_organisation_id"),
        sa.PrimaryKeyConstraint("id", name="pk_call_applications"),
        sa.UniqueConstraint("call_id", "organisation_id", name="uq_call_applications_call_id_organisation_id"),
    )
    op.create_index("ix_call_applications_organisation_id", "call_applications", ["organisation_id"])
    op.create_table(
        "application_reviews",
        sa.Column("application_id", sa.UUID(), nullable=False),
        sa.Column("organisation_id", sa.UUID(), nullable=False),
        sa.Column("marks", postgresql.JSONB(), nullable=False),
        sa.Column("retained", sa.Boolean(), nullable=True),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("reviewed_by", sa.UUID(), nullable=False),
        sa.Column("reviewed_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["application_id"], ["call_applications.id"], name="fk_application_reviews_application_id"
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name="fk_application_reviews_organisation_id"
        ),
        sa.ForeignKeyConstraint(["reviewed_by"], ["members.id"], name="fk_application_reviews_reviewed_by"),
        sa.PrimaryKeyConstraint("application_id", name="pk_application_reviews"),
    )
    op.create_index("ix_application_reviews_organisation_id", "application_reviews", ["organisation_id"])
    # Once sent, the caller reads it; a draft, or one that was taken back, is its authors' alone.
    callers = f"call_id IN (SELECT id FROM calls WHERE {OWN})"
    sent = f"submitted_at IS NOT NULL AND state <> 'withdrawn' AND {callers}"
    keep_apart(op, "catalog", "call_applications", reads(sent), owns(OWN))
    keep_apart(op, "catalog", "application_reviews", owns(OWN))
    # Whoever sees the one sees its documents: the subqueries find what the policies above show.
    op.execute(
        "CREATE POLICY pages_calls ON files FOR SELECT TO catalog_app USING (purpose = 'document' AND ("
        "about IN (SELECT id FROM calls) OR about IN (SELECT id FROM call_applications)))"
    )


def _only_grows(table: str) -> None:
    """Whoever serves pages or works adds lines, and changes none."""
    for role in ("app", "work"):
        op.execute(f"REVOKE UPDATE, DELETE, TRUNCATE ON {table} FROM catalog_{role}")
