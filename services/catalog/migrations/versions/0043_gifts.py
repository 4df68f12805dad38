"""Gifts, the papers about them with their numbers, what papers say of a structure, and a donor's turnover by year."""

from uuid import uuid4

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from services.catalog.parameters.definitions import Code, definitions
from shared.database.policies import ORG, adds, changes, keep_apart, owns, reads

revision = "0043"
down_revision = "0042"

MOMENT = sa.DateTime(timezone=True)
SIDES = f"{ORG} IN (donor_id, recipient_id)"
OWN = f"organisation_id = {ORG}"
ENTITY = f"legal_entity_id = (SELECT o.legal_entity_id FROM organisations o WHERE o.id = {ORG})"
# Between the two sides of an agreement that both signed; what a pledge promises is the timer's to make.
TRUE = f"""{SIDES} AND donor_id <> recipient_id AND pledge_id IS NULL AND EXISTS (
    SELECT FROM agreements a WHERE a.id = agreement_id AND a.state IN ('running', 'completed')
      AND a.buyer_id IN (donor_id, recipient_id) AND a.supplier_id IN (donor_id, recipient_id))"""
# How much of what was pledged arrived is for everybody to see, as what was pledged is; not whose it was.
RECEIVED = """
CREATE FUNCTION campaign_received(campaigns uuid[]) RETURNS TABLE (campaign_id uuid, pledge_id uuid, cents bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$
  SELECT p.campaign_id, p.id, coalesce((g.delivery ->> 'cents')::bigint, 0)
  FROM pledges p JOIN gifts g ON g.pledge_id = p.id
  WHERE p.campaign_id = ANY ($1) AND g.delivered_at IS NOT NULL AND g.withdrawn_at IS NULL
$$
"""
# About gifts that it received, in the series of its own legal entity; a policy sees gifts as who asks does.
ISSUED = f"""recipient_id = {ORG} AND {ENTITY} AND cancelled_at IS NULL AND cardinality(gift_ids) > 0
    AND NOT EXISTS (SELECT FROM unnest(gift_ids) AS one (id)
      WHERE NOT EXISTS (SELECT FROM gifts g WHERE g.id = one.id AND g.recipient_id = {ORG}
        AND g.donor_id = gift_papers.donor_id AND g.delivered_at IS NOT NULL))"""
SHARED = f"{OWN} OR organisation_id IN (SELECT unnest(ARRAY[g.donor_id, g.recipient_id]) FROM gifts g)"

APP = "current_user = 'catalog_app'"
# Each side writes its own word (decision 55): what is not named here is frozen.
BY_SIDE = f"""
CREATE FUNCTION gifts_by_side() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp
AS $$
DECLARE
  changed text[] := columns_changed(to_jsonb(OLD), to_jsonb(NEW));
  may text[] := CASE {ORG}
    WHEN OLD.donor_id THEN
      '{{version, valuation, valued_by, valued_at, sheet_signed_by, sheet_signed_at, withdrawn_at}}'
    WHEN OLD.recipient_id THEN
      '{{version, delivery, delivered_by, delivered_at, delivered_on, sheet_signed_by, sheet_signed_at, receipted_at,
        withdrawn_at}}'
    ELSE '{{}}' END;
BEGIN
  IF changed = '{{}}' OR (changed <@ may AND OLD.withdrawn_at IS NULL
    AND (NEW.withdrawn_at IS NULL OR OLD.delivered_at IS NULL)
    AND ({ORG} = OLD.donor_id OR NEW.sheet_signed_at IS NULL OR NEW.sheet_signed_at = OLD.sheet_signed_at)) THEN
    RETURN NEW;
  END IF;
  RAISE insufficient_privilege USING MESSAGE = format('not for this side of a gift to change: %s',
    array_to_string(changed, ', '));
END $$
"""
SEALED = """
CREATE FUNCTION gift_papers_sealed() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp
AS $$
BEGIN
  IF columns_changed(to_jsonb(OLD), to_jsonb(NEW)) <@ '{cancelled_at, reason}' AND OLD.cancelled_at IS NULL
    AND NEW.cancelled_at IS NOT NULL THEN
    RETURN NEW;
  END IF;
  RAISE insufficient_privilege USING MESSAGE = 'a paper about a gift is cancelled and replaced, never changed';
END $$
"""
# What was agreed before there were gifts is promised, too; nobody is told of what they know.
KNOWN = """
INSERT INTO gifts (id, kind, agreement_id, donor_id, recipient_id, version, title, lines, cents, promised_at)
SELECT gen_random_uuid(), CASE WHEN t.cents < 0 THEN 'money' ELSE 'goods' END, a.id,
    CASE a.content ->> 'given_by' WHEN 'buyer' THEN a.buyer_id ELSE a.supplier_id END,
    CASE a.content ->> 'given_by' WHEN 'buyer' THEN a.supplier_id ELSE a.buyer_id END,
    0, a.content ->> 'title', CASE WHEN t.cents < 0 THEN '[]' ELSE t.lines END,
    CASE WHEN t.cents < 0 THEN -t.cents END, a.running_at
FROM agreements a CROSS JOIN LATERAL (
    SELECT coalesce(jsonb_agg(l - 'price_cents'), '[]') AS lines,
      coalesce(sum(round((l ->> 'quantity')::numeric * (l ->> 'price_cents')::numeric)), 0)::bigint AS cents
    FROM jsonb_array_elements(a.content -> 'lines') AS l) t
WHERE a.state IN ('running', 'completed') AND a.content ->> 'nature' = 'gift' AND a.buyer_id <> a.supplier_id
"""
SEED = sa.text("""
    INSERT INTO parameters (id, code, valid_from, value, unit, source, source_on, to_check, reason, set_at)
    VALUES (:id, :code, :valid_from, :value, :unit, :source, :source_on, :to_check, '', now())
    ON CONFLICT (code, valid_from) WHERE set_by IS NULL DO NOTHING
""")
NEW = (Code.GIFT_RATE_KEPT, Code.SOCIAL_CEILING)


