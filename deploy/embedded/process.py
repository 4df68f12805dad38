"""Child processes that never outlive the one that started them."""

from __future__ import annotations

import asyncio
import ctypes
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from deploy.embedded.os_user import EngineUser

PR_SET_PDEATHSIG = 1
POLL_SECONDS = 0.02
LOG_LIMIT_BYTES = 10_000_000
_libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


@dataclass(frozen=True)
class Command:
    """How to start a child: what, as whom, and which signal it gets when its parent is killed."""

    argv: list[str]
    log: Path
    death_signal: signal.Signals
    user: EngineUser | None = None
    environment: Mapping[str, str] = field(default_factory=dict)
    keep_open: tuple[int, ...] = ()
    reads_stdin: bool = False

    def start(self) -> subprocess.Popen[bytes]:
        """Start it in a process group of its own: Ctrl-C reaches the supervisor alone, which stops the rest in order.

        Started from the thread that lives as long as the child shall: the kernel sends the death signal when
        that *thread* ends.
        """
        _rotate(self.log)
        user = self.user
        with self.log.open("ab") as output:
            return subprocess.Popen(
                self.argv,
                stdin=subprocess.PIPE if self.reads_stdin else subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env=dict(self.environment),
                cwd="/",
                process_group=0,
                pass_fds=self.keep_open,
                preexec_fn=_die_with_parent(self.death_signal),  # noqa: PLW1509 - set after the rights are dropped
                user=None if user is None else user.uid,
                group=None if user is None else user.gid,
                extra_groups=None if user is None else [],
            )


def _die_with_parent(death_signal: signal.Signals) -> Callable[[], None] | None:
    """Ask the kernel for a signal at the parent's death; done last, because a change of rights cancels the wish."""
    libc, parent = _libc, os.getpid()
    if libc is None:
        return None

    def ask() -> None:
        libc.prctl(PR_SET_PDEATHSIG, int(death_signal))
        if os.getppid() != parent:
            os._exit(1)

    return ask


def _rotate(log: Path) -> None:
    if log.exists() and log.stat().st_size > LOG_LIMIT_BYTES:
        log.replace(log.with_suffix(".log.1"))


async def ended(process: subprocess.Popen[bytes]) -> int:
    """Wait for the end without a thread or a signal handler; gives the return code."""
    while (code := process.poll()) is None:  # noqa: ASYNC110 - a process has no event to wait for everywhere
        await asyncio.sleep(POLL_SECONDS)
    return code


async def stop(process: subprocess.Popen[bytes], *signals: signal.Signals, grace: float) -> None:
    """Send the signals one after the other, `grace` seconds apart, then SIGKILL, until it has ended."""
    for each in (*signals, signal.SIGKILL):
        if process.poll() is not None:
            return
        process.send_signal(each)
        try:
            await asyncio.wait_for(ended(process), grace)
        except TimeoutError:
            continue


def processes_in(folder: Path) -> list[int]:
    """Ids of the processes whose working directory is the folder (Linux; elsewhere none are found)."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            if (entry / "cwd").readlink() == folder:
                found.append(int(entry.name))
        except OSError:
            continue
    return found


def signal_all(pids: list[int], which: signal.Signals) -> None:
    """Signal processes that may already be gone."""
    for pid in pids:
        try:
            os.kill(pid, which)
        except ProcessLookupError:
            continue


def last_words(log: Path, lines: int = 8) -> str:
    """The end of a log, to show beside "did not start"."""
    try:
        return "\n".join(log.read_text(errors="replace").splitlines()[-lines:])
    except FileNotFoundError:
        return ""


def clean_environment(**more: str) -> dict[str, str]:
    """A child's environment: nothing of the starter's but its language, time zone and path.

    PGSSLMODE keeps asyncpg from looking for certificates in a home folder it may not be allowed to read.
    """
    kept = {key: os.environ[key] for key in ("PATH", "LANG", "TZ", "TMPDIR") if key in os.environ}
    return {"PATH": os.defpath, "PGSSLMODE": "disable"} | kept | more
