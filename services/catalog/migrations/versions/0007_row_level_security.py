"""PostgreSQL keeps organisations apart where a query forgets to (decision 14)."""

from alembic import op

from shared.database.policies import ACCOUNT, MEMBER, ORG, adds, changes, keep_apart, let_work, only_work, owns, reads
from shared.messaging.migration import keep_messages_apart

revision = "0007"
down_revision = "0006"

OWN = f"organisation_id = {ORG}"
# A person may act for several organisations, and all of them hear of a new name.
OWN_MEMBER = f"{OWN} OR account_id = {ACCOUNT}"
# Somebody who has shown the first of two proofs is a member whose account is not known yet.
SEEN_MEMBER = f"{OWN_MEMBER} OR id = {MEMBER}"
# Subqueries on members see what the policy on members shows.
OF_OWN_MEMBER = f"id = {ACCOUNT} OR id IN (SELECT account_id FROM members WHERE {OWN})"
OWN_SESSION = f"member_id = {MEMBER} OR account_id = {ACCOUNT}"
REPLACED_CONTACT = "type = 'contacts.member.reached.v1' AND aggregate_id IN (SELECT id FROM members)"

# Before anybody is known, two questions are asked, and each has one answer at most: they go through these two doors
# and through nothing else. Whoever holds the secret of a cookie is its member; whoever types an address is checked
# against the password of its account.
DOORS = (
    """
    CREATE FUNCTION identity_of(secret_hash bytea, moment timestamptz, idle_since timestamptz)
    RETURNS TABLE (session_id uuid, seen_at timestamptz, member_id uuid, role text, person_name text, language text,
                   organisation_id uuid, organisation_name text, roles text[])
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp ROWS 1
    AS $$
        SELECT s.id, s.seen_at, m.id, m.role, a.name, a.language, o.id, o.name, o.roles
        FROM sessions s
        JOIN members m ON m.id = s.member_id
        JOIN accounts a ON a.id = s.account_id
        JOIN organisations o ON o.id = m.organisation_id
        WHERE s.token_hash = secret_hash AND s.revoked_at IS NULL AND m.left_at IS NULL
            AND s.expires_at > moment AND s.seen_at > idle_since
    $$
    """,
    """
    CREATE FUNCTION account_of_address(address text)
    RETURNS SETOF accounts LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp ROWS 1
    AS $$ SELECT * FROM accounts WHERE lower(email) = lower(address) $$
    """,
)


def upgrade() -> None:
    """A role for the worker, policies for the pages' role."""
    let_work(op, "catalog")
    op.execute("REVOKE UPDATE, DELETE, TRUNCATE ON audit FROM catalog_work")
    for door in DOORS:
        op.execute(door)
    op.execute("GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA public TO catalog_app, catalog_work")
    _people()
    _postings()
    # A letter asked for an address that nobody has leaves a line that is nobody's.
    keep_apart(op, "catalog", "audit", reads(OWN), adds(f"{OWN} OR (organisation_id IS NULL AND member_id IS NULL)"))
    keep_apart(op, "catalog", "kept_answers", owns(f"member_id = {MEMBER}"))
    only_work(op, "catalog", ["imported_rows"])
    keep_messages_apart(op, "catalog", forgets=REPLACED_CONTACT)


def _people() -> None:
    # The directory is for all; what stands in it is written by the organisation itself.
    keep_apart(op, "catalog", "organisations", reads("true"), adds(f"id = {ORG}"), changes(f"id = {ORG}"))
    keep_apart(op, "catalog", "members", reads(SEEN_MEMBER), adds(OWN_MEMBER), changes(OWN_MEMBER))
    keep_apart(op, "catalog", "accounts", reads(OF_OWN_MEMBER), adds(f"id = {ACCOUNT}"), changes(f"id = {ACCOUNT}"))
    keep_apart(op, "catalog", "sessions", reads(OWN_SESSION), adds(OWN_SESSION), changes(OWN_SESSION))


def _postings() -> None:
    # As `posting.queries.seen_by` says: once published it is public, before that its organisation's alone.
    for table in ("needs", "offers", "flows"):
        keep_apart(op, "catalog", table, reads("published_at IS NOT NULL"), owns(OWN))
    published = "EXISTS (SELECT FROM flows f WHERE f.id = flow_id AND f.published_at IS NOT NULL)"
    keep_apart(op, "catalog", "lots", reads(published), owns(OWN))
