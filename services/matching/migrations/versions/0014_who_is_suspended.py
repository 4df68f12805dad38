"""Pages ask whether an organisation is suspended: such rows are shown to none of them."""

from alembic import op

revision = "0014"
down_revision = "0013"

IS_SUSPENDED = """
    CREATE FUNCTION is_suspended(organisation uuid) RETURNS boolean
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
    AS $$ SELECT EXISTS (SELECT FROM organisations WHERE id = organisation AND status = 'closed') $$
"""


def upgrade() -> None:
    """A door that says yes or no, and no name."""
    op.execute(IS_SUSPENDED)
    op.execute("REVOKE EXECUTE ON FUNCTION is_suspended FROM PUBLIC")
    op.execute("GRANT EXECUTE ON FUNCTION is_suspended TO matching_app, matching_work")
