"""How much time food needs before its date to be given to people, as a dated parameter."""

from uuid import uuid4

import sqlalchemy as sa
from alembic import op

from services.catalog.parameters.definitions import Code, definitions

revision = "0030"
down_revision = "0028"

# A database that was begun with this version has it already, from the revision that made the table.
SEED = sa.text("""
    INSERT INTO parameters (id, code, valid_from, value, unit, source, source_on, to_check, reason, set_at)
    VALUES (:id, :code, :valid_from, :value, :unit, :source, :source_on, :to_check, '', now())
    ON CONFLICT (code, valid_from) WHERE set_by IS NULL DO NOTHING
""")


def upgrade() -> None:
    """The figure that this version begins with."""
    each = definitions()[Code.FOOD_TIME_LEFT]
    said = {
        name: getattr(each, name) for name in ("code", "valid_from", "value", "unit", "source", "source_on", "to_check")
    }
    op.get_bind().execute(SEED, {"id": uuid4(), **said})
