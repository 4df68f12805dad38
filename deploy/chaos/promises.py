"""What must hold of deals and lots after the storm, whatever broke: each question finds what breaks a promise."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, TypeAlias

import asyncpg

from deploy.chaos.ledger import Ledger

if TYPE_CHECKING:
    from deploy.chaos.verdict import Verdict

Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record]"

# What a kind of the ledger is kept in; each version of each was told by an event of its own.
TABLES = {
    "need": "needs",
    "proposal": "proposals",
    "agreement": "agreements",
    "taking": "takings",
    "flow": "flows",
    "lot": "lots",
    "subscription": "subscriptions",
    "message": "exchange_messages",
    "settlement": "settlements",
}
VERSIONS = "SELECT id, version FROM {table}"
FIGURES = """
SELECT id, (holder_said ->> 'value')::numeric AS holder, (taker_said ->> 'value')::numeric AS taker FROM takings
"""
TOLD = "SELECT aggregate_id, version FROM outbox WHERE subject LIKE $1"

# Sentence by question: it finds the ids of what is lost, doubled or wrong.
LOST = {
    "lot {}: its sums are not what its takings say": """
        SELECT lots.id FROM lots LEFT JOIN takings ON takings.lot_id = lots.id GROUP BY lots.id
        HAVING lots.taken_value <> coalesce(sum(takings.quantity_value)
                 FILTER (WHERE takings.state IN ('made', 'disputed', 'confirmed')), 0)
            OR lots.held_value <> coalesce(sum(takings.quantity_value) FILTER (WHERE takings.state = 'held'), 0)""",
    "taking {}: confirmed, and counts for nothing": """
        SELECT takings.id FROM takings LEFT JOIN impact_exchanges USING (id)
        WHERE takings.state = 'confirmed' AND impact_exchanges.id IS NULL""",
    "agreement {}: completed, and counts for nothing": """
        SELECT agreements.id FROM agreements LEFT JOIN impact_exchanges USING (id)
        WHERE agreements.state = 'completed' AND impact_exchanges.id IS NULL""",
    "agreement {}: runs or is completed without both signatures on what it says": """
        SELECT id FROM agreements WHERE running_at IS NOT NULL AND (
          SELECT count(DISTINCT side) FROM agreement_signatures AS signed
          WHERE signed.agreement_id = agreements.id AND signed.revision = agreements.revision) < 2""",
    "agreement {}: its order runs, and nothing is due": """
        SELECT id FROM agreements WHERE running_at IS NOT NULL AND content ->> 'nature' = 'order'
          AND NOT EXISTS (SELECT FROM settlements WHERE agreement_id = agreements.id)""",
    "settlement {}: its accounts do not hold what its state says": """
        SELECT settlements.id FROM settlements CROSS JOIN LATERAL (
          SELECT coalesce(sum(cents) FILTER (WHERE kind = 'owed'), 0) AS owed,
                 coalesce(sum(cents) FILTER (WHERE kind = 'underway'), 0) AS underway,
                 coalesce(sum(cents) FILTER (WHERE kind = 'paid'), 0) AS paid,
                 coalesce(sum(cents) FILTER (WHERE kind = 'received'), 0) AS received,
                 coalesce(sum(cents), 0) AS total
          FROM (SELECT target_kind AS kind, cents FROM ledger_moves WHERE settlement_id = settlements.id
                UNION ALL SELECT source_kind, -cents FROM ledger_moves WHERE settlement_id = settlements.id) AS legs
        ) AS holds CROSS JOIN LATERAL (
          SELECT net_cents + vat_cents AS cents, state IN ('confirmed', 'refunded') AS is_paid
        ) AS owes
        WHERE total <> 0
           OR owed <> CASE WHEN state IN ('due', 'disputed') THEN -owes.cents ELSE 0 END
           OR underway <> CASE WHEN state = 'declared' THEN -owes.cents ELSE 0 END
           OR paid <> CASE WHEN is_paid THEN returned_cents - owes.cents ELSE 0 END
           OR received <> CASE WHEN is_paid THEN owes.cents - returned_cents - returning_cents ELSE 0 END""",
}
DOUBLED = {
    "lot {}: more was promised of it than it holds": """
        SELECT lots.id FROM lots JOIN takings ON takings.lot_id = lots.id
        WHERE takings.state IN ('held', 'made', 'disputed', 'confirmed')
        GROUP BY lots.id HAVING sum(takings.quantity_value) > lots.quantity_value""",
    "taking {}: its kilograms are not what both sides agreed on, once": """
        SELECT takings.id FROM takings WHERE takings.state = 'confirmed' AND (
          SELECT coalesce(sum(value), 0) FROM impact_entries
          WHERE exchange_id = takings.id AND measure = 'mass' AND superseded_at IS NULL
        ) <> 1000 * (
          CASE takings.counted_by WHEN 'holder' THEN holder_said ELSE taker_said END ->> 'value')::numeric""",
    "exchange {}: counts though nothing was confirmed": """
        SELECT impact_exchanges.id FROM impact_exchanges
        LEFT JOIN takings ON takings.id = impact_exchanges.id AND takings.state = 'confirmed'
        LEFT JOIN agreements ON agreements.id = impact_exchanges.id AND agreements.state = 'completed'
        WHERE takings.id IS NULL AND agreements.id IS NULL""",
    "message {}: its words are there twice": """
        SELECT min(id::text) FROM exchange_messages GROUP BY words HAVING count(*) > 1""",
    "agreement {}: one proposal has two": """
        SELECT min(id::text) FROM agreements GROUP BY proposal_id HAVING count(*) > 1""",
}
# How each ended: the side that did not speak last is told so, once.
NOTICES = {
    "taking": ("takings", "confirmed", "params ->> 'what' = 'confirmed'", "params ->> 'taking_id'"),
    "agreement": ("agreements", "completed", "params ->> 'step' = 'completed'", "params ->> 'answer_id'"),
    "proposal": ("proposals", "accepted", "params ->> 'chosen' = 'true'", "params ->> 'answer_id'"),
}


async def judge_deals(databases: Mapping[str, Connection], ledger: Ledger, verdict: Verdict) -> None:
    """Compare what clients were told of deals and lots with what is stored, and what is stored with itself."""
    catalog = databases["catalog"]
    for kind, table in TABLES.items():
        await _versions(catalog, kind, table, ledger, verdict)
    for questions, found in ((LOST, verdict.lost), (DOUBLED, verdict.doubled)):
        for sentence, question in questions.items():
            found += [sentence.format(row[0]) for row in await catalog.fetch(question)]
    await _words(catalog, ledger, verdict)
    await _notices(databases, verdict)


async def _versions(catalog: Connection, kind: str, table: str, ledger: Ledger, verdict: Verdict) -> None:
    held = {row["id"]: row["version"] for row in await catalog.fetch(VERSIONS.format(table=table))}
    told = {(row["aggregate_id"], row["version"]) for row in await catalog.fetch(TOLD, f"catalog.{kind}.%")}
    for thing, version in ledger.things[kind].items():
        if held.get(thing, -1) < version:
            verdict.lost.append(f"{kind} {thing}: version {version} was promised, {held.get(thing)} is held")
        verdict.lost += [
            f"{kind} {thing}: the event of version {each} was never recorded"
            for each in range(1, version + 1)
            if (thing, each) not in told
        ]


async def _words(catalog: Connection, ledger: Ledger, verdict: Verdict) -> None:
    """Signatures and figures whose taking was answered are there."""
    rows = await catalog.fetch("SELECT agreement_id, side FROM agreement_signatures")
    signed = {(row["agreement_id"], row["side"]) for row in rows}
    verdict.lost += [
        f"agreement {thing}: the signature of the {side} is gone" for thing, side in ledger.signed - signed
    ]
    held = {(row["id"], side): row[side] for row in await catalog.fetch(FIGURES) for side in ("holder", "taker")}
    for (thing, side), value in ledger.said.items():
        if held.get((thing, side)) != value:
            verdict.lost.append(f"taking {thing}: the {side} said {value}, {held.get((thing, side))} is held")


async def _notices(databases: Mapping[str, Connection], verdict: Verdict) -> None:
    for kind, (table, state, says, about) in NOTICES.items():
        rows = await databases["catalog"].fetch(f"SELECT id::text FROM {table} WHERE state = $1", state)
        counts = await databases["notifications"].fetch(
            f"SELECT {about} AS id, count(*) AS times FROM notices WHERE {says} GROUP BY 1"
        )
        told = {row["id"]: row["times"] for row in counts}
        for row in rows:
            times = told.get(row["id"], 0)
            if times != 1:
                (verdict.doubled if times else verdict.lost).append(
                    f"{kind} {row['id']}: {state} was told {times} times"
                )
