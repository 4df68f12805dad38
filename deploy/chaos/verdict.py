"""The verdict over a quiet site: lost, doubled, stuck, out of order. Every question is asked of what is stored."""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any, TypeAlias
from uuid import UUID

import asyncpg
from nats.aio.client import Client
from nats.js.errors import NotFoundError

from deploy.chaos.ledger import Ledger
from deploy.chaos.promises import judge_deals
from deploy.chaos.site import Site
from deploy.embedded.credentials import SERVICES
from deploy.embedded.instance import Instance
from shared.messaging.connection import close, connect
from shared.messaging.topology import CONSUMERS, ConsumerSpec, stream_for
from shared.messaging.worker import asyncpg_dsn

Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record]"

# Of one event a ranking is told, and once more where it was foretold (decision 72) and no longer holds; never the same.
TOLD_TWICE = """
SELECT count(*) FROM (
  SELECT ranking = lag(ranking) OVER (PARTITION BY aggregate_id ORDER BY version) AS is_same,
         count(*) OVER (PARTITION BY aggregate_id, cause) AS times
  FROM (
    SELECT aggregate_id, version, payload ->> 'causationid' AS cause, ARRAY[
      payload #> '{data,demand,version}' #>> '{}',
      jsonb_path_query_array(payload::jsonb, '$.data.matches[*].offer_id')::text,
      jsonb_path_query_array(payload::jsonb, '$.data.matches[*].score')::text] AS ranking
    FROM outbox WHERE type = 'matching.demand.matched.v1') AS told) AS judged
WHERE is_same OR times > 2
"""
# The rig's needs hold the Idempotency-Key they were asked with.
MADE_TWICE = "SELECT count(*) FROM (SELECT description FROM needs GROUP BY 1 HAVING count(*) > 1) AS twice"
ENTERED_TWICE = """
SELECT count(*) FROM (
  SELECT match_id FROM match_history WHERE change = 'entered' GROUP BY 1 HAVING count(*) > 1) AS twice
"""
DEAD_LETTERS = "SELECT subject, reason FROM dead_letter"
# Who hears that a need is published, which is what every poison says it is.
POISONED = {
    spec.service
    for spec in CONSUMERS
    if any("catalog.need.published.".startswith(subject.removesuffix(">")) for subject in spec.subjects)
}


@dataclass
class Verdict:
    """What was found of each kind of trouble; all empty is the promise kept."""

    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    stuck: list[str] = field(default_factory=list)
    out_of_order: list[str] = field(default_factory=list)
    events: int = 0
    duplicates_in_streams: int = 0
    # When catalog's stream stored each message, in seconds of the clock.
    stored_at: list[float] = field(default_factory=list, repr=False)

    @property
    def by_kind(self) -> dict[str, list[str]]:
        """What was found, under the words for each kind of trouble."""
        return {"lost": self.lost, "doubled": self.doubled, "stuck": self.stuck, "out of order": self.out_of_order}

    @property
    def troubles(self) -> list[str]:
        """Each of them with its kind."""
        return [f"{kind}: {each}" for kind, found in self.by_kind.items() for each in found]


async def judge(site: Site, ledger: Ledger, *, poisons: int) -> Verdict:
    """Compare the ledger, the three databases and the streams."""
    instance, verdict = site.instance, Verdict()
    databases = {service: await _connected(instance, service) for service in SERVICES}
    admin = await connect(instance.nats_url, user="admin", seed_file=instance.seed_file("admin"))
    try:
        await _ledger_against_catalog(ledger, databases["catalog"], verdict)
        await _catalog_against_matching(databases, verdict)
        await judge_deals(databases, ledger, verdict)
        for spec in CONSUMERS:
            await _outbox_against_inbox(spec, databases, site.own_events, verdict)
        for service in SERVICES:
            await _left_over(service, databases[service], verdict)
        await _dead_letters(databases, poisons, verdict)
        verdict.doubled += await _doubled(databases)
        for stream in {spec.stream for spec in CONSUMERS} - {"CONTACTS"}:
            await _order(admin, stream, verdict)
    finally:
        await close(admin)
        for connection in databases.values():
            await connection.close()
    return verdict


async def _ledger_against_catalog(ledger: Ledger, catalog: Connection, verdict: Verdict) -> None:
    rows = await catalog.fetch("SELECT id, version FROM needs")
    held: dict[UUID, int] = {row["id"]: row["version"] for row in rows}
    rows = await catalog.fetch("SELECT aggregate_id, version FROM outbox WHERE subject LIKE 'catalog.need.%'")
    told = {(row["aggregate_id"], row["version"]) for row in rows}
    verdict.events += len(told)
    for need, version in ledger.acknowledged.items():
        if held.get(need, -1) < version:
            verdict.lost.append(f"need {need}: version {version} was promised, {held.get(need)} is held")
        for each in range(1, version + 1):
            if (need, each) not in told:
                verdict.lost.append(f"need {need}: the event of version {each} was never recorded")
    for need, version in told:
        if held.get(need, -1) < version:
            verdict.lost.append(f"need {need}: version {version} was told and is not held")


