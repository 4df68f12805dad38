"""Waits until a house that just opened has handled all that its demonstration told: what it lists grows until then."""

import asyncio
import re

import httpx

from deploy.bench.stage import Stage
from deploy.embedded.data_folder import DataFolder
from deploy.embedded.platform import BROKER_KEEP_S
from deploy.embedded.signals import signal_ports
from tests.waiting import holds

PATIENCE_S = 180.0
# What is told and not sent yet, and what is sent and not handled yet.
WAITING = re.compile(r"^boucle_(outbox_unpublished|consumer_pending|consumer_ack_pending)\{.*\} (\S+)$", re.MULTILINE)


async def settled(house: Stage) -> None:
    """Return once nothing waits in an outbox or before a reader."""
    ports = signal_ports(DataFolder(house.folder)).values()
    async with httpx.AsyncClient(timeout=PATIENCE_S) as client:

        async def check() -> None:
            told = [(await client.get(f"http://127.0.0.1:{port}/metrics")).text for port in ports]
            left = WAITING.findall("\n".join(told))
            assert {name for name, _ in left} == {"outbox_unpublished", "consumer_pending", "consumer_ack_pending"}
            assert [each for each in left if float(each[1])] == []

        await holds(check, PATIENCE_S)
        # The broker's figures are kept that long: the first look may have been at those of before.
        await asyncio.sleep(BROKER_KEEP_S)
        await holds(check, PATIENCE_S)