def upgrade() -> None:
    """Five tables; both sides read a gift and its papers, each writes its own part."""
    _gifts()
    _papers()
    _said()
    keep_apart(op, "catalog", "gifts", reads(SIDES), adds(TRUE), changes(SIDES))
    keep_apart(op, "catalog", "gift_papers", reads(SIDES), adds(ISSUED), changes(f"recipient_id = {ORG} AND {ENTITY}"))
    keep_apart(op, "catalog", "gift_paper_counters", owns(ENTITY))
    keep_apart(op, "catalog", "gift_profiles", reads(SHARED), adds(OWN), changes(OWN))
    keep_apart(op, "catalog", "gift_turnovers", owns(OWN))
    op.execute(BY_SIDE)
    op.execute(SEALED)
    op.execute(
        f"CREATE TRIGGER gifts_by_side BEFORE UPDATE ON gifts FOR EACH ROW WHEN ({APP}) "
        "EXECUTE FUNCTION gifts_by_side()"
    )
    op.execute(
        f"CREATE TRIGGER gifts_begin BEFORE INSERT ON gifts FOR EACH ROW WHEN ({APP} AND num_nonnulls(NEW.valuation, "
        "NEW.valued_at, NEW.delivery, NEW.delivered_at, NEW.delivered_on, NEW.sheet_signed_at, NEW.receipted_at, "
        "NEW.withdrawn_at) > 0) EXECUTE FUNCTION refuse_said_for_another()"
    )
    # For the worker, too: nobody changes what was issued.
    op.execute(
        "CREATE TRIGGER gift_papers_sealed BEFORE UPDATE ON gift_papers FOR EACH ROW "
        "EXECUTE FUNCTION gift_papers_sealed()"
    )
    op.execute("REVOKE DELETE ON gifts, gift_papers, gift_paper_counters, gift_profiles FROM catalog_app")
    op.execute(KNOWN)
    _figures()
    op.execute(RECEIVED)
    op.execute("REVOKE ALL ON FUNCTION campaign_received(uuid[]) FROM PUBLIC")
    op.execute("GRANT EXECUTE ON FUNCTION campaign_received(uuid[]) TO catalog_app, catalog_work")


