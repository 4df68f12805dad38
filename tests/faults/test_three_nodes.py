"""A cluster of three NATS nodes loses one at any moment, and nobody loses an event or waits long."""

import asyncio
import os
import shutil
import signal
from uuid import uuid4

import nats.errors
import pytest
from nats.aio.client import Client

from deploy.chaos.cluster import FREEZE_ONE, KILL_LEADER, KILL_ONE, KILL_TWO
from deploy.chaos.gaps import Strike, counts_by_fault, gaps_by_fault, longest_gap_s
from deploy.chaos.rig import Report, run
from deploy.chaos.stages import THREE_NODES
from deploy.embedded.durability import nats_reasons
from deploy.embedded.engines import Engines, temporary_engines
from deploy.embedded.nats_cluster import until_whole
from deploy.embedded.prepare import provision_streams
from shared.messaging.connection import close, connect
from shared.messaging.provision import RetentionWouldShrink, provision
from shared.messaging.topology import Topology

SEED = 1
PATIENCE_S = 10.0
# A follower waits so long at most before it stands for election; one that is tied is held again.
ELECTION_S = 9.0
# A lost store is in `boucle chaos --nodes 3` and in a test below: each strike waits for an election.
DEATHS = (KILL_ONE, KILL_LEADER, FREEZE_ONE, KILL_TWO)


def silent(_: str) -> None:
    """Say nothing."""


@pytest.mark.promise(2, 16, 20, 25, 26, 39)
async def test_any_node_may_die_under_load() -> None:
    report = await run(SEED, 1.0, silent, only=DEATHS, stage=THREE_NODES)
    assert report.troubles == [], told(report)
    assert set(report.struck) == set(DEATHS)
    # HTTP goes on while the broker makes up its mind.
    assert report.longest_write_gap_s < PATIENCE_S, told(report)
    for fault in (KILL_ONE, KILL_LEADER):
        assert report.publish_gaps_s.get(fault, 0.0) < 2 * ELECTION_S, told(report)


def told(report: Report) -> str:
    """What one needs to see it again: `boucle chaos --nodes 3 --seed`."""
    return f"seed={report.seed} {report.as_dict()}"


@pytest.mark.promise(20, 21)
async def test_every_node_is_proven_and_what_it_acknowledged_survives_all_three() -> None:
    """INVARIANT: all nodes killed at once hold every acknowledged event afterwards."""
    async with temporary_engines(durable=True, nats_nodes=3) as engines:
        instance = engines.instance
        await provision_streams(instance)
        assert await nats_reasons(instance.nats_url, instance.seed_file("sys")) == []
        catalog = await connect(instance.nats_url, user="catalog", seed_file=instance.seed_file("catalog"))
        for _ in range(2):
            acknowledged = await publish_until(catalog, count=200)
            for node in engines.nats_nodes:
                assert node.process is not None
                os.kill(node.process.pid, signal.SIGKILL)
            await asyncio.gather(*(node.stop() for node in engines.nats_nodes))
            await asyncio.gather(*(node.start() for node in engines.nats_nodes))
            await until_whole(instance.health_ports)
            assert await stored(engines) >= acknowledged
        await close(catalog)


@pytest.mark.promise(20)
async def test_a_node_that_lost_its_store_takes_no_part_until_the_others_lead() -> None:
    """INVARIANT: its vote could make leader who lacks what was acknowledged last."""
    async with temporary_engines(durable=True, nats_nodes=3) as engines:
        await provision_streams(engines.instance)
        emptied, asleep, _ = engines.nats_nodes
        await asyncio.gather(emptied.stop(), asleep.stop())
        shutil.rmtree(emptied.store / "jetstream")
        returning = asyncio.create_task(emptied.start())
        # The third one alone is no majority: with the empty node's vote it would be.
        await asyncio.sleep(2)
        assert not emptied.is_running
        returning.cancel()
        await asyncio.gather(returning, return_exceptions=True)
        await asyncio.gather(asleep.start(), emptied.start())
        await until_whole(engines.instance.health_ports)


async def publish_until(client: Client, *, count: int) -> int:
    """Publish so many; the place of the last one in the stream."""
    last = 0
    async with asyncio.timeout(120):
        while count:
            try:
                ack = await client.jetstream().publish(f"catalog.need.withdrawn.v1.{uuid4()}", b"{}", timeout=2)
            except (nats.errors.Error, TimeoutError):
                await asyncio.sleep(0.1)
                continue
            last, count = ack.seq, count - 1
    return last


async def stored(engines: Engines) -> int:
    """How many messages the stream holds; none is missing in between."""
    admin = await administrator(engines)
    try:
        state = (await admin.jetstream().stream_info("CATALOG")).state
    finally:
        await close(admin)
    assert state.messages == state.last_seq
    return state.messages


async def administrator(engines: Engines) -> Client:
    instance = engines.instance
    return await connect(instance.nats_url, user="admin", seed_file=instance.seed_file("admin"))


@pytest.mark.promise(20, 32)
async def test_a_lazy_node_is_named_and_no_copy_is_given_up() -> None:
    async with temporary_engines(durable=False, nats_nodes=3) as engines:
        instance = engines.instance
        reasons = await nats_reasons(instance.nats_url, instance.seed_file("sys"))
        assert [f"boucle-{number}" in reason for number, reason in enumerate(sorted(reasons), start=1)] == [True] * 3
        await provision_streams(instance)
        admin = await administrator(engines)
        streams = [(await admin.jetstream().stream_info(spec.name)).config for spec in Topology().streams]
        assert {each.num_replicas for each in streams} == {3}
        readers = [
            (await admin.jetstream().consumer_info(spec.stream, spec.durable)).config for spec in Topology().consumers
        ]
        assert {each.num_replicas for each in readers} == {3}
        await close(admin)
        with pytest.raises(RetentionWouldShrink, match="kept 3 times"):
            await provision(instance.nats_url, admin_seed_file=instance.seed_file("admin"), topology=Topology())


def test_a_doubt_belongs_to_the_fault_before_it() -> None:
    strikes = [Strike(2.0, "a"), Strike(5.0, "b"), Strike(8.0, "a")]
    assert counts_by_fault([1.0, 3.0, 9.0, 9.5], strikes) == {"a": 3, "b": 0}


def test_a_gap_belongs_to_the_fault_that_struck_before_it_ended() -> None:
    moments = [1.0, 2.0, 9.0, 9.5, 13.0]
    assert longest_gap_s(moments, 0.0, 14.0) == 7.0
    assert longest_gap_s(moments, 0.0, 30.0) == 17.0
    strikes = [Strike(2.5, "a"), Strike(9.2, "b"), Strike(12.0, "a")]
    assert gaps_by_fault(moments, strikes, 2.0, 14.0) == {"a": 7.0, "b": 0.5}
    assert gaps_by_fault(moments, strikes, 2.0, 30.0) == {"a": 17.0, "b": 0.5}
