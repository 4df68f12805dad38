"""A person may read what letters left for them, though never an address."""

from alembic import op

from shared.database.policies import MEMBER

revision = "0006"
down_revision = "0005"

DELIVERY = "id, notice_id, letter_id, member_id, organisation_id, channel, state, settled_at"


def upgrade() -> None:
    """Some columns of one's own rows, for the export of one's data."""
    op.execute(f"GRANT SELECT ({DELIVERY}) ON deliveries TO notifications_app")
    op.execute("GRANT SELECT (id, topic, created_at) ON security_letters TO notifications_app")
    op.execute(f"CREATE POLICY pages_1 ON deliveries FOR SELECT TO notifications_app USING (member_id = {MEMBER})")
    # The subquery sees what the policy on deliveries shows.
    op.execute(
        "CREATE POLICY pages_1 ON security_letters FOR SELECT TO notifications_app "
        "USING (id IN (SELECT letter_id FROM deliveries))"
    )
