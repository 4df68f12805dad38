"""Writes verdicts: one statement replaces all matches of one demand (or one offer) and keeps what became of each."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from heapq import nlargest
from typing import Any, Literal, NamedTuple
from uuid import UUID

import msgspec
from sqlalchemy.ext.asyncio import AsyncSession
from uuid_utils.compat import uuid5

from services.matching.ranking.score import REASONS, Measures, Verdict, reasons_of
from services.matching.ranking.weights import weights
from shared.database.statement import Part, Statement
from shared.events.envelope import cause
from shared.events.reasons import Reason

MATCHES = UUID("5b0c1b0e-6f0f-5c53-9d0b-2f4f5ad1a8c4")

# A broad demand in a large country almost fits hundreds; a person reads the nearest.
MOST_NEAR_MISSES = 50

Scope = Literal["demand_id", "offer_id"]


class Settled(NamedTuple):
    """The demands whose matches or near misses changed, those of them that gained one, and the reasons just found."""

    touched: frozenset[UUID]
    gained: frozenset[UUID]
    reasons: Mapping[UUID, tuple[Reason, ...]]


def match_id(verdict: Verdict) -> UUID:
    """The same for the same pair in the same versions: each pair is proposed once, redelivery changes nothing."""
    demand, supply = verdict.demand, verdict.supply
    return _id_of(demand.id, demand.version, supply.id, supply.version)


# Asked for where the pair is written, and again where it is told.
@lru_cache(maxsize=4096)
def _id_of(*pair: UUID | int) -> UUID:
    return uuid5(MATCHES, ":".join(map(str, pair)))


FITTING = """
    unnest(CAST(:ids AS uuid[]), CAST(:demands AS uuid[]), CAST(:offers AS uuid[]), CAST(:organisations AS uuid[]),
           CAST(:scores AS int[]), CAST(:reasons AS jsonb[]), CAST(:demand_versions AS bigint[]),
           CAST(:offer_versions AS bigint[]), CAST(:points AS int[]), CAST(:measures AS jsonb[]))
        AS fitting (id, demand_id, offer_id, organisation_id, score, reasons, demand_version, offer_version, points,
                    measures)
"""
ALMOST = """
    unnest(CAST(:near_demands AS uuid[]), CAST(:near_offers AS uuid[]), CAST(:near_organisations AS uuid[]),
           CAST(:near_scores AS int[]), CAST(:constraints AS text[]), CAST(:gaps AS jsonb[]))
        AS almost (demand_id, offer_id, organisation_id, score, gap_constraint, gap)
"""
AS_MATCHES = """
    SELECT id, demand_id, offer_id, organisation_id, score, reasons, demand_version, offer_version,
           CAST(:weights AS text), CAST(:at AS timestamptz), points
"""
HISTORY = """
    match_history (match_id, demand_id, offer_id, organisation_id, change, score, reasons, weights, cause_id, at,
                   points, measures)
