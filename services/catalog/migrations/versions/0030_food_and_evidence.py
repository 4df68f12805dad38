"""How much time food needs before its date to be given to people; and who reads the files beside a proposal."""

from uuid import uuid4

import sqlalchemy as sa
from alembic import op

from services.catalog.parameters.definitions import Code, definitions
from shared.database.policies import ORG

revision = "0030"
down_revision = "0029"

# A database that was begun with this version has it already, from the revision that made the table.
SEED = sa.text("""
    INSERT INTO parameters (id, code, valid_from, value, unit, source, source_on, to_check, reason, set_at)
    VALUES (:id, :code, :valid_from, :value, :unit, :source, :source_on, :to_check, '', now())
    ON CONFLICT (code, valid_from) WHERE set_by IS NULL DO NOTHING
""")

# Its supplier owns them; whose need it is reads them, and who confirmed its part, until it is taken back.
OF_PROPOSALS = f"""EXISTS (
    SELECT FROM proposals p JOIN needs n ON n.id = p.need_id
    WHERE p.id = about AND p.state <> 'withdrawn' AND (
        n.organisation_id = {ORG}
        OR EXISTS (SELECT FROM participations c
                   WHERE c.proposal_id = p.id AND c.organisation_id = {ORG} AND c.state = 'confirmed')))"""


def upgrade() -> None:
    """The figure that this version begins with, and one more way to read a file."""
    each = definitions()[Code.FOOD_TIME_LEFT]
    said = {
        name: getattr(each, name) for name in ("code", "valid_from", "value", "unit", "source", "source_on", "to_check")
    }
    op.get_bind().execute(SEED, {"id": uuid4(), **said})
    op.execute(
        f"CREATE POLICY pages_of_proposals ON files FOR SELECT TO catalog_app "
        f"USING (purpose = 'document' AND {OF_PROPOSALS})"
    )
