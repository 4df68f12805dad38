"""First tables: what catalog told, who fits whom and why, who was asked when."""

from alembic import op

from shared.messaging.migration import create_messaging_tables

revision = "0001"
down_revision = None

TABLES = """
CREATE TABLE demands (
    id uuid CONSTRAINT pk_demands PRIMARY KEY,
    kind text NOT NULL,
    version bigint NOT NULL,
    status text NOT NULL,
    organisation_id uuid NOT NULL,
    asks text NOT NULL,
    evidence text[] NOT NULL,
    search text[] NOT NULL,
    state jsonb NOT NULL,
    digest bigint NOT NULL,
    deadline_on date,
    published_at timestamptz NOT NULL,
    revision bigint NOT NULL DEFAULT 0,
    told jsonb,
    CONSTRAINT ck_demands_kind CHECK (kind IN ('need', 'flow')),
    CONSTRAINT ck_demands_status CHECK (status IN ('open', 'paused', 'closed'))
);
CREATE INDEX ix_demands_evidence ON demands USING gin (evidence) WITH (fastupdate = off) WHERE status = 'open';
CREATE INDEX ix_demands_search ON demands USING gin (search) WITH (fastupdate = off) WHERE status = 'open';
CREATE INDEX ix_demands_organisation_id ON demands (organisation_id);

CREATE TABLE lots (
    id uuid CONSTRAINT pk_lots PRIMARY KEY,
    flow_id uuid NOT NULL,
    version bigint NOT NULL,
    available_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    is_open boolean NOT NULL
);
CREATE INDEX ix_lots_flow_id ON lots (flow_id) WHERE is_open;

CREATE TABLE supplies (
    id uuid CONSTRAINT pk_supplies PRIMARY KEY,
    version bigint NOT NULL,
    status text NOT NULL,
    organisation_id uuid NOT NULL,
    serves text[] NOT NULL,
    evidence text[] NOT NULL,
    search text[] NOT NULL,
    state jsonb NOT NULL,
    digest bigint NOT NULL,
    published_at timestamptz NOT NULL,
    CONSTRAINT ck_supplies_status CHECK (status IN ('open', 'paused', 'withdrawn'))
);
CREATE INDEX ix_supplies_evidence ON supplies USING gin (evidence) WITH (fastupdate = off) WHERE status <> 'withdrawn';
CREATE INDEX ix_supplies_search ON supplies USING gin (search) WITH (fastupdate = off) WHERE status = 'open';
CREATE INDEX ix_supplies_organisation_id ON supplies (organisation_id);

CREATE TABLE matches (
    id uuid CONSTRAINT pk_matches PRIMARY KEY,
    demand_id uuid NOT NULL CONSTRAINT fk_matches_demand_id REFERENCES demands (id),
    offer_id uuid NOT NULL CONSTRAINT fk_matches_offer_id REFERENCES supplies (id),
    organisation_id uuid NOT NULL,
    score int NOT NULL,
    reasons jsonb NOT NULL,
    demand_version bigint NOT NULL,
    offer_version bigint NOT NULL,
    weights text NOT NULL,
    matched_at timestamptz NOT NULL,
    CONSTRAINT uq_matches_demand_id_offer_id UNIQUE (demand_id, offer_id)
);
CREATE INDEX ix_matches_ranking ON matches (demand_id, score DESC, offer_id);
CREATE INDEX ix_matches_offer_id ON matches (offer_id);
CREATE INDEX ix_matches_organisation_id ON matches (organisation_id, matched_at DESC);

CREATE TABLE near_misses (
    demand_id uuid NOT NULL CONSTRAINT fk_near_misses_demand_id REFERENCES demands (id),
    offer_id uuid NOT NULL CONSTRAINT fk_near_misses_offer_id REFERENCES supplies (id),
    organisation_id uuid NOT NULL,
    score int NOT NULL,
    gap_constraint text NOT NULL,
    gap jsonb NOT NULL,
    CONSTRAINT pk_near_misses PRIMARY KEY (demand_id, offer_id)
);
CREATE INDEX ix_near_misses_offer_id ON near_misses (offer_id);

-- Answers "why did I get this?" and "why did I not any more?" long after the match itself has changed.
CREATE TABLE match_history (
    id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT pk_match_history PRIMARY KEY,
    match_id uuid NOT NULL,
    demand_id uuid NOT NULL,
    offer_id uuid NOT NULL,
    organisation_id uuid NOT NULL,
    change text NOT NULL,
    score int NOT NULL,
    reasons jsonb NOT NULL,
    weights text NOT NULL,
    cause_id uuid,
    at timestamptz NOT NULL,
    CONSTRAINT ck_match_history_change CHECK (change IN ('entered', 'left'))
);
CREATE INDEX ix_match_history_demand_id ON match_history (demand_id, id);
CREATE INDEX ix_match_history_organisation_id ON match_history (organisation_id, id);

CREATE TABLE waves (
    id uuid CONSTRAINT pk_waves PRIMARY KEY,
    demand_id uuid NOT NULL CONSTRAINT fk_waves_demand_id REFERENCES demands (id),
    number int NOT NULL,
    due_at timestamptz NOT NULL,
    done_at timestamptz,
    asked int NOT NULL DEFAULT 0,
    CONSTRAINT uq_waves_demand_id_number UNIQUE (demand_id, number)
);
CREATE UNIQUE INDEX uq_waves_pending ON waves (demand_id) WHERE done_at IS NULL;
CREATE INDEX ix_waves_due_at ON waves (due_at) WHERE done_at IS NULL;

-- `solicited_at` is empty while a supplier waits for room in its weekly budget; `due_at` says until when.
CREATE TABLE solicitations (
    id uuid CONSTRAINT pk_solicitations PRIMARY KEY,
    demand_id uuid NOT NULL CONSTRAINT fk_solicitations_demand_id REFERENCES demands (id),
    organisation_id uuid NOT NULL,
    offer_id uuid NOT NULL,
    wave int NOT NULL,
    score int NOT NULL,
    due_at timestamptz NOT NULL,
    solicited_at timestamptz,
    CONSTRAINT uq_solicitations_demand_id_organisation_id UNIQUE (demand_id, organisation_id)
);
CREATE INDEX ix_solicitations_due_at ON solicitations (due_at) WHERE solicited_at IS NULL;
CREATE INDEX ix_solicitations_organisation_id ON solicitations (organisation_id, solicited_at);
"""


def upgrade() -> None:
    """Create all of it."""
    create_messaging_tables(op)
    for statement in TABLES.split(";\n"):
        if statement.strip():
            op.execute(statement)
