"""The names by which the containers know each other, and who each of them is; docker-compose.yml repeats them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from deploy.embedded.data_folder import DataFolder
from deploy.embedded.instance import Instance

POSTGRES: Final = "postgres"
NATS_NODES: Final = ("nats-1", "nats-2", "nats-3")
POSTGRES_PORT, NATS_PORT, NATS_HEALTH_PORT, NATS_ROUTE_PORT = 5432, 4222, 8222, 6222
PAGES_PORT, MAIL_PORT = 8000, 1025

# Where the secrets are kept, where each container's share is handed over, and where it finds it.
KEPT: Final = Path("/var/lib/boucle")
OWN: Final = Path("/own")
HANDS: Final = Path("/hand")
IN_CONTAINER: Final = Path("/etc/boucle")
NATS_STORE: Final = Path("/srv/nats")
FILES_STORE: Final = Path("/srv/files")

# User ids: PostgreSQL's is its image's own, the others are docker-compose.yml's.
POSTGRES_USER_ID, BOUCLE_USER_ID, NATS_USER_ID, GATEWAY_USER_ID = 999, 10001, 10002, 10003


@dataclass(frozen=True)
class ComposeInstance(Instance):
    """The instance whose engines are containers."""

    nats_hosts: Sequence[str] = NATS_NODES

    @property
    def nats_url(self) -> str:
        """Every node, so that any of them may be away."""
        return ",".join(f"nats://{host}:{self.nats_port}" for host in self.nats_hosts)

    @property
    def nats_replicas(self) -> int:
        """How many times each stream is kept: once on every node."""
        return len(self.nats_hosts)


def instance(folder: DataFolder | None = None) -> ComposeInstance:
    """The engines as every container sees them, with the secrets of a folder (the kept ones by default)."""
    return ComposeInstance(
        folder or DataFolder(KEPT), POSTGRES_PORT, NATS_PORT, NATS_HEALTH_PORT, postgres_host=POSTGRES
    )
