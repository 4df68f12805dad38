"""Free loopback ports, chosen once per instance and kept as long as nobody else takes them."""

from __future__ import annotations

import socket

from deploy.embedded.data_folder import DataFolder

LOOPBACK = "127.0.0.1"


class PortTaken(Exception):
    """The port that was asked for belongs to another program."""


def is_free(port: int) -> bool:
    """Whether a server could listen on the loopback port now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
    return True


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        port: int = probe.getsockname()[1]
        return port


def remembered_ports(folder: DataFolder, *names: str) -> dict[str, int]:
    """One port per name: the one of the last start where it is still free, else a new one, written down."""
    kept: dict[str, int] = folder.remembered().get("ports", {})
    ports = {name: kept[name] if name in kept and is_free(kept[name]) else free_port() for name in names}
    if kept | ports != kept:
        folder.remember(ports=kept | ports)
    return ports


def listen(port: int | None, *, wanted: int = 8000, last: int | None = None) -> socket.socket:
    """A bound and listening socket: exactly `port`, or else the wanted one, the last one, or any free one."""
    for candidate in (port,) if port is not None else (wanted, last, 0):
        if candidate is None:
            continue
        try:
            return listen_on(LOOPBACK, candidate)
        except PortTaken:
            continue
    raise PortTaken(f"Port {port} is taken by another program. Choose another with --port.")


def listen_on(host: str, port: int) -> socket.socket:
    """A listening socket on exactly this address; PortTaken says why not."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(512)
    except OSError as error:
        listener.close()
        raise PortTaken(
            f"Cannot listen on {host} port {port}: {error.strerror}. Choose another with --port."
        ) from error
    return listener
