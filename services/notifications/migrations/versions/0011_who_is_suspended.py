"""Pages ask whether an organisation is suspended: names and members are the worker's."""

from alembic import op

revision = "0011"
down_revision = "0010"

IS_SUSPENDED = """
    CREATE FUNCTION is_suspended(organisation uuid) RETURNS boolean
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
    AS $$ SELECT EXISTS (SELECT FROM organisations WHERE id = organisation AND is_suspended) $$
"""


def upgrade() -> None:
    """A door that says yes or no, and no name."""
    op.execute(IS_SUSPENDED)
    op.execute("REVOKE EXECUTE ON FUNCTION is_suspended FROM PUBLIC")
    op.execute("GRANT EXECUTE ON FUNCTION is_suspended TO notifications_app, notifications_work")
