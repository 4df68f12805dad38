"""The services' process: three apps under one origin, on a socket inherited from the supervisor."""

import argparse
import asyncio
import logging
import os
import socket
import sys
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from functools import partial
from importlib import import_module

from deploy.embedded.dispatcher import Dispatcher
from deploy.embedded.guest import App
from deploy.embedded.logs import log_as_json
from deploy.embedded.memory import begin, settle
from deploy.embedded.server import Server, leave_with_parent
from shared.observability.door import Door
from shared.observability.listener import answering
from shared.observability.traces import trace_to
from shared.web.urls import SERVICES, service_for

GO = b"go\n"
STDIN = 0


def make_app(service: str) -> App:
    """Build a service's app from its settings, which name their own file by an environment variable."""
    settings = import_module(f"services.{service}.settings").Settings()
    trace_to(settings.traces_endpoint)
    create_app: Callable[[object], App] = import_module(f"services.{service}.app").create_app
    return create_app(settings)


def main() -> None:
    """Import and build while the engines start, wait for the word, then serve until told to stop."""
    begin()
    options = _options()
    listener = socket.socket(fileno=options.listener)
    log_as_json()
    module, function = options.maker.split(":")
    make: Callable[[str], App] = getattr(import_module(module), function)
    dispatcher = Dispatcher({service: partial(make, service) for service in SERVICES}, service_for)
    dispatcher.prepare()
    settle()
    if os.read(STDIN, len(GO)) != GO:
        sys.exit("the supervisor went away before the services could start")
    server = Server(dispatcher, dispatcher.end_streams, farewell_s=options.farewell)
    door = Door(lambda: {name: guest.signals for name, guest in dispatcher.guests.items()})
    signals = socket.socket(fileno=options.signals)
    with asyncio.Runner(loop_factory=server.config.get_loop_factory()) as runner:
        runner.run(_serve(server, listener, answering(door, signals)))
    logging.shutdown()


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    parser.add_argument("--listener", type=int, required=True, help="file descriptor of the listening socket")
    parser.add_argument("--signals", type=int, required=True, help="the same of the socket for health and metrics")
    parser.add_argument("--farewell", type=float, default=0.0, help="seconds to send clients to another replica")
    parser.add_argument("--maker", required=True, help="module:function that builds the app of a service")
    return parser.parse_args()


async def _serve(server: Server, listener: socket.socket, telling: AbstractAsyncContextManager[None]) -> None:
    leave_with_parent(server, STDIN)
    async with telling:
        await server.serve(sockets=[listener])


if __name__ == "__main__":
    main()