def _gifts() -> None:
    op.create_table(
        "gifts",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("agreement_id", sa.UUID(), nullable=True),
        sa.Column("pledge_id", sa.UUID(), nullable=True),
        sa.Column("donor_id", sa.UUID(), nullable=False),
        sa.Column("recipient_id", sa.UUID(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("lines", postgresql.JSONB(), nullable=False),
        sa.Column("cents", sa.BigInteger(), nullable=True),
        sa.Column("promised_at", MOMENT, nullable=False),
        sa.Column("valuation", postgresql.JSONB(), nullable=True),
        sa.Column("valued_by", sa.UUID(), nullable=True),
        sa.Column("valued_at", MOMENT, nullable=True),
        sa.Column("delivery", postgresql.JSONB(), nullable=True),
        sa.Column("delivered_by", sa.UUID(), nullable=True),
        sa.Column("delivered_at", MOMENT, nullable=True),
        sa.Column("delivered_on", sa.Date(), nullable=True),
        sa.Column("sheet_signed_by", sa.UUID(), nullable=True),
        sa.Column("sheet_signed_at", MOMENT, nullable=True),
        sa.Column("receipted_at", MOMENT, nullable=True),
        sa.Column("withdrawn_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["agreement_id"], ["agreements.id"], name="fk_gifts_agreement_id"),
        sa.ForeignKeyConstraint(["donor_id"], ["organisations.id"], name="fk_gifts_donor_id"),
        sa.ForeignKeyConstraint(["recipient_id"], ["organisations.id"], name="fk_gifts_recipient_id"),
        *(
            sa.ForeignKeyConstraint([column], ["members.id"], name=f"fk_gifts_{column}")
            for column in ("valued_by", "delivered_by", "sheet_signed_by")
        ),
        sa.PrimaryKeyConstraint("id", name="pk_gifts"),
        sa.CheckConstraint("num_nonnulls(agreement_id, pledge_id) = 1", name="ck_gifts_origin"),
        sa.CheckConstraint("(kind = 'money') = (cents IS NOT NULL)", name="ck_gifts_money"),
        sa.CheckConstraint("cents > 0", name="ck_gifts_cents"),
        sa.CheckConstraint("num_nulls(delivery, delivered_at, delivered_on) IN (0, 3)", name="ck_gifts_delivered"),
    )
    for column in ("donor_id", "recipient_id"):
        op.create_index(f"ix_gifts_{column}", "gifts", [column])
    for column in ("agreement_id", "pledge_id"):
        op.create_index(
            f"uq_gifts_{column}", "gifts", [column], unique=True, postgresql_where=sa.text("withdrawn_at IS NULL")
        )


def _papers() -> None:
    op.create_table(
        "gift_papers",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("legal_entity_id", sa.UUID(), nullable=False),
        sa.Column("recipient_id", sa.UUID(), nullable=False),
        sa.Column("donor_id", sa.UUID(), nullable=False),
        sa.Column("gift_id", sa.UUID(), nullable=True),
        sa.Column("gift_ids", sa.ARRAY(sa.UUID()), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("given_on", sa.Date(), nullable=False),
        sa.Column("value_cents", sa.BigInteger(), nullable=False),
        sa.Column("article", sa.Text(), nullable=False),
        sa.Column("form", sa.String(20), nullable=False),
        sa.Column("signatory", sa.Text(), nullable=False),
        sa.Column("capacity", sa.Text(), nullable=False),
        sa.Column("said", postgresql.JSONB(), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("pdf", sa.LargeBinary(), nullable=False),
        sa.Column("replaces_id", sa.UUID(), nullable=True),
        sa.Column("issued_by", sa.UUID(), nullable=False),
        sa.Column("issued_at", MOMENT, nullable=False),
        sa.Column("cancelled_at", MOMENT, nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["legal_entity_id"], ["legal_entities.id"], name="fk_gift_papers_legal_entity_id"),
        sa.ForeignKeyConstraint(["recipient_id"], ["organisations.id"], name="fk_gift_papers_recipient_id"),
        sa.ForeignKeyConstraint(["donor_id"], ["organisations.id"], name="fk_gift_papers_donor_id"),
        sa.ForeignKeyConstraint(["gift_id"], ["gifts.id"], name="fk_gift_papers_gift_id"),
        sa.ForeignKeyConstraint(["replaces_id"], ["gift_papers.id"], name="fk_gift_papers_replaces_id"),
        sa.ForeignKeyConstraint(["issued_by"], ["members.id"], name="fk_gift_papers_issued_by"),
        sa.PrimaryKeyConstraint("id", name="pk_gift_papers"),
        sa.UniqueConstraint(
            "legal_entity_id", "kind", "year", "number", name="uq_gift_papers_legal_entity_id_kind_year_number"
        ),
    )
    for column in ("recipient_id", "donor_id", "gift_id"):
        op.create_index(f"ix_gift_papers_{column}", "gift_papers", [column])
    op.create_index("ix_gift_papers_gift_ids", "gift_papers", ["gift_ids"], postgresql_using="gin")
    op.create_index(
        "uq_gift_papers_standing", "gift_papers", ["gift_id", "kind"], unique=True,
        postgresql_where=sa.text("cancelled_at IS NULL"),
    )  # fmt: skip
    op.create_index("uq_gift_papers_replaces_id", "gift_papers", ["replaces_id"], unique=True)


def _said() -> None:
    op.create_table(
        "gift_paper_counters",
        sa.Column("legal_entity_id", sa.UUID(), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["legal_entity_id"], ["legal_entities.id"], name="fk_gift_paper_counters_legal_entity_id"
        ),
        sa.PrimaryKeyConstraint("legal_entity_id", "kind", "year", name="pk_gift_paper_counters"),
    )
    op.create_table(
        "gift_profiles",
        sa.Column("organisation_id", sa.UUID(), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("legal_form", "address", "purpose", "rna")),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisations.id"], name="fk_gift_profiles_organisation_id"),
        sa.PrimaryKeyConstraint("organisation_id", name="pk_gift_profiles"),
    )
    op.create_table(
        "gift_turnovers",
        sa.Column("organisation_id", sa.UUID(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("turnover_cents", sa.BigInteger(), nullable=False),
        sa.Column("set_by", sa.UUID(), nullable=False),
        sa.Column("set_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisations.id"], name="fk_gift_turnovers_organisation_id"),
        sa.ForeignKeyConstraint(["set_by"], ["members.id"], name="fk_gift_turnovers_set_by"),
        sa.PrimaryKeyConstraint("organisation_id", "year", name="pk_gift_turnovers"),
    )


def _figures() -> None:
    names = ("code", "valid_from", "value", "unit", "source", "source_on", "to_check")
    for each in (definitions()[code] for code in NEW):
        op.get_bind().execute(SEED, {"id": uuid4(), **{name: getattr(each, name) for name in names}})
