"""What coordinators may know of what waits between organisations, and of what was done: through doors, no rows."""

import sqlalchemy as sa
from alembic import op

from shared.database.policies import IS_COORDINATOR, MEMBER, ORG, adds, keep_apart, reads

revision = "0031"
down_revision = "0030"

# Who has to act, who waits for it, about what and since when: no price, no weight, no word. `owns` says that the need
# or flow is that of whom one waits for. `late` is the moment by which it had begun to wait, `moment` is now.
STUCK = """
CREATE FUNCTION {name}(late timestamptz, moment timestamptz)
RETURNS TABLE (kind text, id uuid, subject text, about uuid, title text, owns boolean, awaited_id uuid,
               awaited_name text, waits_name text, since timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$
  SELECT w.kind, w.id, w.subject, w.about, w.title, w.owner = a.id, a.id, a.name, coalesce(b.name, ''), w.since
  FROM ({waiting}) AS w (kind, id, subject, about, title, owner, awaited, waits, since)
  JOIN organisations a ON a.id = w.awaited LEFT JOIN organisations b ON b.id = w.waits
  WHERE {coordinator} AND w.since <= $1 ORDER BY w.since, w.id LIMIT 500
$$
"""
A_DAY = "AT TIME ZONE 'Europe/Paris'"
PROPOSALS = f"""
    SELECT CASE WHEN p.valid_until < ($2 {A_DAY})::date THEN 'lapsed' ELSE 'proposal' END, p.id, 'need', n.id, n.title,
           n.organisation_id,
           CASE WHEN p.valid_until < ($2 {A_DAY})::date THEN p.organisation_id ELSE n.organisation_id END,
           CASE WHEN p.valid_until < ($2 {A_DAY})::date THEN n.organisation_id ELSE p.organisation_id END,
           CASE WHEN p.valid_until < ($2 {A_DAY})::date THEN (p.valid_until + 1)::timestamp {A_DAY} ELSE p.made_at END
    FROM proposals p JOIN needs n ON n.id = p.need_id
    WHERE p.state = 'made' AND n.state = 'published'
    UNION ALL
    SELECT 'chosen', p.id, 'need', n.id, n.title, n.organisation_id, n.organisation_id, p.organisation_id, p.decided_at
    FROM proposals p JOIN needs n ON n.id = p.need_id
    WHERE p.state = 'accepted' AND NOT EXISTS (SELECT FROM agreements a WHERE a.proposal_id = p.id)"""
# Who has not signed what it says now; who has not said that all is done, once its last day is over.
SIGNED = """EXISTS (SELECT FROM agreement_signatures s
                    WHERE s.agreement_id = a.id AND s.revision = a.revision AND s.side = 'buyer')"""
LAST_DAY = "(a.content->>'ends_on')::date"
# An agreement is about a need, or about a part of a flow's lot.
POSTING = """JOIN (
        SELECT 'need' AS kind, id, title, organisation_id FROM needs
        UNION ALL SELECT 'flow', id, title, organisation_id FROM flows
    ) p ON p.id = coalesce(a.need_id, a.flow_id)"""
AGREEMENTS = f"""
    SELECT 'unsigned', a.id, p.kind, p.id, p.title, p.organisation_id,
           CASE WHEN {SIGNED} THEN a.supplier_id ELSE a.buyer_id END,
           CASE WHEN {SIGNED} THEN a.buyer_id ELSE a.supplier_id END, a.changed_at
    FROM agreements a {POSTING} WHERE a.state = 'concluded'
    UNION ALL
    SELECT 'overrun', a.id, p.kind, p.id, p.title, p.organisation_id,
           CASE WHEN a.supplier_done_at IS NULL THEN a.supplier_id ELSE a.buyer_id END,
           CASE WHEN a.supplier_done_at IS NULL THEN a.buyer_id ELSE a.supplier_id END,
           ({LAST_DAY} + 1)::timestamp {A_DAY}
    FROM agreements a {POSTING} WHERE a.state = 'running' AND {LAST_DAY} IS NOT NULL"""
