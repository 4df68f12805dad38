"""What weights are learnt from (measures of a match, answers) and the tables that were learnt; points beside scores."""

from alembic import op

from shared.database.policies import keep_apart, only_work, reads

revision = "0012"
down_revision = "0011"

# What 50 to 100 points show, by the table of 2026-11-27: a ranking must not hold scores of two kinds.
SHOWN = """
    1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 14, 18, 21, 25, 28, 31, 35, 38, 42,
    45, 48, 51, 55, 58, 61, 64, 67, 71, 74, 77, 78, 79, 80, 81, 82, 83, 84, 85, 86,
    87, 88, 89, 90, 91, 93, 94, 95, 96, 97, 98
"""

TABLES = """
-- None where a match was made when its score was its points; an older version at work leaves them out, too.
ALTER TABLE matches ADD COLUMN points int;
ALTER TABLE match_history ADD COLUMN points int, ADD COLUMN measures jsonb;

-- What a supplier that was asked did at best, or why it declined.
CREATE TABLE answers (
    demand_id uuid NOT NULL,
    organisation_id uuid NOT NULL,
    answer text NOT NULL
        CONSTRAINT ck_answers_answer CHECK (answer IN ('declined', 'interested', 'proposed', 'accepted')),
    reason text,
    answered_at timestamptz NOT NULL,
    CONSTRAINT pk_answers PRIMARY KEY (demand_id, organisation_id),
    CONSTRAINT ck_answers_reason CHECK (reason IS NULL OR answer = 'declined')
);

-- Every table of weights that was learnt and promoted, as its file was written; the one promoted last is in force.
CREATE TABLE weight_tables (
    version text CONSTRAINT pk_weight_tables PRIMARY KEY,
    promoted_at timestamptz NOT NULL,
    written text NOT NULL
);
"""


def upgrade() -> None:
    """Columns that may be empty, and two tables: one for the worker, one that only `boucle learn` writes."""
    for statement in TABLES.split(";\n"):
        if statement.strip():
            op.execute(statement)
    # The table of 2026-11-23 made points and called them the score; below 50 it made no match.
    op.execute(f"UPDATE matches SET points = score, score = (ARRAY[{SHOWN}])[greatest(score, 50) - 49]")
    op.execute(f"UPDATE near_misses SET score = (ARRAY[{SHOWN}])[greatest(score, 50) - 49]")
    only_work(op, "matching", ["answers"])
    op.execute("REVOKE INSERT, UPDATE, DELETE, TRUNCATE ON weight_tables FROM matching_app, matching_work")
    keep_apart(op, "matching", "weight_tables", reads("true"))
