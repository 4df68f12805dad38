"""A throw-away Boucle, started with the command a user types, on durable engines."""

import asyncio
import contextlib
import json
import os
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from pathlib import Path

import httpx

from deploy.embedded.credentials import SERVICES
from deploy.embedded.ports import free_port

START_LIMIT_S = 120.0
READY = b"Ctrl-C stops it"
MANY = 10**7


def unlimited() -> dict[str, str]:
    """The environment in which a few people may write as much as hundreds do."""
    many = json.dumps(dict.fromkeys(("member", "organisation", "address"), MANY))
    return {f"BOUCLE_{service.upper()}_RATE_LIMITS": many for service in SERVICES}


class Stage:
    """One instance in a folder of its own; `start` may be called again after `stop`."""

    def __init__(self, folder: Path, port: int, *options: str) -> None:
        self.folder = folder
        self.options = options
        self.url = f"http://127.0.0.1:{port}"
        self._port = port
        self._process: asyncio.subprocess.Process | None = None

    async def start(self) -> float:
        """Run `boucle up` and wait for a page; returns the seconds it took."""
        began = time.perf_counter()
        self._process = await asyncio.create_subprocess_exec(
            sys.executable,
            *("-m", "deploy.cli.main", "up", "--data", str(self.folder), "--port", str(self._port)),
            *self.options,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            env={**os.environ, **unlimited()},
        )
        async with httpx.AsyncClient() as client:
            while time.perf_counter() - began < START_LIMIT_S:
                if self._process.returncode is not None:
                    raise RuntimeError((await self._process.communicate())[0].decode())
                with contextlib.suppress(httpx.TransportError):
                    if (await client.get(f"{self.url}/")).status_code == httpx.codes.OK:
                        return time.perf_counter() - began
                await asyncio.sleep(0.02)
        raise TimeoutError(f"no page within {START_LIMIT_S:.0f} s")

    async def ready(self) -> None:
        """Wait until the first start has loaded the demonstration, and go on reading what it says."""
        if self._process is None or self._process.stdout is None:
            raise RuntimeError("start it first")
        async with asyncio.timeout(START_LIMIT_S):
            async for line in self._process.stdout:
                if READY in line:
                    break

    async def stop(self) -> None:
        """Ctrl-C, and wait until all of it has ended."""
        if self._process is not None and self._process.returncode is None:
            self._process.send_signal(signal.SIGINT)
            await self._process.communicate()


@contextlib.asynccontextmanager
async def stage(*options: str) -> AsyncIterator[Stage]:
    """A stage whose folder is gone afterwards; `options` are those of `boucle up`.

    Its parent can be entered by the engines' user.
    """
    place = Path(tempfile.mkdtemp(prefix="boucle-bench-"))
    place.chmod(0o711)  # noqa: ASYNC240 - once, before anything runs
    standing = Stage(place / "data", free_port(), *options)
    try:
        yield standing
    finally:
        await standing.stop()
        shutil.rmtree(place, ignore_errors=True)