TAKINGS = """
    SELECT 'unconfirmed', t.id, 'flow', f.id, f.title, f.organisation_id,
           CASE WHEN t.holder_said IS NULL THEN t.organisation_id ELSE t.taker_id END,
           CASE WHEN t.holder_said IS NULL THEN t.taker_id ELSE t.organisation_id END, t.slot_until
    FROM takings t JOIN flows f ON f.id = t.flow_id WHERE t.state = 'made'
    UNION ALL
    SELECT 'disputed', t.id, 'flow', f.id, f.title, f.organisation_id, t.organisation_id, t.taker_id, t.updated_at
    FROM takings t JOIN flows f ON f.id = t.flow_id WHERE t.state = 'disputed'
    UNION ALL
    SELECT 'missed', t.id, 'flow', f.id, f.title, f.organisation_id, t.organisation_id, NULL::uuid, t.updated_at
    FROM takings t JOIN flows f ON f.id = t.flow_id JOIN lots l ON l.id = t.lot_id
    WHERE t.state = 'missed' AND l.state = 'released' AND l.expires_at > $2
      AND l.quantity_value - l.taken_value - l.held_value >= t.quantity_value"""
# Who asks is nobody's to know, not even the territory's (decision 45).
QUESTIONS = """
    SELECT 'question', q.id, 'need', n.id, n.title, n.organisation_id, q.asked_of, NULL::uuid, q.asked_at
    FROM questions q JOIN needs n ON n.id = q.need_id WHERE q.state = 'asked' AND n.state = 'published'
    UNION ALL
    SELECT 'question', q.id, 'flow', f.id, f.title, f.organisation_id, q.asked_of, NULL::uuid, q.asked_at
    FROM questions q JOIN flows f ON f.id = q.flow_id
    WHERE q.state = 'asked' AND f.state IN ('published', 'paused')"""
# Nobody is chosen before a call is over.
SUBSCRIPTIONS = f"""
    SELECT 'subscription', s.id, 'flow', f.id, f.title, f.organisation_id, s.organisation_id, s.taker_id,
           greatest(s.asked_at, (t.call_closes_on + 1)::timestamp {A_DAY})
    FROM subscriptions s JOIN flows f ON f.id = s.flow_id LEFT JOIN subscription_terms t ON t.flow_id = s.flow_id
    WHERE s.state = 'asked' AND s.until_on >= ($2 {A_DAY})::date"""
# Whom matching wrote to is not known here: who offers something, and never answered a need nor took a lot.
SUPPLIERS = """
    SELECT 'supplier', o.id, 'organisation', o.id, o.name, o.id, o.id, NULL::uuid, min(f.published_at)
    FROM organisations o JOIN offers f ON f.organisation_id = o.id AND f.state = 'published'
    WHERE o.origin = 'member' AND o.state IN ('registered', 'verified')
      AND NOT EXISTS (SELECT FROM answers a WHERE a.organisation_id = o.id)
      AND NOT EXISTS (SELECT FROM takings t WHERE t.taker_id = o.id)
    GROUP BY o.id, o.name"""
DOORS = {
    "stuck_proposals": PROPOSALS,
    "stuck_agreements": AGREEMENTS,
    "stuck_takings": TAKINGS,
    "stuck_questions": QUESTIONS,
    "stuck_subscriptions": SUBSCRIPTIONS,
    "stuck_suppliers": SUPPLIERS,
}

