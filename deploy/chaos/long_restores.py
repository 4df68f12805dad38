"""One database goes back to a backup, the others do not: what it had heard comes again, what it had told is named."""

from __future__ import annotations

import asyncio
import shlex
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import asyncpg

from deploy.chaos.ledger import Ledger
from deploy.chaos.load import NEED
from deploy.chaos.long_house import House, house
from deploy.chaos.long_tale import Tale
from deploy.chaos.verdict import judge
from shared.messaging.worker import asyncpg_dsn

TOLD = "SELECT event_id FROM outbox WHERE published_at IS NOT NULL"
NOTICES = """
SELECT topic, organisation_id, about_id, count(*) AS times,
       (SELECT count(*) FROM deliveries d JOIN notices m ON m.id = d.notice_id
        WHERE (m.topic, m.organisation_id, m.about_id) = (n.topic, n.organisation_id, n.about_id)) AS letters
FROM notices n GROUP BY 1, 2, 3
"""
COUNTED = "SELECT id, match_count FROM needs WHERE match_count > 0"
MATCHED = """
SELECT demand_id AS id, count(*) AS matches FROM matches m JOIN demands d ON d.id = m.demand_id AND d.kind = 'need'
WHERE d.status = 'open' GROUP BY 1
"""


@dataclass
class Named:
    """What `boucle restore` says that only the streams know."""

    events: set[UUID] = field(default_factory=set)
    versions: dict[UUID, int] = field(default_factory=dict)

    @classmethod
    def by(cls, streams: list[dict[str, Any]]) -> Named:
        """Read its JSON."""
        named = cls()
        for untold in (each for stream in streams for each in stream["untold"]["events"]):
            named.events.add(UUID(untold["event_id"]))
            aggregate = UUID(untold["aggregate_id"])
            named.versions[aggregate] = max(untold["version"], named.versions.get(aggregate, 0))
        return named

    def spoken_of(self, trace: str) -> bool:
        """Whether a trace of the verdict is about something that was named."""
        return any(str(aggregate) in trace for aggregate in self.versions)


async def notifications_restored(tale: Tale) -> None:
    """A reader goes back: it hears again what came after, and tells nobody anything twice."""
    async with house(tale) as here:
        _, before = await _back(here, "notifications")
        await _told_as(here, before)
        await here.is_judged()


async def matching_restored(tale: Tale) -> None:
    """A reader that tells others goes back: it judges again, and nobody is asked or told twice."""
    async with house(tale) as here:
        # Before anybody is asked: a supplier's week is full after five solicitations.
        await _backed_up(here, "matching")
        named, before = await _back(here, "matching", to_its_backup=True)
        await _told_as(here, before)
        async with here.writing():
            await asyncio.sleep(tale.load_s)
        await here.rests()
        counted = {row["id"]: row["match_count"] for row in await _rows(here, "catalog", COUNTED)}
        matched = {row["id"]: row["matches"] for row in await _rows(here, "matching", MATCHED)}
        apart = [need for need, matches in matched.items() if counted.get(need, 0) != matches]
        tale.expect(not apart, f"{len(apart)} needs count other matches than matching has")
        await _judged(here, named)


async def catalog_restored(tale: Tale) -> None:
    """Who writes goes back: what is gone is named, and what is written next is heard, not taken for old."""
    async with house(tale) as here:
        buyer = here.crowd.buyers[0]
        need = await buyer.post("/api/v1/needs", **NEED, title="Repas")
        path = f"/api/v1/needs/{need['id']}"
        await buyer.post(f"{path}/publish")

        async def change() -> None:
            for number in range(3):
                await buyer.client.patch(path, json=NEED | {"title": f"Repas, {number}"})

        named, _ = await _back(here, "catalog", meanwhile=change)
        _gone_are_named(tale, here.ledger, named, await _needs_told(here))
        here.ledger = Ledger(writes=here.ledger.writes, unknown=here.ledger.unknown)
        async with here.writing():
            answer = await buyer.client.patch(path, json=NEED | {"title": "Repas, encore"})
            await asyncio.sleep(tale.load_s)
        await here.rests()
        highest = named.versions.get(UUID(need["id"]), 0)
        tale.expect(highest >= 4, f"the changes of a need after the backup were not named, only up to {highest}")
        now = answer.json().get("version", 0) if answer.is_success else 0
        tale.expect(now > highest, f"version {now} after the restore, {highest} was told before: {answer.text[:200]}")
        heard = await here.ask("matching", "SELECT version FROM demands WHERE id = $1", UUID(need["id"]))
        tale.expect(heard == now, f"matching holds version {heard} of a need that is at {now}")
        await _judged(here, named)


