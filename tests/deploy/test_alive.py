"""The health check of a container hears its process, and ends one that stands still."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from deploy.compose import alive
from deploy.compose.alive import MISSES_ALLOWED, main, status_of
from deploy.embedded.engines import Engines
from deploy.embedded.ports import free_port

HEALTHY = {"/livez": 200, "/readyz": 200}


class Door(BaseHTTPRequestHandler):
    says: dict[str, int] = HEALTHY

    def do_GET(self) -> None:
        self.send_response(self.says[self.path])
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def door(monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    with HTTPServer(("127.0.0.1", 0), Door) as server:
        monkeypatch.setattr(Door, "says", dict(HEALTHY))
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_port
        server.shutdown()


@pytest.fixture
def child(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[subprocess.Popen[bytes]]:
    """What the container's init would have started."""
    with subprocess.Popen(["sleep", "60"]) as process:
        monkeypatch.setattr(alive, "COUNT", tmp_path / "misses")
        monkeypatch.setattr(alive, "children_of_init", lambda: [process.pid])
        yield process
        process.kill()


def verdict(port: int, monkeypatch: pytest.MonkeyPatch) -> int:
    monkeypatch.setattr(sys, "argv", ["alive", str(port)])
    with pytest.raises(SystemExit) as left:
        main()
    return int(left.value.code or 0)


def test_it_is_well_when_alive_and_ready(
    door: int, child: subprocess.Popen[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert verdict(door, monkeypatch) == 0
    Door.says["/readyz"] = 503
    assert [verdict(door, monkeypatch) for _ in range(MISSES_ALLOWED + 2)] == [1] * (MISSES_ALLOWED + 2)
    # Its database is away: a new start would not bring that back.
    assert child.poll() is None


def test_one_that_stands_still_is_ended(
    door: int, child: subprocess.Popen[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    Door.says["/livez"] = 503
    assert [verdict(door, monkeypatch) for _ in range(MISSES_ALLOWED)] == [1] * MISSES_ALLOWED
    assert child.poll() is None
    Door.says["/livez"] = 200
    assert verdict(door, monkeypatch) == 0
    Door.says["/livez"] = 503
    assert [verdict(door, monkeypatch) for _ in range(MISSES_ALLOWED)] == [1] * MISSES_ALLOWED
    assert child.poll() is None
    assert verdict(door, monkeypatch) == 1
    assert child.wait(30) == -signal.SIGKILL


def test_nobody_there_is_no_answer() -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        assert status_of(nobody.getsockname()[1], "/livez") is None


def test_a_worker_alone_answers_the_check_and_leaves_when_told(engines: Engines, tmp_path: Path) -> None:
    settings = tmp_path / "settings.json"
    settings.write_text(_settings(engines))
    port = free_port()
    command = [sys.executable, "-m", "deploy.cli.main", "work", "matching", "--signals-port", str(port)]
    with subprocess.Popen(command, env={"BOUCLE_MATCHING_SETTINGS": str(settings)}, stderr=subprocess.PIPE) as worker:
        try:
            assert _comes_up(port, worker)
        finally:
            worker.terminate()
            said = worker.communicate(timeout=60)[1].decode()
    assert worker.returncode == 0, said
    assert f":{port}/metrics" in said


def _settings(engines: Engines) -> str:
    return json.dumps(engines.instance.settings("matching"))


def _comes_up(port: int, worker: subprocess.Popen[bytes]) -> bool:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and worker.poll() is None:
        if (status_of(port, "/livez"), status_of(port, "/readyz")) == (200, 200):
            return True
        time.sleep(0.1)
    return False
