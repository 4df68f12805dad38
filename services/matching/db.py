"""Matching's tables as its queries name them (the migrations create them), and the one lock that orders its writers.

Matching writes sets of rows in few round trips, so it speaks SQL and keeps no mapped classes.
"""

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    Column,
    Date,
    DateTime,
    Double,
    Integer,
    LargeBinary,
    SmallInteger,
    Table,
    Text,
    Uuid,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncSession

from shared.database.base import metadata as fresh_metadata
from shared.database.statement import Statement

metadata = fresh_metadata()
AT = DateTime(timezone=True)

demands = Table(
    "demands",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("status", Text, nullable=False),
    Column("organisation_id", Uuid, nullable=False),
    Column("asks", Text, nullable=False),
    # written by nobody any more: the next version drops it
    Column("evidence", ARRAY(Text), nullable=False, server_default="{}"),
    Column("search", ARRAY(Text), nullable=False),
    Column("state", JSONB, nullable=False),
    Column("digest", BigInteger, nullable=False),
    Column("deadline_on", Date),
    Column("published_at", AT, nullable=False),
    Column("revision", BigInteger, nullable=False),
    Column("changed", BigInteger, nullable=False),
    Column("told", JSONB),
    Column("interested", Integer, nullable=False),
)

legal_entities = Table(
    "legal_entities",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("version", BigInteger, nullable=False),
    Column("kinds", ARRAY(Text), nullable=False),
)

organisations = Table(
    "organisations",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("version", BigInteger, nullable=False),
    Column("status", Text, nullable=False),
    Column("legal_entity_id", Uuid, nullable=False),
    Column("search", ARRAY(Text), nullable=False),
    Column("state", JSONB, nullable=False),
    Column("published_at", AT, nullable=False),
    Column("changed", BigInteger, nullable=False),
)

losses = Table("losses", metadata, Column("changed", BigInteger, primary_key=True))

lots = Table(
    "lots",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("flow_id", Uuid, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("available_at", AT, nullable=False),
    Column("expires_at", AT, nullable=False),
    Column("is_open", Boolean, nullable=False),
)

supplies = Table(
    "supplies",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("version", BigInteger, nullable=False),
    Column("status", Text, nullable=False),
    Column("organisation_id", Uuid, nullable=False),
    Column("serves", ARRAY(Text), nullable=False),
    # written by nobody any more: the next version drops it
    Column("evidence", ARRAY(Text), nullable=False, server_default="{}"),
    Column("search", ARRAY(Text), nullable=False),
    Column("state", JSONB, nullable=False),
    Column("digest", BigInteger, nullable=False),
    Column("published_at", AT, nullable=False),
    Column("changed", BigInteger, nullable=False),
)

matches = Table(
    "matches",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("demand_id", Uuid, nullable=False),
    Column("offer_id", Uuid, nullable=False),
    Column("organisation_id", Uuid, nullable=False),
    Column("score", Integer, nullable=False),
    Column("reasons", JSONB, nullable=False),
    Column("demand_version", BigInteger, nullable=False),
    Column("offer_version", BigInteger, nullable=False),
    Column("weights", Text, nullable=False),
    Column("matched_at", AT, nullable=False),
    # none where the version before wrote it: its score was its points
    Column("points", Integer),
)

near_misses = Table(
    "near_misses",
    metadata,
    Column("demand_id", Uuid, primary_key=True),
    Column("offer_id", Uuid, primary_key=True),
    Column("organisation_id", Uuid, nullable=False),
    Column("score", Integer, nullable=False),
    Column("gap_constraint", Text, nullable=False),
    Column("gap", JSONB, nullable=False),
)

match_history = Table(
    "match_history",
    metadata,
    Column("id", BigInteger, primary_key=True),
    Column("match_id", Uuid, nullable=False),
    Column("demand_id", Uuid, nullable=False),
    Column("offer_id", Uuid, nullable=False),
    Column("organisation_id", Uuid, nullable=False),
    Column("change", Text, nullable=False),
    Column("score", Integer, nullable=False),
    Column("reasons", JSONB, nullable=False),
    Column("weights", Text, nullable=False),
    Column("cause_id", Uuid),
    Column("at", AT, nullable=False),
    Column("points", Integer),
    Column("measures", JSONB),
)

waves = Table(
    "waves",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("demand_id", Uuid, nullable=False),
    Column("number", Integer, nullable=False),
    Column("due_at", AT, nullable=False),
    Column("done_at", AT),
    Column("asked", Integer, nullable=False),
)

solicitations = Table(
    "solicitations",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("demand_id", Uuid, nullable=False),
    Column("organisation_id", Uuid, nullable=False),
    Column("offer_id", Uuid, nullable=False),
    Column("wave", Integer, nullable=False),
    Column("score", Integer, nullable=False),
    Column("due_at", AT, nullable=False),
    Column("solicited_at", AT),
    Column("rank", Integer),
    Column("weights", Text),
    Column("bonus", Double),
    Column("chosen", Text),
    Column("propensity", Double),
)

exposures = Table(
    "exposures",
    metadata,
    Column("organisation_id", Uuid, primary_key=True),
    Column("fair", Double, nullable=False),
    Column("measured_at", AT, nullable=False),
)

exposure_figures = Table(
    "exposure_figures",
    metadata,
    Column("measured_on", Date, primary_key=True),
    Column("root", Text, primary_key=True),
    Column("measured_at", AT, nullable=False),
    Column("suppliers", Integer, nullable=False),
    Column("solicitations", Integer, nullable=False),
    Column("gini", Double, nullable=False),
    Column("never_asked", Double, nullable=False),
    Column("newcomers", Double),
    Column("curve", JSONB, nullable=False),
)

allocations = Table(
    "allocations",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("flow_id", Uuid, nullable=False),
    Column("organisation_id", Uuid, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("member_id", Uuid),
    Column("accepted_at", AT, nullable=False),
    Column("weights", Text, nullable=False),
    Column("shares", JSONB, nullable=False),
)

answers = Table(
    "answers",
    metadata,
    Column("demand_id", Uuid, primary_key=True),
    Column("organisation_id", Uuid, primary_key=True),
    Column("answer", Text, nullable=False),
    Column("reason", Text),
    Column("answered_at", AT, nullable=False),
)

weight_tables = Table(
    "weight_tables",
    metadata,
    Column("version", Text, primary_key=True),
    Column("promoted_at", AT, nullable=False),
    Column("written", Text, nullable=False),
)

kept_answers = Table(
    "kept_answers",
    metadata,
    Column("member_id", Uuid, primary_key=True),
    Column("key", Text, primary_key=True),
    Column("organisation_id", Uuid, nullable=False),
    Column("fingerprint", LargeBinary, nullable=False),
    Column("status", SmallInteger, nullable=False),
    Column("headers", JSONB, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("kept_at", AT, nullable=False),
)

# Any number will do, as long as it is the only lock of its kind in this database.
TURN = 20261123
ORDER = Statement(f"SELECT pg_advisory_xact_lock({TURN})")


async def in_order(session: AsyncSession) -> None:
    """Let one writer at a time change what is matched or asked, over all replicas; held until the commit.

    INVARIANT: the later event of a pair finds the earlier one. Two transactions at once, one with a new need and one
    with a new offer, would each not see the other's uncommitted row, and the pair would never be proposed. The lock is
    a statement of its own and comes first: a statement that waits for a lock still reads as of before it waited.
    It also keeps weekly budgets true: they are counted over all demands.
    """
    await ORDER.execute(session)
