"""Everything that needs, flows and offers may say, and the files beside them."""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from shared.database.policies import IS_COORDINATOR, ORG, adds, keep_apart, owns, reads

revision = "0010"
down_revision = "0009"

OWN = f"organisation_id = {ORG}"


def upgrade() -> None:
    """Columns of domain.md; what exists keeps its meaning."""
    _check_before_publishing("needs")
    _check_before_publishing("flows")
    _add(
        "needs",
        sa.Column("means", sa.String(20)),
        sa.Column("amount_shown", sa.String(20), server_default="band", nullable=False),
        sa.Column("amount_cents", sa.BigInteger()),
        sa.Column("tender_url", sa.Text()),
        sa.Column("tender_reference", sa.String(100)),
        sa.Column("clause_ground", sa.String(20)),
        sa.Column("clause_hours", sa.Integer()),
        sa.Column("clause_publics", sa.ARRAY(sa.Text()), server_default="{}", nullable=False),
        sa.Column("clause_facilitator", sa.String(200)),
        sa.Column("environmental_condition", sa.Text(), server_default="", nullable=False),
        sa.Column("contact_id", sa.UUID(), sa.ForeignKey("members.id", name="fk_needs_contact_id")),
        sa.Column("copied_from", sa.UUID()),
    )
    _add(
        "flows",
        sa.Column("quantity_most", sa.Numeric(14, 3)),
        sa.Column("measured", sa.String(20), server_default="estimated", nullable=False),
        sa.Column("condition", sa.String(20)),
        sa.Column("packaging", sa.String(20)),
        sa.Column("consistence", sa.String(20)),
        sa.Column("transport", sa.String(20), server_default="taker", nullable=False),
        sa.Column("access", sa.Text(), server_default="", nullable=False),
        sa.Column("safety", sa.Text(), server_default="", nullable=False),
        sa.Column("owner_name", sa.String(200)),
        sa.Column("operator_name", sa.String(200)),
        sa.Column("epr_scheme", sa.String(20)),
        sa.Column("epr_convention", sa.String(200)),
        sa.Column("provenance", sa.Text(), server_default="", nullable=False),
        sa.Column("use_by_on", sa.Date()),
        sa.Column("priority_percent", sa.Integer(), server_default="50", nullable=False),
        sa.Column("copied_from", sa.UUID()),
    )
    _add(
        "offers",
        sa.Column("conditions", sa.Text(), server_default="", nullable=False),
        sa.Column("references", sa.Text(), server_default="", nullable=False),
        sa.Column("lead_days", sa.Integer()),
        sa.Column("visit_first", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("fetches", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("resume_on", sa.Date()),
    )
    op.create_index("ix_offers_resume_on", "offers", ["resume_on"], postgresql_where=sa.text("resume_on IS NOT NULL"))
    _files()
    _checks()
    _sites()
    _keep_apart()


def _keep_apart() -> None:
    published = " OR ".join(
        f"EXISTS (SELECT FROM {table} p WHERE p.id = about AND p.published_at IS NOT NULL)"
        for table in ("needs", "flows", "offers")
    )
    keep_apart(
        op,
        "catalog",
        "files",
        reads(f"purpose <> 'evidence' AND ({published})"),
        reads(f"purpose = 'evidence' AND {IS_COORDINATOR}"),
        owns(OWN),
    )
    keep_apart(op, "catalog", "sites", owns(OWN))
    keep_apart(op, "catalog", "organisation_checks", reads(f"{OWN} OR {IS_COORDINATOR}"), adds(OWN))
    for table in ("needs", "flows"):
        op.execute(
            f"CREATE POLICY pages_coordinator ON {table} FOR SELECT TO catalog_app "
            f"USING (state = 'submitted' AND {IS_COORDINATOR})"
        )


def _sites() -> None:
    _add(
        "legal_entities",
        sa.Column("facts", postgresql.JSONB(), server_default="[]", nullable=False),
        sa.Column("facts_end_on", sa.Date()),
    )
    _add(
        "organisations",
        sa.Column("held_by", sa.UUID(), sa.ForeignKey("organisations.id", name="fk_organisations_held_by")),
    )
    op.create_table(
        "sites",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("organisation_id", sa.UUID(), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("place", postgresql.JSONB()),
        sa.Column("access", sa.Text(), server_default="", nullable=False),
        sa.Column("hours", sa.String(200), server_default="", nullable=False),
        sa.Column("permits", postgresql.JSONB(), server_default="[]", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisations.id"], name="fk_sites_organisation_id"),
        sa.PrimaryKeyConstraint("id", name="pk_sites"),
    )
    op.create_index("ix_sites_organisation_id", "sites", ["organisation_id"])


def _checks() -> None:
    op.create_table(
        "organisation_checks",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("organisation_id", sa.UUID(), nullable=False),
        sa.Column("finding", sa.String(20), nullable=False),
        sa.Column("proof", sa.String(20)),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("checked_by", sa.UUID(), nullable=False),
        sa.Column("checked_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["checked_by"], ["members.id"], name="fk_organisation_checks_checked_by"),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name="fk_organisation_checks_organisation_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_organisation_checks"),
    )
    op.create_index("ix_organisation_checks_organisation_id", "organisation_checks", ["organisation_id"])


def _add(table: str, *columns: sa.Column[Any]) -> None:
    for column in columns:
        op.add_column(table, column)


def _check_before_publishing(table: str) -> None:
    op.add_column(table, sa.Column("submitted_at", sa.DateTime(timezone=True)))
    op.add_column(table, sa.Column("changes_wanted", sa.Text()))
    op.add_column(table, sa.Column("changes_wanted_at", sa.DateTime(timezone=True)))
    op.create_index(
        f"ix_{table}_submitted_at", table, ["submitted_at"], postgresql_where=sa.text("state = 'submitted'")
    )


def _files() -> None:
    op.create_table(
        "files",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("organisation_id", sa.UUID(), nullable=False),
        sa.Column("about", sa.UUID(), nullable=False),
        sa.Column("purpose", sa.String(20), nullable=False),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("kind", sa.String(10), nullable=False),
        sa.Column("words", sa.Text(), server_default="", nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("kept_as", sa.String(32), nullable=False),
        sa.Column("preview_as", sa.String(32)),
        sa.Column("added_by", sa.UUID()),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["added_by"], ["members.id"], name="fk_files_added_by"),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisations.id"], name="fk_files_organisation_id"),
        sa.PrimaryKeyConstraint("id", name="pk_files"),
        sa.UniqueConstraint("kept_as", name="uq_files_kept_as"),
    )
    op.create_index("ix_files_organisation_id", "files", ["organisation_id"])
    op.create_index("ix_files_about", "files", ["about", "purpose"])
