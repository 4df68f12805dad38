"""PostgreSQL keeps organisations apart where a query forgets to (decision 14)."""

from alembic import op

from shared.database.policies import IS_COORDINATOR, ORG, keep_apart, let_work, reads
from shared.messaging.migration import keep_messages_apart

revision = "0003"
down_revision = "0002"

OWN = f"organisation_id = {ORG}"
# Who fits a demand is its author's and the coordinators' business; the list of an author's demands is made once.
OF_DEMAND = f"demand_id IN (SELECT id FROM demands WHERE {OWN}) OR {IS_COORDINATOR}"
# What catalog published and anybody may read there: no page of matching writes it.
PUBLIC = ("demands", "supplies", "lots")


def upgrade() -> None:
    """A role for the worker, policies for the pages' role, which only reads."""
    let_work(op, "matching")
    op.execute("REVOKE INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public FROM matching_app")
    for table in PUBLIC:
        keep_apart(op, "matching", table, reads("true"))
    for table in ("matches", "near_misses", "match_history", "solicitations"):
        keep_apart(op, "matching", table, reads(f"{OWN} OR {OF_DEMAND}"))
    keep_apart(op, "matching", "waves", reads(OF_DEMAND))
    keep_messages_apart(op, "matching")