async def _backed_up(here: House, service: str) -> None:
    await here.boucle("backup", "--service", service, str(here.site.folder.root / "backup.dump"))


async def _back(
    here: House, service: str, *, to_its_backup: bool = False, meanwhile: Any = None
) -> tuple[Named, dict[Any, Any]]:
    """Load, a backup unless there is one, more load, then back to it with the commands that the first one prints."""
    tale, file = here.tale, here.site.folder.root / "backup.dump"
    async with here.writing():
        await asyncio.sleep(tale.load_s)
        if not to_its_backup:
            await _backed_up(here, service)
        if meanwhile is not None:
            await meanwhile()
        await asyncio.sleep(tale.load_s)
    await here.rests()
    before, told = await _notices(here), await _told(here, service)
    done = await here.boucle("restore", "--service", service, str(file), "--yes", "--json")
    named, gone = Named.by(done["streams"]), told - await _outbox(here, service)
    unnamed = gone - named.events
    tale.expect(not unnamed, f"{len(unnamed)} events are gone and were not named")
    tale.found(told_after_the_backup=len(gone), named=len(named.events), raised=done["raised"])
    await here.site.answers()
    for command in done["next"]:
        if "overtake" in command or "reconcile" in command:
            await here.rests()
        await here.boucle(*shlex.split(command)[1:], may_fail="reconcile" in command)
    await here.rests()
    return named, before


async def _told_as(here: House, before: dict[Any, Any]) -> None:
    """The same notices and letters as if nothing had happened."""
    after = await _notices(here)
    missing, more = before.keys() - after.keys(), after.keys() - before.keys()
    often = [key for key in before.keys() & after.keys() if before[key] != after[key]]
    here.tale.found(notices=len(before))
    here.tale.expect(not missing, f"{len(missing)} notices are gone")
    here.tale.expect(not more, f"{len(more)} notices are new")
    here.tale.expect(not often, f"{len(often)} were told again: {[(before[key], after[key]) for key in often[:3]]}")


def _gone_are_named(tale: Tale, ledger: Ledger, named: Named, held: dict[UUID, int]) -> None:
    """Every promise that the restored database does not keep is among the named ones; a draft was told to nobody."""
    gone = {need: version for need, version in ledger.acknowledged.items() if held.get(need, 0) < version}
    unnamed = [need for need, version in gone.items() if named.versions.get(need, 0) < version]
    tale.found(needs_set_back=len(gone))
    tale.expect(bool(gone), "nothing was written after the backup")
    tale.expect(not unnamed, f"{len(unnamed)} promised needs are gone and were not named")


async def _judged(here: House, named: Named) -> None:
    """The rig's verdict, but for what was named: readers know it, and whoever told it does not."""
    here.site.own_events.update(map(str, named.events))
    verdict = await judge(here.site, here.ledger, poisons=0)
    verdict.lost = [trace for trace in verdict.lost if not named.spoken_of(trace)]
    verdict.out_of_order = [trace for trace in verdict.out_of_order if not named.spoken_of(trace)]
    here.tale.judged(verdict)


async def _notices(here: House) -> dict[Any, Any]:
    rows = await _rows(here, "notifications", NOTICES)
    return {(row["topic"], row["organisation_id"], row["about_id"]): (row["times"], row["letters"]) for row in rows}


async def _told(here: House, service: str) -> set[UUID]:
    return {row["event_id"] for row in await _rows(here, service, TOLD)}


async def _outbox(here: House, service: str) -> set[UUID]:
    return {row["event_id"] for row in await _rows(here, service, "SELECT event_id FROM outbox")}


async def _needs_told(here: House) -> dict[UUID, int]:
    question = "SELECT aggregate_id, max(version) AS version FROM outbox WHERE subject LIKE 'catalog.need.%' GROUP BY 1"
    return {row["aggregate_id"]: row["version"] for row in await _rows(here, "catalog", question)}


async def _rows(here: House, service: str, question: str) -> list[asyncpg.Record]:
    address = asyncpg_dsn(here.site.instance.database_url(service))
    connection = await asyncpg.connect(address, ssl=False, timeout=10)
    try:
        return list(await connection.fetch(question))
    finally:
        await connection.close()
