"""The sockets on which the processes of an instance answer for their health and metrics: loopback, never the pages'."""

from __future__ import annotations

import json
import socket
from collections.abc import Mapping

from deploy.embedded.data_folder import DataFolder, write_private
from deploy.embedded.http_probe import status_of
from deploy.embedded.ports import LOOPBACK, listen_on, remembered_ports

HTTP_OK = 200
LIVE_S = 5.0
# Where Prometheus reads which processes there are (`file_sd_configs`), in the data folder.
TARGETS = "signals.json"
# What `boucle reconcile` found last, beside it.
RECONCILED = "reconciled.json"
# The same of `boucle reconcile --streams`.
SURVEYED = "surveyed.json"
# The name of a process's port among the remembered ones.
PREFIX = "signals_"


def signals_listener(folder: DataFolder, process: str) -> socket.socket:
    """A listening socket whose port stays the same as long as nobody else takes it."""
    name = f"{PREFIX}{process}"
    return listen_on(LOOPBACK, remembered_ports(folder, name)[name])


async def is_alive(listener: socket.socket) -> bool:
    """What `/livez` of the process that answers there says."""
    return await status_of(listener.getsockname()[1], "/livez", timeout=LIVE_S) == HTTP_OK


def signal_ports(folder: DataFolder) -> dict[str, int]:
    """The ports by process, as the last start chose them."""
    ports: dict[str, int] = folder.remembered().get("ports", {})
    return {name.removeprefix(PREFIX): port for name, port in ports.items() if name.startswith(PREFIX)}


def tell_targets(folder: DataFolder, listeners: Mapping[str, socket.socket]) -> None:
    """Write for Prometheus where the processes are scraped."""
    targets = [
        {"targets": [f"{LOOPBACK}:{listener.getsockname()[1]}"], "labels": {"job": "boucle", "process": process}}
        for process, listener in listeners.items()
    ]
    write_private(folder.root / TARGETS, json.dumps(targets, indent=2))
