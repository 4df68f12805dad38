"""What coordinators keep: dated parameters with their source, and the log of their calls."""

from uuid import uuid4

import sqlalchemy as sa
from alembic import op

from services.catalog.parameters.definitions import definitions
from shared.database.policies import IS_COORDINATOR, MEMBER, adds, keep_apart, reads
from shared.messaging.migration import show_letters_to_coordinators

revision = "0016"
down_revision = "0014"

MOMENT = sa.DateTime(timezone=True)
SEED = sa.text("""
    INSERT INTO parameters (id, code, valid_from, value, unit, source, source_on, to_check, reason, set_at)
    VALUES (:id, :code, :valid_from, :value, :unit, :source, :source_on, :to_check, '', now())
    ON CONFLICT (code, valid_from) WHERE set_by IS NULL DO NOTHING
""")


def upgrade() -> None:
    """The tables, and the figures that Boucle begins with."""
    _parameters()
    _follow_ups()
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


def _only_grows(table: str) -> None:
    """Whoever serves pages or works adds lines, and changes none."""
    for role in ("app", "work"):
        op.execute(f"REVOKE UPDATE, DELETE, TRUNCATE ON {table} FROM catalog_{role}")
