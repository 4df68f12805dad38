"""What came of confirmed exchanges: the exchange with its frozen facts, its figures in versions, a territory's sums."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from shared.database.policies import IS_COORDINATOR, ORG, adds, keep_apart, reads

revision = "0026"
down_revision = "0025"

MOMENT = sa.DateTime(timezone=True)
SIDES = f"{ORG} IN (organisation_id, partner_id)"
# Pages record an exchange that both its sides confirmed, and no other.
CONFIRMED = f"""{SIDES} AND (
    EXISTS (SELECT FROM takings t WHERE t.id = taking_id AND t.state = 'confirmed'
            AND t.organisation_id = impact_exchanges.organisation_id AND t.taker_id = partner_id)
    OR EXISTS (SELECT FROM agreements a WHERE a.id = agreement_id AND a.state = 'completed'
               AND a.buyer_id = impact_exchanges.organisation_id AND a.supplier_id = partner_id))"""
OF_ONE = f"exchange_id IN (SELECT id FROM impact_exchanges WHERE {SIDES})"
# Sums of a territory for its coordinators, from three organisations on: the rows themselves are their sides' alone.
TERRITORY = f"""
CREATE FUNCTION territory_impact(epcis text[], communes text[], without text[], since date, until date)
RETURNS TABLE (measure text, level text, value numeric, low numeric, high numeric, exchanges bigint,
               organisations bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$
  WITH figures AS (
    SELECT e.measure, e.level, e.value, e.low, e.high, x.id, x.organisation_id, x.partner_id
    FROM impact_entries e JOIN impact_exchanges x ON x.id = e.exchange_id
    WHERE {IS_COORDINATOR} AND e.superseded_at IS NULL AND e.value IS NOT NULL
      AND x.confirmed_on BETWEEN $4 AND $5
      AND (x.epci_code = ANY ($1) OR x.commune_code = ANY ($2)) AND NOT coalesce(x.commune_code = ANY ($3), false)
  ), sums AS (
    SELECT f.measure, f.level, sum(f.value) AS value, sum(f.low) AS low, sum(f.high) AS high,
           count(DISTINCT f.id) AS exchanges
    FROM figures f GROUP BY f.measure, f.level
  ), people AS (
    SELECT f.measure, f.level, count(DISTINCT o.id) AS organisations
    FROM figures f CROSS JOIN LATERAL (VALUES (f.organisation_id), (f.partner_id)) AS o (id)
    GROUP BY f.measure, f.level
  )
  SELECT s.measure, s.level, CASE WHEN p.organisations >= 3 THEN s.value END,
         CASE WHEN p.organisations >= 3 THEN s.low END, CASE WHEN p.organisations >= 3 THEN s.high END,
         CASE WHEN p.organisations >= 3 THEN s.exchanges END, CASE WHEN p.organisations >= 3 THEN p.organisations END
  FROM sums s JOIN people p ON p.measure = s.measure AND p.level IS NOT DISTINCT FROM s.level
$$
"""
ARGUMENTS = "text[], text[], text[], date, date"


def upgrade() -> None:
    """Both sides read; pages only add, so that nothing that counted is ever changed but by the worker."""
    _exchanges()
    _entries()
    keep_apart(op, "catalog", "impact_exchanges", reads(SIDES), adds(CONFIRMED))
    keep_apart(op, "catalog", "impact_entries", reads(OF_ONE), adds(OF_ONE))
    op.execute(TERRITORY)
    op.execute(f"REVOKE ALL ON FUNCTION territory_impact({ARGUMENTS}) FROM PUBLIC")
    op.execute(f"GRANT EXECUTE ON FUNCTION territory_impact({ARGUMENTS}) TO catalog_app, catalog_work")


def _exchanges() -> None:
    op.create_table(
        "impact_exchanges",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("taking_id", sa.UUID(), nullable=True),
        sa.Column("agreement_id", sa.UUID(), nullable=True),
        sa.Column("organisation_id", sa.UUID(), nullable=False),
        sa.Column("partner_id", sa.UUID(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("confirmed_on", sa.Date(), nullable=False),
        sa.Column("commune_code", sa.Text(), nullable=True),
        sa.Column("epci_code", sa.Text(), nullable=True),
        sa.Column("facts", JSONB(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("recorded_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["taking_id"], ["takings.id"], name="fk_impact_exchanges_taking_id"),
        sa.ForeignKeyConstraint(["agreement_id"], ["agreements.id"], name="fk_impact_exchanges_agreement_id"),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisations.id"], name="fk_impact_exchanges_organisation_id"),
        sa.ForeignKeyConstraint(["partner_id"], ["organisations.id"], name="fk_impact_exchanges_partner_id"),
        sa.PrimaryKeyConstraint("id", name="pk_impact_exchanges"),
        sa.UniqueConstraint("id", "kind", name="uq_impact_exchanges_id_kind"),
        sa.CheckConstraint(
            "num_nonnulls(taking_id, agreement_id) = 1 AND id = coalesce(taking_id, agreement_id)",
            name="ck_impact_exchanges_one",
        ),
        sa.CheckConstraint("(kind = 'taking') = (taking_id IS NOT NULL)", name="ck_impact_exchanges_kind"),
    )
    for column in ("organisation_id", "partner_id"):
        op.create_index(f"ix_impact_exchanges_{column}", "impact_exchanges", [column])


def _entries() -> None:
    op.create_table(
        "impact_entries",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("exchange_id", sa.UUID(), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("measure", sa.String(20), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("method", sa.String(20), nullable=False),
        sa.Column("value", sa.Numeric(), nullable=True),
        sa.Column("low", sa.Numeric(), nullable=True),
        sa.Column("high", sa.Numeric(), nullable=True),
        sa.Column("level", sa.String(20), nullable=True),
        sa.Column("basis", sa.String(20), nullable=True),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("source_version", sa.Text(), nullable=False),
        sa.Column("recorded_at", MOMENT, nullable=False),
        sa.Column("superseded_at", MOMENT, nullable=True),
        sa.Column("superseded_for", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["exchange_id", "kind"],
            ["impact_exchanges.id", "impact_exchanges.kind"],
            name="fk_impact_entries_exchange_id_kind",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_impact_entries"),
        sa.UniqueConstraint("exchange_id", "measure", "version", name="uq_impact_entries_exchange_id_measure_version"),
        sa.CheckConstraint("measure NOT IN ('mass', 'co2e') OR kind = 'taking'", name="ck_impact_entries_kilograms"),
        sa.CheckConstraint("(superseded_at IS NULL) = (superseded_for IS NULL)", name="ck_impact_entries_superseded"),
    )
    op.create_index(
        "uq_impact_entries_standing", "impact_entries", ["exchange_id", "measure"], unique=True,
        postgresql_where=sa.text("superseded_at IS NULL"),
    )  # fmt: skip
