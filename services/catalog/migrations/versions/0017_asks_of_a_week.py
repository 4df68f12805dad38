"""An organisation says how many solicitations a week it accepts, and until when it wants none."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    """Two columns; who never said accepts as many as matching grants by itself."""
    op.add_column("organisations", sa.Column("weekly_asks", sa.Integer(), nullable=True))
    op.add_column("organisations", sa.Column("asks_resume_on", sa.Date(), nullable=True))
    op.create_check_constraint("ck_organisations_weekly_asks", "organisations", "weekly_asks BETWEEN 1 AND 50")
