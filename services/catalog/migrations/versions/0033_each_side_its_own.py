"""What two organisations share is written by both, each its own part: triggers keep the other's, as policies keep rows.

A policy says which rows a page changes, and knows no column. These know what may change in which step, as `models.py`
has them; a column that no step names is frozen, so that a new one has to be named here first.
"""

from alembic import op

from shared.database.policies import ORG

revision = "0033"
down_revision = "0032"

APP = "current_user = 'catalog_app'"

CHANGED = """
CREATE FUNCTION columns_changed(before jsonb, after jsonb) RETURNS text[] LANGUAGE sql IMMUTABLE
AS $$ SELECT coalesce(array_agg(key ORDER BY key), '{}') FROM jsonb_each(after)
      WHERE value IS DISTINCT FROM before -> key $$
"""

# One shape for all: whose step it is, what may change in it, and what has to be true of it besides.
STEP = """
CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp
AS $$
DECLARE
  own_side text := {side};
  step text := own_side || ': ' || OLD.state || ' > ' || NEW.state;
  changed text[] := columns_changed(to_jsonb(OLD), to_jsonb(NEW));
  may text[] := CASE {may} ELSE '{{}}' END;
BEGIN
  IF changed = '{{}}' OR (changed <@ may AND ({besides})) THEN
    RETURN NEW;
  END IF;
  RAISE insufficient_privilege USING MESSAGE = format('not for this side of %s to change (%s): %s', TG_TABLE_NAME,
    coalesce(step, 'on no side'), array_to_string(changed, ', '));
END $$
"""

UNSAID = """
CREATE FUNCTION refuse_said_for_another() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp
AS $$ BEGIN
  RAISE insufficient_privilege USING MESSAGE = format('nobody begins %s with what the other side says', TG_TABLE_NAME);
END $$
"""


def when(*steps: tuple[str, str, str]) -> str:
    """The branches of a CASE: whose step (a pattern), which one (a pattern), and the columns that it changes."""
    return " ".join(f"WHEN step ~ '^{who}: {states}$' THEN '{{{columns}}}'" for who, states, columns in steps)


TOLD = "version, state"
ENDS = f"{TOLD}, cancelled_by, cancelled_at, reason, words"
# Who signs last runs it, and adds its own signature after this row: the other's has to be there.
OTHER_SIGNED = """EXISTS (SELECT FROM agreement_signatures s WHERE s.agreement_id = NEW.id
    AND s.revision = NEW.revision AND s.side = CASE own_side WHEN 'buyer' THEN 'supplier' ELSE 'buyer' END)"""
AGREEMENTS = {
    "side": f"CASE {ORG} WHEN OLD.buyer_id THEN 'buyer' WHEN OLD.supplier_id THEN 'supplier' END",
    "may": when(
        ("buyer", "concluded > concluded", "version, content, partner_ids, revision, changed_at"),
        ("supplier", "concluded > concluded", "version"),
        (".*", "concluded > running", f"{TOLD}, running_at"),
        ("buyer", "running > (running|completed)", f"{TOLD}, ticks, buyer_done_at, completed_at"),
        ("supplier", "running > (running|completed)", f"{TOLD}, ticks, supplier_done_at, completed_at"),
        (".*", "(concluded|running) > cancelled", ENDS),
    ),
    "besides": f"""(NEW.revision = OLD.revision + 1 OR (NEW.revision = OLD.revision AND NEW.content = OLD.content))
    AND (NEW.state <> 'cancelled' OR NEW.cancelled_by = own_side)
    AND (NEW.state = 'completed') = (NEW.completed_at IS NOT NULL)
    AND (OLD.buyer_done_at IS NULL OR NEW.buyer_done_at = OLD.buyer_done_at)
    AND (OLD.supplier_done_at IS NULL OR NEW.supplier_done_at = OLD.supplier_done_at)
    AND NOT EXISTS (SELECT FROM jsonb_each(NEW.ticks) t
      WHERE t.value IS DISTINCT FROM OLD.ticks -> t.key AND t.value ->> 'side' IS DISTINCT FROM own_side)
    AND (step !~ 'concluded > running' OR {OTHER_SIGNED})""",
}

