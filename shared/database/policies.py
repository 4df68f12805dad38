"""Row-level security as the services' migrations write it: who reads and writes which rows of a table.

A service has three roles besides its owner: `app` answers requests and is bound by policies, `work` acts for all
organisations (relay, readers, timers, commands), `read` looks. A query that forgets its condition then finds nothing
more than its asker may see.
"""

from collections.abc import Iterable
from typing import Any

# Each is read once a statement, not once a row. After its transaction a setting reads back as '', which is no id.
ORG = "(SELECT nullif(current_setting('app.org', true), '')::uuid)"
MEMBER = "(SELECT nullif(current_setting('app.member', true), '')::uuid)"
ACCOUNT = "(SELECT nullif(current_setting('app.account', true), '')::uuid)"
IS_COORDINATOR = "(SELECT coalesce(current_setting('app.coordinator', true), '') = 'on')"

ROLES_MISSING = """
DO $$ BEGIN
  IF (SELECT count(*) FROM pg_roles WHERE rolname IN ('{0}_app', '{0}_work', '{0}_read')) < 3 THEN
    RAISE EXCEPTION 'the roles {0}_app, {0}_work and {0}_read must exist before this migration (decision 14)';
  END IF;
END $$
"""


def let_work(op: Any, service: str) -> None:
    """Give the worker's role what it needs on what is there already; later tables follow by default privileges.

    Raises in words where the service's roles are missing: policies name them.
    """
    op.execute(ROLES_MISSING.format(service))
    op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {service}_work")
    op.execute(f"GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {service}_work")


def keep_apart(op: Any, service: str, table: str, *policies: str) -> None:
    """Show pages only the rows that `policies` allow: each `<command> <USING or WITH CHECK>`, any of them enough.

    Without any, pages see no row. Worker and owner see and write all, readers see all.
    """
    op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
    # The owner too needs a policy, so that a right is always one that was written down.
    op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
    op.execute(f"CREATE POLICY everything ON {table} TO {service}_work, {service}_owner USING (true) WITH CHECK (true)")
    op.execute(f"CREATE POLICY reading ON {table} FOR SELECT TO {service}_read USING (true)")
    for number, policy in enumerate(policies, start=1):
        command, _, condition = policy.strip().partition(" ")
        op.execute(f"CREATE POLICY pages_{number} ON {table} FOR {command} TO {service}_app {condition}")


def reads(rows: str) -> str:
    """Pages read these rows."""
    return f"SELECT USING ({rows})"


def owns(rows: str) -> str:
    """Pages read and write these rows, and leave none that is not one of these."""
    return f"ALL USING ({rows}) WITH CHECK ({rows})"


def adds(rows: str) -> str:
    """Pages add such rows."""
    return f"INSERT WITH CHECK ({rows})"


def changes(rows: str) -> str:
    """Pages change these rows, and into such."""
    return f"UPDATE USING ({rows}) WITH CHECK ({rows})"


def removes(rows: str) -> str:
    """Pages remove these rows."""
    return f"DELETE USING ({rows})"


def only_work(op: Any, service: str, tables: Iterable[str]) -> None:
    """Close tables that no page touches: a query of a page is refused, not only shown nothing."""
    for table in tables:
        op.execute(f"REVOKE ALL ON {table} FROM {service}_app")
        keep_apart(op, service, table)