async def _catalog_against_matching(databases: dict[str, Connection], verdict: Verdict) -> None:
    rows = await databases["catalog"].fetch(
        "SELECT aggregate_id AS id, max(version) AS version FROM outbox"
        " WHERE subject LIKE 'catalog.need.%' OR subject LIKE 'catalog.flow.%' GROUP BY 1"
    )
    told = {row["id"]: row["version"] for row in rows}
    rows = await databases["matching"].fetch("SELECT id, version FROM demands")
    heard = {row["id"]: row["version"] for row in rows}
    for demand, version in told.items():
        if heard.get(demand) != version:
            verdict.lost.append(f"demand {demand}: version {version} was told, matching holds {heard.get(demand)}")
    verdict.lost += [f"demand {each}: matching holds what catalog never told" for each in heard.keys() - told.keys()]


async def _outbox_against_inbox(
    spec: ConsumerSpec, databases: dict[str, Connection], made_up: set[str], verdict: Verdict
) -> None:
    producer = {"CONTACTS": "catalog"}.get(spec.stream, spec.stream.lower())
    wanted = await databases[producer].fetch("SELECT event_id, subject FROM outbox")
    heard = {
        row[0]
        for row in await databases[spec.service].fetch(
            "SELECT event_id FROM inbox WHERE consumer = $1", f"{spec.stream}.{spec.durable}"
        )
    }
    prefixes = tuple(subject.removesuffix(">") for subject in spec.subjects)
    verdict.lost += [
        f"{spec.service} never heard {row['subject']} ({row['event_id']})"
        for row in wanted
        if row["subject"].startswith(prefixes) and stream_for(row["subject"]) == spec.stream
        if row["event_id"] not in heard
    ]
    known = {row["event_id"] for row in wanted}
    ghosts = [each for each in heard - known if str(each) not in made_up]
    verdict.doubled += [f"{spec.service} heard {each}, which never happened" for each in ghosts]


async def _left_over(service: str, connection: Connection, verdict: Verdict) -> None:
    waiting = await connection.fetchval("SELECT count(*) FROM outbox WHERE published_at IS NULL")
    if waiting:
        verdict.stuck.append(f"{waiting} events of {service} were not published")


async def _dead_letters(databases: dict[str, Connection], poisons: int, verdict: Verdict) -> None:
    """Every poison lies once in the dead letters of each service that hears its subject; nothing else does."""
    for service, connection in databases.items():
        wanted = poisons if service in POISONED else 0
        found = [(row["subject"], row["reason"]) for row in await connection.fetch(DEAD_LETTERS)]
        surplus = [each for each in found if not (wanted and each[1].startswith("unreadable"))]
        verdict.stuck += [f"dead letter of {service}: {subject}: {reason[:120]}" for subject, reason in surplus]
        if len(found) < wanted:
            verdict.lost.append(f"{wanted - len(found)} poisons are in no dead letter of {service}")
        if len(found) > wanted:
            verdict.doubled.append(f"{len(found) - wanted} dead letters of {service} more than poisons")


async def _doubled(databases: dict[str, Connection]) -> list[str]:
    found = []
    if twice := await databases["matching"].fetchval(TOLD_TWICE):
        found.append(f"{twice} rankings were told twice for one event")
    if twice := await databases["matching"].fetchval(ENTERED_TWICE):
        found.append(f"{twice} matches entered twice")
    if twice := await databases["catalog"].fetchval(MADE_TWICE):
        found.append(f"{twice} needs were made twice under one Idempotency-Key")
    return found


async def _order(admin: Client, stream: str, verdict: Verdict) -> None:
    """Versions of an aggregate come in order; copies of what came before are the rig's, or a repeated publish."""
    state = (await admin.jetstream().stream_info(stream)).state
    seen: dict[str, list[int]] = defaultdict(list)
    known: set[str] = set()
    # an empty stream says that its first message is number 0
    for sequence in range(max(state.first_seq, 1), state.last_seq + 1):
        try:
            message = await admin.jetstream().get_msg(stream, seq=sequence)
        except NotFoundError:
            continue  # a stream that is older than its damage has holes
        if stream == "CATALOG" and message.time is not None:
            verdict.stored_at.append(message.time.timestamp())
        try:
            event: dict[str, Any] = json.loads(message.data or b"")
            aggregate, version, key = (
                # An exchange that counts has the id of its taking or agreement, and versions of its own.
                f"{event['type'].rpartition('.')[0].rpartition('.')[0]} {event['subject']}",
                event["sequence"],
                f"{event['type']}:{event['subject']}:{event['sequence']}",
            )
        except (ValueError, KeyError, TypeError):
            continue
        if key in known:
            verdict.duplicates_in_streams += 1
            continue
        known.add(key)
        if seen[aggregate] and version < seen[aggregate][-1]:
            verdict.out_of_order.append(f"{stream}: {event['type']} {aggregate}: {version} after {seen[aggregate][-1]}")
        seen[aggregate].append(version)


async def _connected(instance: Instance, service: str) -> Connection:
    return await asyncpg.connect(asyncpg_dsn(instance.database_url(service, "work")), ssl=False)
