"""Every solicitation says why it was made; shares of exposure are kept, and figures of them for everybody."""

from alembic import op

from shared.database.policies import IS_COORDINATOR, ORG, keep_apart, reads

revision = "0009"
down_revision = "0008"

TABLES = """
ALTER TABLE solicitations
    ADD COLUMN rank int,
    ADD COLUMN weights text,
    ADD COLUMN bonus double precision,
    ADD COLUMN chosen text CONSTRAINT ck_solicitations_chosen CHECK (chosen IN ('turn', 'exploration', 'everyone')),
    ADD COLUMN propensity double precision CONSTRAINT ck_solicitations_propensity
        CHECK (propensity > 0 AND propensity <= 1);
CREATE INDEX ix_solicitations_solicited_at ON solicitations (solicited_at) WHERE solicited_at IS NOT NULL;

-- How many answered that they are interested: whoever hears of answers writes it, and waves stop at enough.
ALTER TABLE demands ADD COLUMN interested int NOT NULL DEFAULT 0;

ALTER TABLE match_history DROP CONSTRAINT ck_match_history_change;
ALTER TABLE match_history ADD CONSTRAINT ck_match_history_change CHECK (change IN ('entered', 'changed', 'left'));
CREATE INDEX ix_match_history_at ON match_history (at);

-- What an organisation would have been asked, had all who fitted been asked alike; counted again every hour.
CREATE TABLE exposures (
    organisation_id uuid CONSTRAINT pk_exposures PRIMARY KEY,
    fair double precision NOT NULL,
    measured_at timestamptz NOT NULL
);

-- One line a day for all and for each root of the vocabulary that has enough suppliers; `root` is empty for all.
CREATE TABLE exposure_figures (
    measured_on date NOT NULL,
    root text NOT NULL,
    measured_at timestamptz NOT NULL,
    suppliers int NOT NULL,
    solicitations int NOT NULL,
    gini double precision NOT NULL,
    never_asked double precision NOT NULL,
    newcomers double precision,
    curve jsonb NOT NULL,
    CONSTRAINT pk_exposure_figures PRIMARY KEY (measured_on, root)
);
"""


def upgrade() -> None:
    """Columns of what is there, two tables of what is counted."""
    for statement in TABLES.split(";\n"):
        if statement.strip():
            op.execute(statement)
    op.execute("REVOKE INSERT, UPDATE, DELETE ON exposures, exposure_figures FROM matching_app")
    keep_apart(op, "matching", "exposures", reads(f"organisation_id = {ORG} OR {IS_COORDINATOR}"))
    keep_apart(op, "matching", "exposure_figures", reads("true"))