"""


def _replace(scope: Scope) -> Statement:
    return Statement(f"""
    WITH fitting AS (
        SELECT * FROM {FITTING}
    ), before AS (
        SELECT demand_id, offer_id, score, weights FROM matches WHERE {scope} = :scope
    ), gone AS (
        DELETE FROM matches m WHERE m.{scope} = :scope
            AND NOT EXISTS (SELECT FROM fitting f WHERE f.demand_id = m.demand_id AND f.offer_id = m.offer_id)
        RETURNING m.*
    ), put AS (
        INSERT INTO matches AS m {AS_MATCHES} FROM fitting
        ON CONFLICT (demand_id, offer_id) DO UPDATE SET
            id = excluded.id, organisation_id = excluded.organisation_id, score = excluded.score,
            reasons = excluded.reasons, demand_version = excluded.demand_version,
            offer_version = excluded.offer_version, weights = excluded.weights, points = excluded.points
        WHERE m.id <> excluded.id OR m.score <> excluded.score OR m.weights <> excluded.weights
        RETURNING m.*, xmax = 0 AS is_new  -- a row that an insert made has no xmax
    ), kept AS (
        INSERT INTO {HISTORY}
        SELECT id, demand_id, offer_id, organisation_id, 'left', score, reasons, weights, CAST(:cause AS uuid),
               CAST(:at AS timestamptz), points, NULL
            FROM gone
        UNION ALL
        SELECT p.id, demand_id, offer_id, p.organisation_id, CASE WHEN p.is_new THEN 'entered' ELSE 'changed' END,
               p.score, p.reasons, p.weights, CAST(:cause AS uuid), CAST(:at AS timestamptz), p.points, f.measures
            FROM put p JOIN fitting f USING (demand_id, offer_id) LEFT JOIN before b USING (demand_id, offer_id)
            WHERE p.is_new OR b.score <> p.score OR b.weights <> p.weights
    ), almost AS (
        SELECT * FROM {ALMOST}
    ), missed_no_more AS (
        DELETE FROM near_misses n WHERE n.{scope} = :scope
            AND NOT EXISTS (SELECT FROM almost a WHERE a.demand_id = n.demand_id AND a.offer_id = n.offer_id)
        RETURNING n.demand_id
    ), missed AS (
        INSERT INTO near_misses AS n SELECT * FROM almost
        ON CONFLICT (demand_id, offer_id) DO UPDATE SET
            organisation_id = excluded.organisation_id, score = excluded.score,
            gap_constraint = excluded.gap_constraint, gap = excluded.gap
        WHERE n.score <> excluded.score OR n.gap <> excluded.gap
        RETURNING n.demand_id
    )
    SELECT demand_id, false AS is_new FROM gone UNION ALL SELECT demand_id, is_new FROM put
    UNION ALL SELECT demand_id, false FROM missed_no_more UNION ALL SELECT demand_id, false FROM missed
    """)


REPLACE = {scope: _replace(scope) for scope in ("demand_id", "offer_id")}
FIRST = (
    Statement(f"INSERT INTO matches {AS_MATCHES} FROM {FITTING}"),
    Statement(f"""
        INSERT INTO {HISTORY}
        SELECT id, demand_id, offer_id, organisation_id, 'entered', score, reasons, CAST(:weights AS text),
               CAST(:cause AS uuid), CAST(:at AS timestamptz), points, measures
        FROM {FITTING}
    """),
    Statement(f"INSERT INTO near_misses SELECT * FROM {ALMOST}"),
)
"""What `REPLACE` does for a demand that was never ranked: there is nothing to compare with."""


async def settle(
    session: AsyncSession, verdicts: Sequence[Verdict], *, scope: Scope, scope_id: UUID, at: datetime
) -> Settled:
    """Make `verdicts` all there is for one demand or one offer."""
    values, reasons = _values(verdicts, at)
    changed = await REPLACE[scope].fetch(session, scope=scope_id, **values)
    return Settled(
        touched=frozenset(row.demand_id for row in changed),
        gained=frozenset(row.demand_id for row in changed if row.is_new),
        reasons=reasons,
    )


def settle_first(verdicts: Sequence[Verdict], *, at: datetime) -> tuple[Settled, list[Part]]:
    """The same for one demand that was never ranked, not written yet: what is found is all new."""
    values, reasons = _values(verdicts, at)
    demands = frozenset(verdict.demand.id for verdict in verdicts)
    gained = frozenset(verdict.demand.id for verdict in verdicts if verdict.gap is None)
    return Settled(demands, gained, reasons), [Part(statement, values) for statement in FIRST]


def _values(verdicts: Sequence[Verdict], at: datetime) -> tuple[dict[str, Any], Mapping[UUID, tuple[Reason, ...]]]:
    because = cause.get()
    fitting = [verdict for verdict in verdicts if verdict.gap is None]
    reasons = reasons_by_match(fitting)
    missing = (verdict for verdict in verdicts if verdict.gap is not None)
    almost = nlargest(MOST_NEAR_MISSES, missing, key=lambda verdict: verdict.score)
    values = {
        "at": at,
        "weights": weights().version,
        "cause": because.causation if because else None,
        "ids": list(reasons),
        "reasons": [REASONS.dump_json(each).decode() for each in reasons.values()],
        "demand_versions": [verdict.demand.version for verdict in fitting],
        "offer_versions": [verdict.supply.version for verdict in fitting],
        "points": [verdict.points for verdict in fitting],
        "measures": [measures_told(verdict.measures) for verdict in fitting],
        "constraints": [verdict.gap.constraint for verdict in almost if verdict.gap],
        "gaps": [verdict.gap.model_dump_json() for verdict in almost if verdict.gap],
        **_pairs(fitting),
        **_pairs(almost, "near_"),
    }
    return values, reasons


def reasons_by_match(fitting: Sequence[Verdict]) -> dict[UUID, tuple[Reason, ...]]:
    """Why each of them fits, by the id of its match."""
    return {match_id(verdict): reasons_of(verdict.measures, weights()) for verdict in fitting}


def measures_told(measures: Measures) -> str:
    """What each feature that applies measured, as `boucle learn` reads it again."""
    return msgspec.json.encode({feature.value: round(each.value, 4) for feature, each in measures.items()}).decode()


def _pairs(verdicts: Sequence[Verdict], prefix: str = "") -> dict[str, list[Any]]:
    return {
        f"{prefix}demands": [verdict.demand.id for verdict in verdicts],
        f"{prefix}offers": [verdict.supply.id for verdict in verdicts],
        f"{prefix}organisations": [verdict.supply.organisation_id for verdict in verdicts],
        f"{prefix}scores": [verdict.score for verdict in verdicts],
    }
