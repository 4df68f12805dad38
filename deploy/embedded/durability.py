"""Proof, asked of the running servers, that an acknowledged write is on the disk."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

PROOF_SECONDS = 5.0
LOOPBACK = "127.0.0.1"
POSTGRES_MUST_SAY = {"fsync": "on", "full_page_writes": "on", "synchronous_commit": "on"}
STRONGER_COMMITS = {"on", "remote_write", "remote_apply"}


class NotDurable(Exception):
    """A server would lose acknowledged writes in a power cut; the message names each reason."""

    def __init__(self, reasons: list[str]) -> None:
        super().__init__("Not durable, so Boucle does not start:\n" + "\n".join(f"- {reason}" for reason in reasons))
        self.reasons = reasons


async def prove_durability(nats_url: str, *, sys_seed_file: Path, database_urls: Iterable[str]) -> None:
    """Raise NotDurable unless every NATS server syncs always and every database fsyncs.

    NATS is asked through the system account (server VARZ), never over its monitoring port: the answer then comes
    from the servers that clients write to. A server that cannot be asked is not proven.
    """
    found = await asyncio.gather(
        nats_reasons(nats_url, sys_seed_file), *(postgres_reasons(url) for url in database_urls)
    )
    reasons = sorted({reason for each in found for reason in each})
    if reasons:
        raise NotDurable(reasons)


async def nats_reasons(nats_url: str, sys_seed_file: Path) -> list[str]:
    """Why NATS is not proven durable; empty when it is."""
    try:
        answers = await asyncio.wait_for(_every_varz(nats_url, sys_seed_file), PROOF_SECONDS)
    except Exception as error:  # whatever the client raises, it means "not proven"
        return [f"NATS could not be asked through its system account ({type(error).__name__}: {error})"]
    return [reason for answer in answers for reason in _reasons_of_one(answer)]


def _reasons_of_one(answer: dict[str, Any]) -> list[str]:
    name = answer.get("server", {}).get("name", "?")
    storage = answer.get("data", {}).get("jetstream", {}).get("config")
    if storage is None:
        return [f"NATS server {name} runs without JetStream"]
    if storage.get("sync_always") is not True:
        return [f"NATS server {name} acknowledges before it syncs: set jetstream.sync_interval to always"]
    return []


async def _every_varz(nats_url: str, sys_seed_file: Path) -> list[dict[str, Any]]:
    """VARZ of every server of the cluster: the first answer says how many there are."""
    import nats  # 120 ms that only this proof needs

    connection = await nats.connect(
        nats_url.split(","),
        nkeys_seed=str(sys_seed_file),
        name="durability-proof",
        connect_timeout=2,
        allow_reconnect=False,
    )
    try:
        inbox = connection.new_inbox()
        answers = await connection.subscribe(inbox)
        await connection.publish("$SYS.REQ.SERVER.PING.VARZ", b"", reply=inbox)
        found = [json.loads((await answers.next_msg(timeout=2)).data)]
        for _ in found[0].get("data", {}).get("cluster", {}).get("urls", []):
            found.append(json.loads((await answers.next_msg(timeout=2)).data))
        return found
    finally:
        await connection.close()


async def postgres_reasons(database_url: str) -> list[str]:
    """Why one database is not proven durable; empty when it is."""
    import asyncpg  # 110 ms that only this proof needs

    address = database_url.replace("postgresql+asyncpg", "postgresql")
    place = address.rsplit("@", 1)[-1]
    # on loopback asyncpg need not look for certificates, which may lie in a home that is not ours
    encryption = False if place.startswith(LOOPBACK) else None
    try:
        connection = await asyncpg.connect(
            address, ssl=encryption, timeout=PROOF_SECONDS, command_timeout=PROOF_SECONDS
        )
    except Exception as error:  # same: not proven
        return [f"PostgreSQL at {place} could not be asked ({type(error).__name__}: {error})"]
    try:
        said = {name: await connection.fetchval(f"SHOW {name}") for name in POSTGRES_MUST_SAY}
    finally:
        await connection.close(timeout=1)
    return [
        f"PostgreSQL at {place} says {name} = {value}"
        for name, value in said.items()
        if value != POSTGRES_MUST_SAY[name] and not (name == "synchronous_commit" and value in STRONGER_COMMITS)
    ]
