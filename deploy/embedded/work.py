"""One service's worker in a process of its own: `python -m deploy.embedded.work matching`."""

import asyncio
import logging
import signal
import sys
from collections.abc import Awaitable, Callable
from contextlib import suppress
from importlib import import_module

import uvloop

from deploy.embedded.logs import log_as_json
from deploy.embedded.memory import settle


def main() -> None:
    """Work until told to stop."""
    log_as_json()
    service = sys.argv[1]
    settings = import_module(f"services.{service}.settings").Settings()
    work_alone: Callable[[object], Awaitable[None]] = import_module(f"services.{service}.worker").work_alone
    settle()
    with suppress(asyncio.CancelledError):
        uvloop.run(_until_told(work_alone(settings)))
    logging.shutdown()


async def _until_told(work: Awaitable[None]) -> None:
    task = asyncio.ensure_future(work)
    for each in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(each, task.cancel)
    await task


if __name__ == "__main__":
    main()
