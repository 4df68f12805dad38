"""What each person wants to be told and how often, letters that gather, and the door of the one click."""

import sqlalchemy as sa
from alembic import op

from shared.database.policies import MEMBER, keep_apart, only_work, owns, reads

revision = "0007"
down_revision = "0006"

MOMENT = sa.DateTime(timezone=True)
OWN = f"member_id = {MEMBER}"
ONE_TEXT = "num_nonnulls(notice_id, letter_id, digest_id) = 1"
# Nobody is signed in where a mail program says "no more": whoever has a letter's secret learns what it was about.
DOOR = """
CREATE FUNCTION letter_by_link(delivery uuid)
RETURNS TABLE (member_id uuid, organisation_id uuid, channel text, topics text[], left_at timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp ROWS 1
AS $$
  SELECT d.member_id, d.organisation_id, d.channel,
    (SELECT array_agg(DISTINCT n.topic ORDER BY n.topic) FROM notices n
     WHERE n.id = d.notice_id OR n.id IN (SELECT i.notice_id FROM deliveries i WHERE i.gathered_in = d.digest_id)),
    coalesce(d.settled_at, d.next_at)
  FROM deliveries d WHERE d.id = delivery AND d.letter_id IS NULL
$$
"""


def upgrade() -> None:
    """Tables of a member's own; deliveries that wait for others."""
    create_choices()
    let_letters_gather()
    create_written_before()
    op.execute(DOOR)
    op.execute("REVOKE EXECUTE ON FUNCTION letter_by_link FROM PUBLIC")
    op.execute("GRANT EXECUTE ON FUNCTION letter_by_link TO notifications_app, notifications_work")


def create_choices() -> None:
    """Only what was chosen: the rest is as proposed."""
    op.create_table(
        "preferences",
        sa.Column("member_id", sa.UUID(), nullable=False),
        sa.Column("topic", sa.String(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("rhythm", sa.String(), nullable=False),
        sa.Column("chosen_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("member_id", "topic", "channel", name="pk_preferences"),
    )
    op.create_table(
        "mail_hours",
        sa.Column("member_id", sa.UUID(), nullable=False),
        sa.Column("opens", sa.Integer(), nullable=False),
        sa.Column("closes", sa.Integer(), nullable=False),
        sa.Column("days", sa.String(), nullable=False),
        sa.Column("chosen_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("member_id", name="pk_mail_hours"),
    )
    for table in ("preferences", "mail_hours"):
        keep_apart(op, "notifications", table, owns(OWN))


def let_letters_gather() -> None:
    """A digest is a letter of several notices; what was intended before leaves as it would have."""
    op.create_table(
        "digests",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("member_id", sa.UUID(), nullable=False),
        sa.Column("organisation_id", sa.UUID(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_digests"),
    )
    op.execute("REVOKE INSERT, UPDATE, DELETE ON digests FROM notifications_app")
    keep_apart(op, "notifications", "digests", reads(OWN))
    op.add_column("deliveries", sa.Column("rhythm", sa.String(), server_default="at_once"))
    for column, gone in (("digest_id", "CASCADE"), ("gathered_in", "SET NULL")):
        op.add_column("deliveries", sa.Column(column, sa.UUID()))
        op.create_foreign_key(f"fk_deliveries_{column}", "deliveries", "digests", [column], ["id"], ondelete=gone)
    op.create_unique_constraint("uq_deliveries_digest_id", "deliveries", ["digest_id"])
    op.drop_constraint("ck_deliveries_one_text", "deliveries")
    op.create_check_constraint("ck_deliveries_one_text", "deliveries", ONE_TEXT)
    waiting = sa.text("state = 'pending'")
    op.create_index(
        "ix_deliveries_waiting", "deliveries", ["member_id", "channel", "next_at"], postgresql_where=waiting
    )
    gathered = sa.text("gathered_in IS NOT NULL")
    op.create_index("ix_deliveries_gathered_in", "deliveries", ["gathered_in"], postgresql_where=gathered)
    # A person sees what waits for them, and has it planned again when they change their mind; nothing else of it.
    op.execute("GRANT SELECT (digest_id, gathered_in, rhythm, next_at) ON deliveries TO notifications_app")
    op.execute("GRANT UPDATE (rhythm, next_at) ON deliveries TO notifications_app")
    op.execute(f"CREATE POLICY pages_2 ON deliveries FOR UPDATE TO notifications_app USING ({OWN}) WITH CHECK ({OWN})")


def create_written_before() -> None:
    """What letters said that this database, back from a backup, does not know of."""
    op.create_table(
        "written_before",
        sa.Column("told_for", sa.UUID(), nullable=False),
        sa.Column("topic", sa.String(), nullable=False),
        sa.Column("member_id", sa.UUID(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("told_for", "topic", "member_id", "channel", name="pk_written_before"),
    )
    only_work(op, "notifications", ["written_before"])
