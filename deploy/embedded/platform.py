"""What the platform tells at a scrape: engines, streams, readers, disk, and the last reconciliation."""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from deploy.embedded.durability import nats_reasons, postgres_reasons
from deploy.embedded.http_probe import status_of
from deploy.embedded.instance import Instance
from deploy.embedded.signals import HTTP_OK, RECONCILED, SURVEYED
from shared.messaging.connection import close, connect
from shared.messaging.topology import STREAMS, ConsumerSpec, Topology
from shared.observability.asked import Answers, Asked
from shared.observability.signals import Signals

if TYPE_CHECKING:
    from nats.aio.client import Client
    from nats.js import JetStreamContext
    from nats.js.api import ConsumerInfo

ENGINES = {
    "nats_healthy": "1 while NATS, each node of it, says of itself that it is well.",
    "nats_sync_always": "1 while NATS is seen to sync before it acknowledges.",
    "postgres_durable": "1 while PostgreSQL is seen to sync before it commits.",
    "disk_free_bytes": "Free where the data lies.",
}
BROKER = {
    "stream_bytes": "What a stream holds.",
    "stream_max_bytes": "What it may hold; full, it refuses.",
    "stream_messages": "How many messages it holds.",
    "consumer_pending": "Events of its subjects that a reader has not been given.",
    "consumer_ack_pending": "Events that it was given and has not acknowledged.",
    "consumer_redelivered": "Those of them that it was given more than once.",
    "consumer_waiting": "Its open questions for more; 0 means that nobody reads.",
    "consumer_oldest_seconds": "How long ago the oldest event that it has not done with was published.",
    "consumer_max_age_seconds": "After so long its stream forgets an event.",
}
TRUTH = {
    "reconcile_missing": "Published, and not received by a reader, as last compared.",
    "reconcile_extra": "Received, and not known to whoever publishes it, as last compared.",
    "reconcile_lost": "Published, and not in its stream (any more), as last looked.",
    "reconcile_age_seconds": "How long ago that was.",
}
# A proof takes a connection to each engine.
PROOF_KEEP_S, BROKER_KEEP_S = 30.0, 2.0


def platform_signals(instance: Instance) -> Signals:
    """Signals without a service: their questions go to the engines and to the data folder."""
    signals = Signals("supervisor")
    signals.ask(
        Asked(ENGINES, _asker(_engines, instance), within_s=8.0, keep_s=PROOF_KEEP_S),
        Asked(BROKER, _asker(_broker, instance), within_s=8.0, keep_s=BROKER_KEEP_S),
        Asked(TRUTH, _asker(_truth, instance)),
    )
    return signals


def _asker(ask: Callable[[Instance], Awaitable[Answers]], instance: Instance) -> Callable[[], Awaitable[Answers]]:
    return lambda: ask(instance)


async def _engines(instance: Instance) -> Answers:
    healthy = [await status_of(port, "/healthz", timeout=2.0) == HTTP_OK for port in instance.health_ports]
    values = {
        "nats_healthy": all(healthy),
        "nats_sync_always": not await nats_reasons(instance.nats_url, instance.seed_file("sys")),
        "postgres_durable": not await postgres_reasons(instance.database_url("catalog")),
        "disk_free_bytes": shutil.disk_usage(instance.folder.root).free,
    }
    return {name: [({}, float(value))] for name, value in values.items()}


async def _broker(instance: Instance) -> Answers:
    client = await connect(instance.nats_url, user="admin", seed_file=instance.seed_file("admin"))
    try:
        return await broker_standing(client, Topology())
    finally:
        await close(client)


async def broker_standing(client: Client, topology: Topology) -> Answers:
    """Streams and readers, asked with the rights of the administrator."""
    jetstream = client.jetstream()
    answers: dict[str, list[tuple[Mapping[str, str], float]]] = {name: [] for name in BROKER}
    for stream in topology.streams:
        state = (await jetstream.stream_info(stream.name)).state
        labels = {"stream": stream.name}
        answers["stream_bytes"].append((labels, float(state.bytes)))
        answers["stream_max_bytes"].append((labels, float(stream.max_bytes)))
        answers["stream_messages"].append((labels, float(state.messages)))
    for spec in topology.consumers:
        consumer = {"consumer": f"{spec.stream}.{spec.durable}"}
        for name, value in (await _reader(jetstream, spec)).items():
            answers[name].append((consumer, value))
    return answers


async def _reader(jetstream: JetStreamContext, spec: ConsumerSpec) -> dict[str, float]:
    info = await jetstream.consumer_info(spec.stream, spec.durable)
    max_age = next(stream.max_age for stream in STREAMS if stream.name == spec.stream)
    values = {
        "consumer_pending": float(info.num_pending or 0),
        "consumer_ack_pending": float(info.num_ack_pending or 0),
        "consumer_redelivered": float(info.num_redelivered or 0),
        "consumer_waiting": float(info.num_waiting or 0),
        "consumer_oldest_seconds": await _oldest_s(jetstream, spec, info),
    }
    return values | ({"consumer_max_age_seconds": max_age.total_seconds()} if max_age else {})


async def _oldest_s(jetstream: JetStreamContext, spec: ConsumerSpec, info: ConsumerInfo) -> float:
    """The age of the first message above the acknowledged ones, which the stream itself is asked for."""
    if not info.num_pending and not info.num_ack_pending:
        return 0.0
    after = (info.ack_floor.stream_seq if info.ack_floor else 0) + 1
    found = [await _time_of_next(jetstream, spec.stream, subject, after) for subject in spec.subjects]
    times = [each for each in found if each is not None]
    return max(0.0, (datetime.now(UTC) - min(times)).total_seconds()) if times else 0.0


async def _time_of_next(jetstream: JetStreamContext, stream: str, subject: str, after: int) -> datetime | None:
    request = json.dumps({"seq": after, "next_by_subj": subject}).encode()
    answer = await jetstream._nc.request(f"$JS.API.STREAM.MSG.GET.{stream}", request, timeout=2)
    message: dict[str, Any] | None = json.loads(answer.data).get("message")
    return datetime.fromisoformat(message["time"]) if message else None


async def _truth(instance: Instance) -> Answers:
    path = instance.folder.root / RECONCILED
    if not path.exists():
        return {}
    found = json.loads(path.read_text())
    surveyed = instance.folder.root / SURVEYED
    streams = json.loads(surveyed.read_text()) if surveyed.exists() else []
    labels = [({"consumer": f"{each['stream']}.{each['reader']}"}, each) for each in found]
    return {
        "reconcile_missing": [(label, float(each["missing"]["count"])) for label, each in labels],
        "reconcile_extra": [(label, float(each["extra"]["count"])) for label, each in labels],
        "reconcile_lost": [({"stream": each["stream"]}, float(each["lost"]["count"])) for each in streams],
        "reconcile_age_seconds": [({}, max(0.0, time.time() - path.stat().st_mtime))],
    }
