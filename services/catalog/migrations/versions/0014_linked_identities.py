"""Identities elsewhere that open an account here."""

import sqlalchemy as sa
from alembic import op

from shared.database.policies import ACCOUNT, MEMBER, keep_apart, owns

revision = "0014"
down_revision = "0013"

OF_OWN_ACCOUNT = f"account_id = {ACCOUNT} OR account_id IN (SELECT account_id FROM members WHERE id = {MEMBER})"
MOMENT = sa.DateTime(timezone=True)
# Before anybody is known, only whoever brings an identity learns which account it opens.
DOOR = """
CREATE FUNCTION account_of_identity(its_issuer text, its_subject text)
RETURNS uuid LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$ SELECT account_id FROM linked_identities WHERE issuer = its_issuer AND subject = its_subject $$
"""


def upgrade() -> None:
    """A table of an account's own, with its door."""
    op.create_table(
        "linked_identities",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("account_id", sa.UUID(), nullable=False),
        sa.Column("issuer", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("linked_at", MOMENT, nullable=False),
        sa.Column("used_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name="fk_linked_identities_account_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_linked_identities"),
        sa.UniqueConstraint("issuer", "subject", name="uq_linked_identities_issuer_subject"),
        sa.UniqueConstraint("account_id", "issuer", name="uq_linked_identities_account_id_issuer"),
    )
    keep_apart(op, "catalog", "linked_identities", owns(OF_OWN_ACCOUNT))
    op.execute(DOOR)
    op.execute("REVOKE EXECUTE ON FUNCTION account_of_identity FROM PUBLIC")
    op.execute("GRANT EXECUTE ON FUNCTION account_of_identity TO catalog_app, catalog_work")
