"""Campaigns, what companies pledge to them, and the door by which everybody reads who may be named."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from shared.database.policies import IS_COORDINATOR, ORG, adds, changes, keep_apart, owns, reads

revision = "0042"
down_revision = "0040"

MOMENT = sa.DateTime(timezone=True)
OWN = f"organisation_id = {ORG}"
# Confirmed and lapsed are the timer's words.
SAID = f"supporter_id = {ORG} AND state IN ('made', 'withdrawn')"

# Names alone: how much each promised is between it and whose campaign it is.
SUPPORTERS = """
CREATE FUNCTION campaign_supporters(campaign uuid) RETURNS TABLE (id uuid, name text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$
  SELECT o.id, o.name FROM pledges p
  JOIN campaigns c ON c.id = p.campaign_id AND c.published_at IS NOT NULL
  JOIN organisations o ON o.id = p.supporter_id
  WHERE p.campaign_id = $1 AND p.state IN ('made', 'confirmed') AND NOT p.is_anonymous
  ORDER BY o.name, o.id LIMIT 500
$$
"""


def upgrade() -> None:
    """Two tables, and their files among the others."""
    _campaigns()
    _pledges()
    op.execute(SUPPORTERS)
    op.execute("REVOKE ALL ON FUNCTION campaign_supporters(uuid) FROM PUBLIC")
    op.execute("GRANT EXECUTE ON FUNCTION campaign_supporters(uuid) TO catalog_app, catalog_work")


def _campaigns() -> None:
    op.create_table(
        "campaigns",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("organisation_id", sa.UUID(), nullable=False),
        sa.Column("author_id", sa.UUID(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(200), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("categories", postgresql.ARRAY(sa.Text()), server_default="{}", nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=True),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("origin", sa.String(20), nullable=False),
        sa.Column("external_id", sa.String(200), nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.Column("published_at", MOMENT, nullable=True),
        sa.Column("submitted_at", MOMENT, nullable=True),
        sa.Column("changes_wanted", sa.Text(), nullable=True),
        sa.Column("changes_wanted_at", MOMENT, nullable=True),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("rule", sa.String(20), nullable=False),
        sa.Column("goal_cents", sa.BigInteger(), nullable=True),
        sa.Column("threshold_cents", sa.BigInteger(), nullable=True),
        sa.Column("steps", postgresql.JSONB(), server_default="[]", nullable=False),
        sa.Column("counterparts", postgresql.JSONB(), server_default="[]", nullable=False),
        sa.Column("pledged_cents", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("pledges", sa.Integer(), server_default="0", nullable=False),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("look_at", MOMENT, nullable=True),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.CheckConstraint("pledged_cents >= 0 AND pledges >= 0", name="ck_campaigns_counted"),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisations.id"], name="fk_campaigns_organisation_id"),
        sa.ForeignKeyConstraint(["author_id"], ["members.id"], name="fk_campaigns_author_id"),
        sa.PrimaryKeyConstraint("id", name="pk_campaigns"),
        sa.UniqueConstraint("organisation_id", "external_id", name="uq_campaigns_organisation_id_external_id"),
    )
    op.create_index("ix_campaigns_organisation_id", "campaigns", ["organisation_id"])
    op.create_index("ix_campaigns_state_published_at", "campaigns", ["state", "published_at"])
    op.create_index("ix_campaigns_look_at", "campaigns", ["look_at"], postgresql_where=sa.text("look_at IS NOT NULL"))
    waiting = f"state = 'submitted' AND {IS_COORDINATOR}"
    keep_apart(op, "catalog", "campaigns", reads("published_at IS NOT NULL"), reads(waiting), owns(OWN))
    op.execute(
        "CREATE POLICY pages_of_campaigns ON files FOR SELECT TO catalog_app USING (purpose <> 'evidence' AND "
        "EXISTS (SELECT FROM campaigns c WHERE c.id = about AND c.published_at IS NOT NULL))"
    )


def _pledges() -> None:
    op.create_table(
        "pledges",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("campaign_id", sa.UUID(), nullable=False),
        sa.Column("organisation_id", sa.UUID(), nullable=False),
        sa.Column("supporter_id", sa.UUID(), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("amount_cents", sa.BigInteger(), nullable=False),
        sa.Column("is_anonymous", sa.Boolean(), nullable=False),
        sa.Column("without_counterpart", sa.Boolean(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("made_by", sa.UUID(), nullable=True),
        sa.Column("reminded", sa.Integer(), server_default="0", nullable=False),
        sa.Column("remind_at", MOMENT, nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.CheckConstraint("amount_cents > 0", name="ck_pledges_something"),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaigns.id"], name="fk_pledges_campaign_id"),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisations.id"], name="fk_pledges_organisation_id"),
        sa.ForeignKeyConstraint(["supporter_id"], ["organisations.id"], name="fk_pledges_supporter_id"),
        sa.ForeignKeyConstraint(["made_by"], ["members.id"], name="fk_pledges_made_by"),
        sa.PrimaryKeyConstraint("id", name="pk_pledges"),
        sa.UniqueConstraint("campaign_id", "supporter_id", name="uq_pledges_campaign_id_supporter_id"),
    )
    op.create_index("ix_pledges_organisation_id", "pledges", ["organisation_id"])
    op.create_index("ix_pledges_supporter_id", "pledges", ["supporter_id"])
    op.create_index("ix_pledges_remind_at", "pledges", ["remind_at"], postgresql_where=sa.text("remind_at IS NOT NULL"))
    # Both sides read it, and who promises alone writes it.
    keep_apart(op, "catalog", "pledges", reads(f"supporter_id = {ORG} OR {OWN}"), adds(SAID), changes(SAID))
    op.execute("REVOKE DELETE ON pledges FROM catalog_app")
