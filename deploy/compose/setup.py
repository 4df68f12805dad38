"""The second container makes roles, databases, schemas and streams as wanted, and proves them durable.

Each start runs it again; what is as wanted stays as it is.
"""

from __future__ import annotations

import asyncio
import sys
from time import monotonic

from nats.errors import Error as NatsError
from nats.js.errors import APIError

from deploy.compose.places import POSTGRES, ComposeInstance, instance
from deploy.embedded.credentials import SERVICES
from deploy.embedded.durability import NotDurable
from deploy.embedded.logs import log_errors_only
from deploy.embedded.prepare import describe_changes, migrate, prove
from deploy.embedded.roles import make_databases
from shared.messaging.provision import RetentionWouldShrink, provision
from shared.messaging.topology import Topology

# A new cluster chooses its leaders and meets its members first.
CLUSTER_SECONDS = 60.0


async def set_up(known: ComposeInstance) -> None:
    """All of it, in the order in which each step needs the one before."""
    await make_databases(known.folder, known.postgres_port, host=POSTGRES)
    for service in SERVICES:
        revisions = await migrate(known, service)
        _say(f"{service}: " + (f"applied {', '.join(revisions)}" if revisions else "up to date"))
    for line in await _provision(known):
        _say(line)
    await prove(known)
    _say("Proven: what the engines acknowledge is on the disk.")


async def _provision(known: ComposeInstance) -> list[str]:
    topology = Topology(replicas=known.nats_replicas)
    deadline = monotonic() + CLUSTER_SECONDS
    while True:
        try:
            changes = await provision(known.nats_url, admin_seed_file=known.seed_file("admin"), topology=topology)
            return describe_changes(changes)
        except (APIError, NatsError) as error:
            if monotonic() > deadline:
                raise
            _say(f"The NATS nodes are not ready for it: {error}")
            await asyncio.sleep(1)


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def main() -> None:
    """Exit code 1 with the reason in words when Boucle must not start."""
    log_errors_only()
    try:
        asyncio.run(set_up(instance()))
    except (NotDurable, RetentionWouldShrink) as refused:
        sys.exit(str(refused))


if __name__ == "__main__":
    main()
