"""The health check of a container with one of our processes: `python -m deploy.compose.alive 9000`.

Compose starts again what has ended, never what stands still: a process that failed `/livez` so many times in a row is
ended here. That loses nothing, and is what the embedded supervisor does. No client library: it runs every few seconds.
"""

from __future__ import annotations

import os
import signal
import socket
import sys
from pathlib import Path

MISSES_ALLOWED = 6
COUNT = Path("/tmp/misses")  # noqa: S108 - the container's own, emptied with it
LOOPBACK, HTTP_OK, LIMIT_S = "127.0.0.1", 200, 2.0
INIT = 1


def status_of(port: int, path: str) -> int | None:
    """The status of a GET; None when nothing sensible answers in time."""
    try:
        with socket.create_connection((LOOPBACK, port), timeout=LIMIT_S) as connection:
            connection.sendall(f"GET {path} HTTP/1.1\r\nHost: {LOOPBACK}\r\nConnection: close\r\n\r\n".encode())
            return int(connection.recv(64).split()[1])
    except (OSError, ValueError, IndexError):
        return None


def count_misses(count: Path, *, is_alive: bool) -> int:
    """How many times in a row it was not alive, this time included."""
    if is_alive:
        count.unlink(missing_ok=True)
        return 0
    misses = int(count.read_text()) + 1 if count.exists() else 1
    count.write_text(str(misses))
    return misses


def main() -> None:
    """Exit code 0 when alive and ready."""
    port = int(sys.argv[1])
    is_alive = status_of(port, "/livez") == HTTP_OK
    if count_misses(COUNT, is_alive=is_alive) > MISSES_ALLOWED:
        COUNT.unlink()
        for child in children_of_init():
            os.kill(child, signal.SIGKILL)
    sys.exit(not (is_alive and status_of(port, "/readyz") == HTTP_OK))


def children_of_init() -> list[int]:
    """The container's process; init itself cannot be killed from inside, and ends with its child."""
    found = []
    for status in Path("/proc").glob("[0-9]*/stat"):
        parent = status.read_text().rpartition(")")[2].split()[1]
        if int(parent) == INIT:
            found.append(int(status.parent.name))
    return found


if __name__ == "__main__":
    main()