MOVED = f"{TOLD}, updated_at"
FIGURES = f"{MOVED}, due_at, counted_by"
TAKINGS = {
    "side": f"CASE {ORG} WHEN OLD.taker_id THEN 'taker' WHEN OLD.organisation_id THEN 'holder' END",
    "may": when(
        ("holder", "held > held", f"{MOVED}, held_until, due_at"),
        ("taker", "held > released", f"{MOVED}, due_at"),
        (
            "taker",
            "held > made",
            f"{MOVED}, held_until, due_at, reminded, transport, slot_from, slot_until, carrier_receipt, tracking_slip",
        ),
        (".*", "made > cancelled", f"{MOVED}, due_at, reason, ended_by, passes_on"),
        (".*", "made > missed", f"{MOVED}, due_at, ended_by, passes_on, holder_said, taker_said"),
        ("holder", "(made|disputed) > (made|disputed|confirmed)", f"{FIGURES}, holder_said"),
        ("taker", "(made|disputed) > (made|disputed|confirmed)", f"{FIGURES}, taker_said"),
    ),
    # Who says that nothing was picked up takes its own figure back, and never the other's.
    "besides": """(NEW.state NOT IN ('cancelled', 'missed') OR NEW.ended_by = own_side)
    AND (NEW.state <> 'missed' OR (num_nonnulls(NEW.holder_said, NEW.taker_said) = 0
      AND CASE own_side WHEN 'taker' THEN OLD.holder_said ELSE OLD.taker_said END IS NULL))
    AND (NEW.state NOT IN ('disputed', 'confirmed') OR num_nonnulls(NEW.holder_said, NEW.taker_said) = 2)
    AND (NEW.state = 'confirmed') = (NEW.counted_by IS NOT NULL)
    AND NOT (OLD.state = 'disputed' AND NEW.state = 'made')""",
}

WRITTEN = "lines, total_cents, starts_on, ends_on, valid_until, commitments, message, made_by, made_at"
PROPOSALS = {
    # Others than whose need it is may change no row of somebody else's: a policy says so.
    "side": f"CASE {ORG} WHEN OLD.organisation_id THEN 'supplier' ELSE 'buyer' END",
    "may": when(
        ("supplier", "(made|withdrawn) > made", f"{TOLD}, revision, {WRITTEN}"),
        ("supplier", "made > withdrawn", TOLD),
        ("buyer", "made > (accepted|rejected)", f"{TOLD}, reason, words, decided_by, decided_at"),
    ),
    "besides": "true",
}

SUBSCRIPTIONS = {
    "side": f"CASE {ORG} WHEN OLD.taker_id THEN 'taker' WHEN OLD.organisation_id THEN 'holder' END",
    "may": when(
        ("holder", "asked > accepted", MOVED),
        ("holder", "asked > refused", f"{MOVED}, reason"),
        (".*", "accepted > paused", f"{MOVED}, acted_by"),
        (".*", "paused > accepted", f"{MOVED}, acted_by"),
        (".*", "(asked|accepted|paused) > (ending|ended)", f"{MOVED}, acted_by, until_on"),
        # Gives way to a newer one of the same taker.
        ("taker", "ending > (ending|ended)", f"{MOVED}, acted_by, until_on"),
    ),
    "besides": """(NEW.state NOT IN ('paused', 'ending', 'ended') OR NEW.acted_by = own_side)
    AND (step !~ 'paused > accepted' OR (OLD.acted_by = own_side AND NEW.acted_by IS NULL))
    AND NEW.until_on <= OLD.until_on""",
}

