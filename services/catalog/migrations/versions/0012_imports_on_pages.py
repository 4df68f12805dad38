"""Imports that people begin on a page: the file, how far it is, what was refused, what headings mean."""

import sqlalchemy as sa
from alembic import op

from shared.database.policies import ORG, keep_apart, owns

revision = "0012"
down_revision = "0011"

OWN = f"organisation_id = {ORG}"
MOMENT = sa.DateTime(timezone=True)
COUNTS = ("total", "position", "created", "updated", "unchanged", "refused", "put_aside", "tries")


def upgrade() -> None:
    """Four tables of an organisation's own."""
    op.create_table(
        "imports",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("organisation_id", sa.UUID(), nullable=False),
        sa.Column("member_id", sa.UUID(), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("is_everybodys", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("file_name", sa.String(120), nullable=False),
        sa.Column("language", sa.String(2), nullable=False),
        sa.Column("preset", sa.String(20)),
        sa.Column("fields", sa.ARRAY(sa.Text()), server_default="{}", nullable=False),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in COUNTS),
        sa.Column("failed_in", sa.String(20)),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("started_at", MOMENT),
        sa.Column("ended_at", MOMENT),
        sa.ForeignKeyConstraint(["member_id"], ["members.id"], name="fk_imports_member_id"),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisations.id"], name="fk_imports_organisation_id"),
        sa.PrimaryKeyConstraint("id", name="pk_imports"),
    )
    op.create_index(
        "ix_imports_at_work", "imports", ["id"], postgresql_where=sa.text("state IN ('checking', 'running')")
    )
    op.create_index("ix_imports_organisation_id", "imports", ["organisation_id", "id"])
    _of_an_import("import_sheets", sa.Column("content", sa.LargeBinary(), nullable=False), key=["import_id"])
    _of_an_import(
        "import_refusals",
        sa.Column("line", sa.Integer(), nullable=False),
        sa.Column("field", sa.String(60), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("written", sa.Text(), nullable=False),
        sa.Column("is_remark", sa.Boolean(), nullable=False),
        key=["import_id", "line", "field"],
    )
    op.create_table(
        "import_headings",
        sa.Column("organisation_id", sa.UUID(), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("heading", sa.String(200), nullable=False),
        sa.Column("field", sa.String(60), nullable=False),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisations.id"], name="fk_import_headings_organisation_id"),
        sa.PrimaryKeyConstraint("organisation_id", "kind", "heading", name="pk_import_headings"),
    )
    for table in ("imports", "import_sheets", "import_refusals", "import_headings"):
        keep_apart(op, "catalog", table, owns(OWN))


def _of_an_import(table: str, *columns: sa.Column[object], key: list[str]) -> None:
    op.create_table(
        table,
        sa.Column("import_id", sa.UUID(), nullable=False),
        sa.Column("organisation_id", sa.UUID(), nullable=False),
        *columns,
        sa.ForeignKeyConstraint(["import_id"], ["imports.id"], name=f"fk_{table}_import_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint(*key, name=f"pk_{table}"),
    )
