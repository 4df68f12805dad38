"""A supervisor in a process of its own, as the tests see it: its lines, its children, its pages."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import sysconfig
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from deploy.embedded.data_folder import PROJECT
from deploy.embedded.os_user import EngineUser

PATIENCE_SECONDS = 30.0
SITE_PACKAGES = sysconfig.get_path("purelib")


@dataclass
class RunningHouse:
    """`python -m tests.deploy.tiny_house` on one folder."""

    folder: Path
    user: EngineUser | None = None
    python: str = sys.executable
    process: subprocess.Popen[str] = field(init=False)
    url: str = ""
    emails: str = ""

    def __post_init__(self) -> None:
        self.process = subprocess.Popen(
            [self.python, "-m", "tests.deploy.tiny_house", str(self.folder)],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            cwd=PROJECT,
            env=os.environ | {"PYTHONPATH": SITE_PACKAGES},
            user=self.user.uid if self.user else None,
            group=self.user.gid if self.user else None,
            extra_groups=[] if self.user else None,
        )

    def __enter__(self) -> RunningHouse:
        return self.until_ready()

    def __exit__(self, *_: object) -> None:
        self.end()

    def until_ready(self) -> RunningHouse:
        """Read until a page answers."""
        _, self.url, _, self.emails = self.line("ready").split(" ")
        return self

    def line(self, start: str) -> str:
        """The next line that begins so; fails with everything heard when there is none."""
        heard = []
        assert self.process.stdout is not None
        while text := self.process.stdout.readline():
            heard.append(text)
            if text.startswith(start):
                return text.strip()
        raise AssertionError(f"no line {start!r} in:\n{''.join(heard)}")

    def end(self, how: signal.Signals = signal.SIGINT) -> tuple[int, float]:
        """Stop it; gives its code and the seconds it took."""
        began = time.monotonic()
        if self.process.poll() is None:
            self.process.send_signal(how)
        self.process.wait(PATIENCE_SECONDS)
        if self.process.stdout is not None:
            self.process.stdout.close()
        return self.process.returncode, time.monotonic() - began

    def children(self) -> dict[str, int]:
        """Process ids by program: `postgres`, `nats-server`, `house`."""
        found = {}
        for pid in _children_of(self.process.pid):
            words = shown(pid, "cmdline").replace("\0", " ")
            name = next((each for each in ("postgres", "nats-server", "house") if each in words.split(" -")[0]), None)
            found["house" if "deploy.embedded.house" in words else name or words] = pid
        return found

    def get(self, path: str) -> int:
        """The status a page answers."""
        return httpx.get(self.url + path, timeout=PATIENCE_SECONDS).status_code


def shown(pid: int, what: str) -> str:
    """What the kernel tells of a process: `cmdline`, `environ`; nothing of one that ended meanwhile."""
    try:
        return (Path("/proc") / str(pid) / what).read_text(errors="replace")
    except (FileNotFoundError, ProcessLookupError):
        return ""


def _children_of(parent: int) -> list[int]:
    return [int(each) for each in shown(parent, f"task/{parent}/children").split()]


def descendants(pid: int) -> list[int]:
    """Everything a process started, directly or not."""
    return [each for child in _children_of(pid) for each in (child, *descendants(child))]


def alive(pids: list[int]) -> list[int]:
    """Those of the processes that still run (a zombie does not)."""
    found = []
    for pid in pids:
        state = shown(pid, "stat").rpartition(")")[2].split()
        if state and state[0] != "Z":
            found.append(pid)
    return found


def eventually(check: Callable[[], bool], seconds: float = PATIENCE_SECONDS) -> bool:
    """Whether it becomes true in time."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if check():
            return True
        time.sleep(0.02)
    return check()


def python_for(user: EngineUser) -> str | None:
    """A Python of our version that the user may run, the project being open to it."""
    system = f"/usr/bin/python3.{sys.version_info.minor}"
    for candidate in (sys.executable, system):
        if user.can_enter(PROJECT) and Path(candidate).exists() and user.can_run(Path(candidate).resolve()):
            return candidate
    return None


def kill(pid: int) -> None:
    """`kill -9`."""
    os.kill(pid, signal.SIGKILL)
