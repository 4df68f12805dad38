"""Boucle as `boucle up` starts it, except that its services reach their engines through the rig's proxies."""

from __future__ import annotations

import argparse
import asyncio
from dataclasses import replace
from pathlib import Path

from rich.console import Console

from deploy.cli.up import TerminalReporter
from deploy.embedded.data_folder import DataFolder
from deploy.embedded.instance import Instance
from deploy.embedded.services_process import MAKER, ServicesProcess
from deploy.embedded.supervisor import Supervisor

# No module: the rig brings its own people, and a thousand matches of others would only slow it down.
NO_DEMONSTRATION = "deploy.chaos.nobody"


class HouseBehindProxies(Supervisor):
    """The supervisor of production; only the ports that the services are told differ."""

    def __init__(self, folder: DataFolder, *, port: int, postgres_proxy: int, nats_proxy: int, maker: str) -> None:
        super().__init__(folder, TerminalReporter(Console()), port=port, demonstration=NO_DEMONSTRATION, maker=maker)
        self._postgres_proxy, self._nats_proxy = postgres_proxy, nats_proxy

    def _services(self, bare: Instance) -> list[ServicesProcess]:
        return super()._services(replace(bare, postgres_port=self._postgres_proxy, nats_port=self._nats_proxy))


def main() -> None:
    """Run until told to stop."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", type=Path, required=True)
    for name in ("port", "postgres-proxy", "nats-proxy"):
        parser.add_argument(f"--{name}", type=int, required=True)
    parser.add_argument("--maker", default=MAKER)
    given = parser.parse_args()
    house = HouseBehindProxies(
        DataFolder(given.data),
        port=given.port,
        postgres_proxy=given.postgres_proxy,
        nats_proxy=given.nats_proxy,
        maker=given.maker,
    )
    asyncio.run(house.run())


if __name__ == "__main__":
    main()
