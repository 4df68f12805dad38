"""The broker's store is lost or damaged: everything is in the outboxes, and commands bring it back."""

from __future__ import annotations

import asyncio
import os
import random
import shutil
import signal
from collections.abc import Callable
from pathlib import Path

import asyncpg

from deploy.chaos.faults import WORKER
from deploy.chaos.long_house import House, house, laid_open
from deploy.chaos.long_tale import Tale
from deploy.embedded.credentials import SERVICES
from shared.messaging.worker import asyncpg_dsn

NOTICED_S = 3.0
EVERYTHING = "1970-01-01"
GRACE = ("--grace", "0")
BLOCKS = "jetstream/BOUCLE/streams/CATALOG/msgs/*.blk"
FLIPS = 3
# What the transport itself keeps: the rest is what a person would see.
TRANSPORT = {"outbox", "inbox", "attempt", "alembic_version"}
TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1"
CONTENT = "SELECT md5(coalesce(string_agg(line::text, '' ORDER BY line::text), '')) FROM {table} AS line"

Damage = Callable[[Path, random.Random], None]


async def nats_store_deleted(tale: Tale) -> None:
    """The whole store is gone: streams are made again and filled, and nobody is told anything twice."""
    async with house(tale) as here:
        async with here.writing():
            await asyncio.sleep(tale.load_s)
        await here.rests()
        before = await state_of(here)
        async with laid_open(here.site, how=signal.SIGKILL) as store:
            shutil.rmtree(store / "jetstream")
        await here.nats_is_back()
        made = await here.boucle("provision", "--json")
        sent = [await _republish(here, service, "--from", EVERYTHING) for service in SERVICES]
        await here.rests()
        after = await state_of(here)
        changed = sorted(name for name in before.keys() | after.keys() if before.get(name) != after.get(name))
        tale.expect(not changed, f"changed by the same events once more: {', '.join(changed)}")
        tale.found(made_again=len(made["changes"]), sent_again=sum(sent), tables_compared=len(before))
        async with here.writing():
            await asyncio.sleep(tale.load_s / 2)
        await here.rests()
        await _is_whole(here)
        await here.is_judged()


async def nats_store_flipped(tale: Tale) -> None:
    """Bits of a block turned over while the broker was down."""
    await _damaged(tale, _flip)


async def nats_store_truncated(tale: Tale) -> None:
    """A block of messages lost its end while the broker was down."""
    await _damaged(tale, _truncate)


async def _damaged(tale: Tale, damage: Damage) -> None:
    async with house(tale) as here:
        async with here.writing():
            await asyncio.sleep(tale.load_s)
            # A reader that is behind shows what else only a look at the stream itself would.
            worker = here.site.process(*WORKER)
            os.kill(worker, signal.SIGSTOP)
            await asyncio.sleep(tale.load_s / 2)
        async with laid_open(here.site, how=signal.SIGTERM) as store:
            for block in sorted(store.glob(BLOCKS)):
                damage(block, here.site.dice)
        await here.nats_is_back()
        os.kill(worker, signal.SIGCONT)
        await asyncio.sleep(NOTICED_S)
        found = await here.boucle("reconcile", "--streams", *GRACE, "--json", may_fail=True)
        lost = next(each["lost"] for each in found["streams"] if each["stream"] == "CATALOG")
        missed = sum(each["missing"]["count"] for each in found["readers"])
        tale.found(lost=lost["count"], lost_seq=str(lost["stream_seq"]), missed_by_readers=missed)
        tale.expect(lost["count"] > 0, "the damage was not found")
        tale.expect(None not in lost["stream_seq"], "the range that is damaged was not named")
        await here.boucle("provision", "--anew", "CATALOG", "--yes", "--json")
        tale.found(sent_again=await _republish(here, "catalog", "--from", EVERYTHING))
        await here.rests()
        await _is_whole(here)
        async with here.writing():
            await asyncio.sleep(tale.load_s / 2)
        await here.rests()
        await here.is_judged()


def _flip(block: Path, dice: random.Random) -> None:
    with block.open("r+b") as file:
        size = block.stat().st_size
        for _ in range(FLIPS):
            where = dice.randrange(size // 2, size)
            file.seek(where)
            turned = file.read(1)[0] ^ (1 << dice.randrange(8))
            file.seek(where)
            file.write(bytes([turned]))


def _truncate(block: Path, dice: random.Random) -> None:
    os.truncate(block, int(block.stat().st_size * dice.uniform(0.6, 0.9)))


async def _republish(here: House, service: str, *which: str) -> int:
    told = await here.boucle("republish", "--service", service, *which, "--yes", "--json")
    return int(told["republished"])


async def _is_whole(here: House) -> None:
    """Outboxes, streams and inboxes say the same."""
    found = await here.boucle("reconcile", "--streams", *GRACE, "--json")
    for each in found["readers"]:
        here.tale.expect(not each["missing"]["count"], f"{each['reader']} misses {each['missing']['count']}")
        here.tale.expect(not each["extra"]["count"], f"{each['reader']} has {each['extra']['count']} untold")
    for each in found["streams"]:
        here.tale.expect(not each["lost"]["count"], f"{each['stream']} lacks {each['lost']['count']}")
        here.tale.expect(not each["untold"]["count"], f"{each['stream']} has {each['untold']['count']} untold")


async def state_of(here: House) -> dict[str, str]:
    """A digest of every table that is no part of the transport, by its name."""
    digests = {}
    for service in SERVICES:
        address = asyncpg_dsn(here.site.instance.database_url(service, "read"))
        connection = await asyncpg.connect(address, ssl=False, timeout=10)
        try:
            for (table,) in await connection.fetch(TABLES):
                if table not in TRANSPORT:
                    digests[f"{service}.{table}"] = await connection.fetchval(CONTENT.format(table=table))
        finally:
            await connection.close()
    return digests
