"""A bill says its VAT rate by rate, and under which number: of the payee's alone to say, while it is owed."""

from importlib import import_module

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0045"
down_revision = "0044"

BILLED = "vat_cents, invoice, invoiced_on"
BEGUN_BILLED = "NEW.vat_lines <> '[]' OR NEW.vat_number <> ''"


def upgrade() -> None:
    """Two columns; the trigger that keeps sides apart knows them."""
    op.add_column("settlements", sa.Column("vat_lines", JSONB(), nullable=False, server_default="[]"))
    op.add_column("settlements", sa.Column("vat_number", sa.String(20), nullable=False, server_default=""))
    versions = "services.catalog.migrations.versions"
    guards = import_module(f"{versions}.0033_each_side_its_own")
    before = import_module(f"{versions}.0044_payments_online")
    may = [
        (who, step, columns.replace(BILLED, f"{BILLED}, vat_lines, vat_number")) for who, step, columns in before.MAY
    ]
    made = guards.STEP.format(name="settlements_by_side", **{**before.STEPS, "may": guards.when(*may)})
    op.execute(made.replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION"))
    op.execute(
        "CREATE TRIGGER settlements_begin_unbilled BEFORE INSERT ON settlements FOR EACH ROW "
        f"WHEN ({guards.APP} AND ({BEGUN_BILLED})) EXECUTE FUNCTION refuse_said_for_another()"
    )
