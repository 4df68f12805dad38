"""Three NATS nodes on loopback that keep every stream three times: one may die and writing goes on."""

from __future__ import annotations

import asyncio
import json
import shutil
from collections.abc import Iterator, Sequence
from time import monotonic
from typing import Any, NamedTuple

from deploy.embedded.credentials import ROUTES_FILE
from deploy.embedded.data_folder import DataFolder
from deploy.embedded.engine import EngineFailed
from deploy.embedded.http_probe import body_of, status_of
from deploy.embedded.nats import HTTP_OK, LOOPBACK, START_SECONDS, Nats, Permissions, service_permissions
from deploy.embedded.ports import remembered_ports

# One node alone, or three: two would stop as soon as either does.
SIZES = (1, 3)
ROUTES_USER = "routes"
# Each stream and each durable chooses a leader, within 4 to 9 s after all nodes were away.
WHOLE_SECONDS = 30.0


class NodePorts(NamedTuple):
    """Where one node answers clients, and questions about its health."""

    clients: int
    health: int


def server_name(number: int) -> str:
    """What a node is called by the others."""
    return f"boucle-{number}"


def _names(count: int) -> list[tuple[str, str]]:
    """What the ports are remembered as; the first node's are those of the node that runs alone."""
    return [(f"nats{mark}", f"nats{mark}_health") for mark in ("", "_2", "_3")[:count]]


def node_ports(folder: DataFolder, count: int) -> tuple[NodePorts, ...]:
    """The ports of each node, chosen once."""
    ports = remembered_ports(folder, *(name for each in _names(count) for name in each))
    return tuple(NodePorts(*(ports[name] for name in each)) for each in _names(count))


def known_ports(kept: dict[str, Any]) -> tuple[NodePorts, ...]:
    """The same as the last start wrote them down."""
    names = _names(kept.get("nats_nodes", 1))
    return tuple(NodePorts(*(kept["ports"][name] for name in each)) for each in names)


def nats_nodes(
    folder: DataFolder, ports: Sequence[NodePorts], *, durable: bool, permissions: Permissions
) -> list[Nats]:
    """The node that runs alone, or those of the cluster."""
    if len(ports) == 1:
        return [Nats(folder, ports[0].clients, health_port=ports[0].health, durable=durable, permissions=permissions)]
    routes = list(remembered_ports(folder, *(f"nats_routes_{number + 1}" for number in range(len(ports)))).values())
    return [
        ClusterNode(folder, number, ports, routes=routes, durable=durable, permissions=permissions)
        for number in range(1, len(ports) + 1)
    ]


def settle_count(folder: DataFolder, wanted: int | None) -> int:
    """How many nodes this folder has: what is wanted now, else what it had.

    Nodes that come to replace others begin empty, and what the others held is sent again from the outboxes
    (`streams_to_fill`); an older store of theirs would only mix yesterday's streams into it.
    """
    had: int | None = folder.remembered().get("nats_nodes")
    begun = had or (1 if (folder.nats / "jetstream").exists() else None)
    count = wanted or begun or 1
    if had != count:
        folder.remember(nats_nodes=count, streams_to_fill=True if begun not in (None, count) else None)
        if begun not in (None, count):
            for store in [folder.nats] if count == 1 else [folder.nats_node(number + 1) for number in range(count)]:
                shutil.rmtree(store / "jetstream", ignore_errors=True)
    return count


