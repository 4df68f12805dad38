"""The shapes of a house that the rig breaks, each with what can break in it."""

from __future__ import annotations

from deploy.chaos.cluster import cluster_faults
from deploy.chaos.faults import Fault
from deploy.chaos.replicas import replica_faults
from deploy.chaos.rig import ALONE, Stage
from deploy.chaos.site import Site

# The processes live on all the while: what is written faster than matching reads would be read long after the end.
FEWER = 2
THREE_NODES = Stage(nats_nodes=3, writers_a_buyer=FEWER, faults=cluster_faults)
TWO_REPLICAS = Stage(replicas=2, faults=replica_faults)


def _both(site: Site) -> list[Fault]:
    return cluster_faults(site) + replica_faults(site)


def stage_of(nats_nodes: int, replicas: int) -> Stage:
    """Which one `boucle chaos` means: faults of one node or process alone are struck where there is but one."""
    if nats_nodes == 1 and replicas == 1:
        return ALONE
    faults = {(True, False): cluster_faults, (False, True): replica_faults}.get((nats_nodes > 1, replicas > 1), _both)
    return Stage(nats_nodes, replicas, FEWER, faults)