# The two doors at which somebody becomes known tell of a suspended organisation beside what it does. The answers keep
# their columns: who runs during the change reads them as before.
SUSPENDED = "o.roles || CASE WHEN o.state = 'suspended' THEN '{suspended}'::text[] ELSE '{}' END"
BY_SESSION = f"""
    CREATE OR REPLACE FUNCTION identity_of(secret_hash bytea, moment timestamptz, idle_since timestamptz)
    RETURNS TABLE (session_id uuid, seen_at timestamptz, member_id uuid, role text, person_name text, language text,
                   is_confirmed boolean, organisation_id uuid, organisation_name text, roles text[])
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp ROWS 1
    AS $$
        SELECT s.id, s.seen_at, m.id, m.role, a.name, a.language, a.email_confirmed_at IS NOT NULL,
            o.id, o.name, {SUSPENDED}
        FROM sessions s
        JOIN members m ON m.id = s.member_id
        JOIN accounts a ON a.id = s.account_id
        JOIN organisations o ON o.id = m.organisation_id
        WHERE s.token_hash = secret_hash AND s.revoked_at IS NULL AND m.left_at IS NULL
            AND s.expires_at > moment AND s.seen_at > idle_since
    $$
"""
BY_KEY = f"""
    CREATE OR REPLACE FUNCTION identity_of_key(secret_hash bytea, moment timestamptz)
    RETURNS TABLE (session_id uuid, scopes text[], used_at timestamptz, member_id uuid, role text, person_name text,
                   language text, is_confirmed boolean, organisation_id uuid, organisation_name text, roles text[])
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp ROWS 1
    AS $$
        SELECT k.id, k.scopes, k.used_at, m.id, m.role, a.name, a.language, a.email_confirmed_at IS NOT NULL,
            o.id, o.name, {SUSPENDED}
        FROM api_keys k
        JOIN members m ON m.id = k.member_id AND m.organisation_id = k.organisation_id
        JOIN accounts a ON a.id = m.account_id
        JOIN organisations o ON o.id = k.organisation_id
        WHERE k.key_hash = secret_hash AND k.revoked_at IS NULL AND k.expires_at > moment AND m.left_at IS NULL
    $$
"""

STEPS = {"agreements": AGREEMENTS, "takings": TAKINGS, "proposals": PROPOSALS, "subscriptions": SUBSCRIPTIONS}

# How each begins: nobody has answered it yet.
BEGINS = {
    "agreements": "NEW.state = 'concluded' AND NEW.ticks = '{}' AND num_nonnulls(NEW.running_at, NEW.buyer_done_at, "
    "NEW.supplier_done_at, NEW.completed_at, NEW.cancelled_by, NEW.cancelled_at, NEW.reason) = 0",
    "takings": "NEW.state IN ('held', 'made') AND "
    "num_nonnulls(NEW.holder_said, NEW.taker_said, NEW.counted_by, NEW.reason, NEW.ended_by) = 0",
    "proposals": "NEW.state = 'made' AND num_nonnulls(NEW.reason, NEW.decided_by, NEW.decided_at) = 0",
    "subscriptions": "NEW.state = 'asked' AND num_nonnulls(NEW.reason, NEW.acted_by) = 0",
}


def upgrade() -> None:
    """Two triggers a table, for pages alone: the worker acts for both sides, and has nobody's setting."""
    op.execute(CHANGED)
    op.execute("GRANT EXECUTE ON FUNCTION columns_changed(jsonb, jsonb) TO catalog_app")
    op.execute(UNSAID)
    op.execute(BY_SESSION)
    op.execute(BY_KEY)
    # Whoever was asked reads that a question was withdrawn, which then says nothing any more.
    op.execute(f"ALTER POLICY pages_5 ON questions USING (asked_of = {ORG})")
    for table, step in STEPS.items():
        name = f"{table}_by_side"
        op.execute(STEP.format(name=name, **step))
        op.execute(
            f"CREATE TRIGGER {name} BEFORE UPDATE ON {table} FOR EACH ROW WHEN ({APP}) EXECUTE FUNCTION {name}()"
        )
        op.execute(
            f"CREATE TRIGGER {table}_begin BEFORE INSERT ON {table} FOR EACH ROW "
            f"WHEN ({APP} AND NOT ({BEGINS[table]})) EXECUTE FUNCTION refuse_said_for_another()"
        )
        # What one of two ends stays for the other to read.
        op.execute(f"REVOKE DELETE ON {table} FROM catalog_app")
