"""Streams and durables as the topology wants them: compared field by field, corrected in place, never recreated."""

from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nats.aio.client import Client
from nats.js import JetStreamContext
from nats.js.api import (
    AckPolicy,
    ConsumerConfig,
    DeliverPolicy,
    DiscardPolicy,
    ReplayPolicy,
    RetentionPolicy,
    StorageType,
    StreamConfig,
)
from nats.js.errors import NotFoundError

from shared.messaging.connection import close, connect
from shared.messaging.topology import ACK_WAIT, ConsumerSpec, StreamSpec, Topology

# A cluster makes a stream only once its nodes have agreed on a leader for it.
ANSWER_S = 20


@dataclass(frozen=True)
class Change:
    """What provisioning did to one stream or durable: `fields` maps each corrected field to (was, is)."""

    name: str
    created: bool
    fields: dict[str, tuple[object, object]]


class RetentionWouldShrink(Exception):
    """The wanted configuration keeps less than the broker keeps now: a person has to decide that."""


async def provision(nats_url: str, *, admin_seed_file: Path | None, topology: Topology | None = None) -> list[Change]:
    """Make every stream and durable exist as wanted; returns only what changed.

    Raises `RetentionWouldShrink` before touching a stream that would lose messages, or copies of them.
    """
    client = await connect(nats_url, user="admin", seed_file=admin_seed_file)
    try:
        return await provision_with(client, topology or Topology())
    finally:
        await close(client)


async def make_anew(
    nats_url: str, *, admin_seed_file: Path | None, stream: str, topology: Topology | None = None
) -> list[Change]:
    """Drop a damaged stream with its durables, and make them again, empty: the outbox has everything that was in it."""
    client = await connect(nats_url, user="admin", seed_file=admin_seed_file)
    try:
        with suppress(NotFoundError):
            await client.jetstream().delete_stream(stream)
        return await provision_with(client, topology or Topology())
    finally:
        await close(client)


async def provision_with(client: Client, topology: Topology) -> list[Change]:
    """The same, over a connection that is already open."""
    jetstream = client.jetstream(timeout=ANSWER_S)
    changes = [await _stream(jetstream, spec, topology) for spec in topology.streams]
    changes += [await _consumer(jetstream, spec, topology) for spec in topology.consumers]
    return [change for change in changes if change is not None]


async def _stream(jetstream: JetStreamContext, spec: StreamSpec, topology: Topology) -> Change | None:
    wanted = stream_config(spec, topology)
    try:
        actual = (await jetstream.stream_info(spec.name)).config
    except NotFoundError:
        await jetstream.add_stream(wanted)
        return Change(spec.name, created=True, fields={})
    differences = _differences(wanted, actual)
    if not differences:
        return None
    _refuse_to_shrink(spec, differences)
    await jetstream.update_stream(wanted)
    return Change(spec.name, created=False, fields=differences)


async def _consumer(jetstream: JetStreamContext, spec: ConsumerSpec, topology: Topology) -> Change | None:
    wanted = consumer_config(spec, topology)
    name = f"{spec.stream}.{spec.durable}"
    try:
        actual = (await jetstream.consumer_info(spec.stream, spec.durable)).config
    except NotFoundError:
        await jetstream.add_consumer(spec.stream, wanted)
        return Change(name, created=True, fields={})
    differences = _differences(wanted, actual)
    if differences:
        # add_consumer updates an existing durable; pull_subscribe(config=...) would silently ignore the difference.
        await jetstream.add_consumer(spec.stream, wanted)
        return Change(name, created=False, fields=differences)
    return None


def stream_config(spec: StreamSpec, topology: Topology) -> StreamConfig:
    """A stream as wanted: limits retention, so that several readers, replay and deduplication survive restarts."""
    return StreamConfig(
        name=spec.name,
        subjects=list(spec.subjects),
        retention=RetentionPolicy.LIMITS,
        storage=StorageType.FILE if topology.storage == "file" else StorageType.MEMORY,
        num_replicas=topology.replicas,
        max_age=spec.max_age.total_seconds() if spec.max_age else 0,
        max_bytes=spec.max_bytes if topology.storage == "file" else -1,
        max_msg_size=spec.max_msg_size,
        max_msgs_per_subject=1 if spec.last_only else -1,
        discard=DiscardPolicy.NEW if spec.discard == "new" and not spec.last_only else DiscardPolicy.OLD,
        duplicate_window=spec.duplicate_window.total_seconds(),
        deny_delete=spec.protected,
        deny_purge=spec.protected,
        allow_direct=True,
        allow_atomic=topology.storage == "file" and spec.protected,
    )


def consumer_config(spec: ConsumerSpec, topology: Topology) -> ConsumerConfig:
    """A durable as wanted: deliveries unlimited (we quarantine), no back-off list (it overrides ack_wait)."""
    return ConsumerConfig(
        durable_name=spec.durable,
        filter_subjects=list(spec.subjects),
        deliver_policy=DeliverPolicy.ALL,
        ack_policy=AckPolicy.EXPLICIT,
        replay_policy=ReplayPolicy.INSTANT,
        ack_wait=ACK_WAIT.total_seconds(),
        max_deliver=-1,
        max_ack_pending=spec.max_ack_pending,
        max_waiting=16,
        num_replicas=topology.replicas,
    )


def _differences(wanted: Any, actual: Any) -> dict[str, tuple[object, object]]:
    compared = {name: (getattr(actual, name), value) for name, value in vars(wanted).items() if value is not None}
    return {name: pair for name, pair in compared.items() if _plain(pair[0]) != _plain(pair[1])}


def _plain(value: object) -> object:
    # The broker leaves out what is false or zero, and answers one filter subject in the singular field.
    if isinstance(value, list):
        return sorted(value)
    return value or None


def _refuse_to_shrink(spec: StreamSpec, differences: dict[str, tuple[object, object]]) -> None:
    for name in ("max_age", "max_bytes"):
        was, wanted = differences.get(name, (0, 0))
        unlimited_before = was in (0, None, -1)
        if name in differences and wanted not in (0, -1) and (unlimited_before or float(str(wanted)) < float(str(was))):
            raise RetentionWouldShrink(f"{spec.name}.{name}: {was} would become {wanted}")
    was, wanted = differences.get("num_replicas", (0, 0))
    if int(str(was or 0)) > int(str(wanted)):
        raise RetentionWouldShrink(f"{spec.name} is kept {was} times: name as many with --replicas")