# What people do about their own way in is nobody else's business. `details` hold prices and reasons: of them no more is
# told than with which consent somebody was acted for; and of members no more than whose they are, but to colleagues.
OWN_AFFAIRS = "account email factor identity link password recovery_code recovery_codes session"
# That two write to each other is theirs, and who asks a question is told to nobody (decision 45).
BETWEEN_TWO = "message.posted question.asked question.withdrawn"
AUDIT = f"""
CREATE FUNCTION audit_lines(actions text[], organisations uuid[], object uuid, colleague uuid, for_others boolean,
                            since timestamptz, until timestamptz, before uuid, most integer)
RETURNS TABLE (id uuid, at timestamptz, action text, about uuid, organisation_id uuid, organisation_name text,
               member_id uuid, acting_id uuid, acting_name text, consent_means text, consent_on date)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$
  SELECT l.id, l.at, l.action, l.about, l.organisation_id, coalesce(o.name, ''),
         CASE WHEN m.organisation_id = {ORG} THEN l.member_id END, m.organisation_id, coalesce(a.name, ''),
         c.means, c.given_on
  FROM audit l
  LEFT JOIN organisations o ON o.id = l.organisation_id
  LEFT JOIN members m ON m.id = l.member_id LEFT JOIN organisations a ON a.id = m.organisation_id
  LEFT JOIN consents c ON c.id = (l.details->>'consent')::uuid
  WHERE (l.organisation_id = {ORG} OR (l.about = {ORG} AND l.action LIKE 'organisation.%')
         OR ({IS_COORDINATOR} AND l.action <> ALL (string_to_array('{BETWEEN_TWO}', ' '))))
    AND split_part(l.action, '.', 1) <> ALL (string_to_array('{OWN_AFFAIRS}', ' '))
    AND ($1 IS NULL OR l.action = ANY ($1))
    AND ($2 IS NULL OR l.organisation_id = ANY ($2) OR (l.about = ANY ($2) AND l.action <> 'contact.noted'))
    AND ($3 IS NULL OR l.about = $3 OR l.organisation_id = $3 OR l.id = $3)
    AND ($4 IS NULL OR (l.member_id = $4 AND m.organisation_id = {ORG}))
    AND (NOT $5 OR m.organisation_id <> l.organisation_id)
    AND ($6 IS NULL OR l.at >= $6) AND ($7 IS NULL OR l.at < $7)
    AND ($8 IS NULL OR l.id < $8)
  ORDER BY l.id DESC LIMIT least($9, 10001)
$$
"""


def upgrade() -> None:
    """Doors: of what waits for coordinators alone, of the audit log for members of its organisation too; consents."""
    _consents()
    op.execute(AUDIT)
    _open("audit_lines(text[], uuid[], uuid, uuid, boolean, timestamptz, timestamptz, uuid, integer)")
    for name, waiting in DOORS.items():
        op.execute(STUCK.format(name=name, waiting=waiting, coordinator=IS_COORDINATOR))
        _open(f"{name}(timestamptz, timestamptz)")


def _open(door: str) -> None:
    op.execute(f"REVOKE ALL ON FUNCTION {door} FROM PUBLIC")
    op.execute(f"GRANT EXECUTE ON FUNCTION {door} TO catalog_app, catalog_work")


def _consents() -> None:
    op.create_table(
        "consents",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("organisation_id", sa.UUID(), nullable=False),
        sa.Column("about", sa.UUID(), nullable=False),
        sa.Column("means", sa.String(20), nullable=False),
        sa.Column("words", sa.String(500), nullable=False),
        sa.Column("given_on", sa.Date(), nullable=False),
        sa.Column("noted_by", sa.UUID(), nullable=False),
        sa.Column("noted_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisations.id"], name="fk_consents_organisation_id"),
        sa.ForeignKeyConstraint(["noted_by"], ["members.id"], name="fk_consents_noted_by"),
        sa.PrimaryKeyConstraint("id", name="pk_consents"),
        sa.CheckConstraint("words <> ''", name="ck_consents_said"),
    )
    op.create_index("ix_consents_organisation_id", "consents", ["organisation_id"])
    op.create_index("uq_consents_about", "consents", ["about"], unique=True)
    # Whom it is about reads it, coordinators add it; nobody changes it.
    read, added = (
        reads(f"organisation_id = {ORG} OR {IS_COORDINATOR}"),
        adds(f"{IS_COORDINATOR} AND noted_by = {MEMBER}"),
    )
    keep_apart(op, "catalog", "consents", read, added)
