"""One service's worker in a process of its own: `python -m deploy.embedded.work matching 5`.

The number is the file descriptor of the socket on which it answers for its health and metrics.
"""

import asyncio
import logging
import signal
import socket
import sys
from collections.abc import Awaitable, Callable
from contextlib import suppress
from functools import partial
from importlib import import_module

import uvloop

from deploy.embedded.logs import log_as_json
from deploy.embedded.memory import begin, settle
from shared.observability.door import Door
from shared.observability.listener import answering
from shared.observability.signals import Signals
from shared.observability.traces import trace_to
from shared.settings import ServiceSettings


def main() -> None:
    """Work until told to stop."""
    begin()
    log_as_json()
    service = sys.argv[1]
    work(service, import_module(f"services.{service}.settings").Settings(), socket.socket(fileno=int(sys.argv[2])))
    logging.shutdown()


def work(service: str, settings: ServiceSettings, listener: socket.socket) -> None:
    """The worker of a service alone, which answers for its health on the listener, until SIGTERM or SIGINT."""
    work_alone: Callable[..., Awaitable[None]] = import_module(f"services.{service}.worker").work_alone
    trace_to(settings.traces_endpoint)
    settle()
    with suppress(asyncio.CancelledError):
        uvloop.run(_until_told(_work(partial(work_alone, settings), service, listener)))


async def _work(work_alone: Callable[..., Awaitable[None]], service: str, listener: socket.socket) -> None:
    """Work, and answer for it; before the work tells of itself, the service counts as down."""
    signals: dict[str, Signals | None] = {service: None}
    async with answering(Door(lambda: signals), listener):
        await work_alone(told=lambda own: signals.update({service: own}))


async def _until_told(work: Awaitable[None]) -> None:
    task = asyncio.ensure_future(work)
    for each in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(each, task.cancel)
    await task


if __name__ == "__main__":
    main()
