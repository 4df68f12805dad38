"""PostgreSQL keeps organisations apart where a query forgets to (decision 14)."""

from alembic import op

from shared.database.policies import MEMBER, ORG, keep_apart, let_work, only_work, owns, reads
from shared.messaging.migration import keep_messages_apart

revision = "0003"
down_revision = "0002"

OWN = f"organisation_id = {ORG}"
OWN_NOTICE = f"{OWN} AND (member_id IS NULL OR member_id = {MEMBER})"


def upgrade() -> None:
    """A role for the worker, policies for the pages' role, which writes nothing but what a member has read."""
    let_work(op, "notifications")
    op.execute("REVOKE INSERT, UPDATE, DELETE ON notices, live_events FROM notifications_app")
    keep_apart(op, "notifications", "notices", reads(OWN_NOTICE))
    keep_apart(op, "notifications", "readings", owns(f"member_id = {MEMBER}"))
    keep_apart(op, "notifications", "live_events", reads(OWN))
    # Addresses, names and mails are the worker's: no page shows them.
    only_work(op, "notifications", ("organisations", "members", "contacts", "deliveries"))
    keep_messages_apart(op, "notifications")
