"""Whom matching asked may be recalled before the demand is heard again."""

from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """A restored database knows from its own stream whom it asked; the demands come after."""
    op.drop_constraint("fk_solicitations_demand_id", "solicitations")
    op.drop_constraint("fk_waves_demand_id", "waves")
