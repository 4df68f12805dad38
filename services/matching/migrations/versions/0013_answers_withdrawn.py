"""An answer that was taken back stays, so that an older one which comes later does not bring it to life again."""

from alembic import op

revision = "0013"
down_revision = "0012"

KNOWN = "answer IN ('declined', 'interested', 'proposed', 'accepted', 'withdrawn')"


def upgrade() -> None:
    """One more word in the check."""
    op.execute("ALTER TABLE answers DROP CONSTRAINT ck_answers_answer")
    op.execute(f"ALTER TABLE answers ADD CONSTRAINT ck_answers_answer CHECK ({KNOWN})")
