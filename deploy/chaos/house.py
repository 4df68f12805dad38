"""Boucle as `boucle up` starts it, except that its services reach their engines through the rig's proxies."""

from __future__ import annotations

import argparse
import asyncio
from dataclasses import replace
from pathlib import Path
from typing import Any

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

    def __init__(self, folder: DataFolder, *, proxies: dict[str, Any], **options: Any) -> None:
        super().__init__(folder, TerminalReporter(Console()), demonstration=NO_DEMONSTRATION, **options)
        self._proxies = proxies

    def _services(self, bare: Instance) -> list[ServicesProcess]:
        return super()._services(replace(bare, **self._proxies))


def main() -> None:
    """Run until told to stop."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", type=Path, required=True)
    for name in ("port", "postgres-proxy"):
        parser.add_argument(f"--{name}", type=int, required=True)
    parser.add_argument("--nats-proxy", type=int, help="before the only node; the nodes of a cluster have none")
    for name in ("nats-nodes", "replicas"):
        parser.add_argument(f"--{name}", type=int, default=1)
    parser.add_argument("--maker", default=MAKER)
    given = parser.parse_args()
    proxies = {"postgres_port": given.postgres_proxy}
    if given.nats_proxy:
        proxies["nats_port"] = given.nats_proxy
    house = HouseBehindProxies(
        DataFolder(given.data),
        proxies=proxies,
        port=given.port,
        nats_nodes=given.nats_nodes,
        replicas=given.replicas,
        maker=given.maker,
    )
    asyncio.run(house.run())


if __name__ == "__main__":
    main()