class ClusterNode(Nats):
    """One of three. `number` counts from 1."""

    def __init__(
        self,
        folder: DataFolder,
        number: int,
        ports: Sequence[NodePorts],
        *,
        routes: Sequence[int],
        durable: bool = True,
        permissions: Permissions = service_permissions,
    ) -> None:
        """`routes` are the ports on which the nodes, this one included, hear each other."""
        own = ports[number - 1]
        super().__init__(folder, own.clients, health_port=own.health, durable=durable, permissions=permissions)
        self.name = f"NATS node {number}"
        self.number, self.ports, self.routes = number, ports, routes
        # Whether there was a cluster before this start, or all begin now.
        self._has_begun = any(map(self._has_store, range(1, len(ports) + 1)))
        self.store, self.log = folder.nats_node(number), folder.logs / f"nats-{number}.log"

    async def start(self) -> None:
        """Start; but who lost their store wait until the others lead without them.

        INVARIANT: what two nodes acknowledged is not lost with the disk of one. An empty node votes for anybody, so
        also for one that lacks the newest messages, which only the third holds.
        """
        deadline = monotonic() + START_SECONDS
        while self._has_lost_its_store() and not await self._others_lead():
            if monotonic() > deadline:
                raise EngineFailed(f"{self.name} has lost its store, and the others do not lead without it.")
            await asyncio.sleep(0.25)
        await super().start()
        self._has_begun = True

    def _has_store(self, number: int) -> bool:
        return (self.folder.nats_node(number) / "jetstream").exists()

    def _has_lost_its_store(self) -> bool:
        """It alone: where all are gone, there is nothing to wait for."""
        without = [number for number in range(1, len(self.ports) + 1) if not self._has_store(number)]
        return self._has_begun and without == [self.number]

    async def _others_lead(self) -> bool:
        others = {server_name(number): each for number, each in enumerate(self.ports, 1) if number != self.number}
        views = [await _view(each.health) for each in others.values()]
        return all(group.get("leader") in others for view in views for group in _groups(view))

    async def healthy(self) -> bool:
        """Whether this node itself is well: it must not be ended because the others are away.

        /healthz also fails while there is no leader or while streams catch up; of that only a write error is this
        node's own, and only a new start heals it.
        """
        if await status_of(self.health_port, "/healthz?js-enabled-only=true") != HTTP_OK:
            return False
        words = await body_of(self.health_port, "/healthz", timeout=self.health_limit_seconds)
        return words is None or "write error" not in words

    def configuration(self) -> dict[str, Any]:
        """The node's own, and the way to the others; clients are told of no address that they were not given."""
        password = (self.folder.secrets / ROUTES_FILE).read_text()
        return super().configuration() | {
            "server_name": server_name(self.number),
            "cluster": {
                "name": "boucle",
                "listen": f"{LOOPBACK}:{self.routes[self.number - 1]}",
                "authorization": {"user": ROUTES_USER, "password": password, "timeout": 2},
                "routes": [
                    f"nats://{ROUTES_USER}:{password}@{LOOPBACK}:{port}"
                    for number, port in enumerate(self.routes, start=1)
                    if number != self.number
                ],
                "no_advertise": True,
                "pool_size": 3,
            },
        }


async def until_whole(health_ports: Sequence[int], seconds: float = WHOLE_SECONDS) -> None:
    """Return once the nodes have a leader that sees them all, and each holds what it should."""
    deadline = monotonic() + seconds
    while not await is_whole(health_ports):
        if monotonic() > deadline:
            raise EngineFailed(f"The NATS nodes did not find each other within {seconds:.0f} s.")
        await asyncio.sleep(0.25)


async def is_whole(health_ports: Sequence[int]) -> bool:
    """Asked of the nodes themselves, not of what a client is connected to."""
    statuses = await asyncio.gather(*(status_of(port, "/healthz") for port in health_ports))
    if set(statuses) != {HTTP_OK}:
        return False
    views = [await _view(port) for port in health_ports]
    groups = [(server_name(number), group) for number, view in enumerate(views, start=1) for group in _groups(view)]
    # Whether the others follow only the leader knows, so its word counts.
    leads = [_follow(group, of=len(views)) for name, group in groups if group.get("leader") == name]
    return all(group.get("leader") for _, group in groups) and len(leads) * len(views) == len(groups) and all(leads)


async def _view(health_port: int) -> dict[str, Any]:
    """What a node says of the cluster; empty when it says nothing."""
    said = await body_of(health_port, "/jsz?accounts=true&streams=true&consumers=true")
    try:
        view: dict[str, Any] = json.loads(said) if said else {}
    except ValueError:  # it died while it spoke
        return {}
    return view


def _follow(group: dict[str, Any], *, of: int) -> bool:
    """Whether all others hold what the leader who says this holds."""
    others = group.get("replicas") or []
    return len(others) == of - 1 and all(each.get("current") and not each.get("offline") for each in others)


def _groups(view: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """What a node knows of the cluster's own memory, each stream and each durable: who leads, who follows."""
    yield view.get("meta_cluster", {})
    for account in view.get("account_details") or []:
        for stream in account.get("stream_detail") or []:
            yield stream.get("cluster", {})
            for consumer in stream.get("consumer_detail") or []:
                yield consumer.get("cluster", {})
