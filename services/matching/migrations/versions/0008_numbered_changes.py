"""Every change of what is searched has a number, so that an index in memory reads what it has not seen."""

from uuid import uuid4

from alembic import op

from shared.database.policies import only_work

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """One sequence for both sides; a trigger, so that nobody who writes can forget."""
    op.execute("CREATE SEQUENCE changes")
    # Whose changes these are: an index on disk belongs to the database that it was read from.
    op.execute(f"COMMENT ON SEQUENCE changes IS '{uuid4()}'")
    op.execute("GRANT USAGE, SELECT ON SEQUENCE changes TO matching_work")
    op.execute("""
        CREATE FUNCTION number_change() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            NEW.changed := nextval('public.changes');
            RETURN NEW;
        END $$
    """)
    # No number tells of a row that is gone; nobody takes one away but by hand, and whoever holds an index reads anew.
    op.execute("CREATE TABLE losses (changed bigint CONSTRAINT pk_losses PRIMARY KEY)")
    op.execute("""
        CREATE FUNCTION number_loss() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            INSERT INTO public.losses VALUES (nextval('public.changes'));
            RETURN NULL;
        END $$
    """)
    only_work(op, "matching", ["losses"])
    for table in ("demands", "supplies"):
        op.execute(f"""
            CREATE TRIGGER number_loss AFTER DELETE OR TRUNCATE ON {table}
            FOR EACH STATEMENT EXECUTE FUNCTION number_loss()
        """)
        # What the index in the database searched by: written by nobody any more, and kept for whoever still runs the
        # version before; the next one drops it.
        op.execute(f"DROP INDEX ix_{table}_evidence")
        op.execute(f"ALTER TABLE {table} ALTER COLUMN evidence SET DEFAULT '{{}}'")
        op.execute(f"ALTER TABLE {table} ADD COLUMN changed bigint NOT NULL DEFAULT nextval('changes')")
        op.execute(f"CREATE INDEX {table}_changed ON {table} (changed)")
        op.execute(f"""
            CREATE TRIGGER number_change BEFORE INSERT OR UPDATE OF state, status, digest ON {table}
            FOR EACH ROW EXECUTE FUNCTION number_change()
        """)
