"""What must be true before services start: schemas up to date, streams as wanted, durability proven."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from deploy.embedded.credentials import SERVICES
from deploy.embedded.data_folder import PROJECT
from deploy.embedded.durability import prove_durability
from deploy.embedded.engines import Say, quiet
from deploy.embedded.instance import Instance

if TYPE_CHECKING:
    from shared.messaging.provision import Change


async def prepare(instance: Instance, say: Say = quiet) -> None:
    """All three, in that order; what did not change since the last start costs nothing."""
    for service in services_behind(instance):
        say(f"Migrating {service}")
        await migrate(instance, service)
    say("Provisioning streams")
    await provision_streams(instance)
    if instance.folder.remembered().get("streams_to_fill"):
        say("Filling the streams from the outboxes")
        await fill_streams(instance)
    await prove(instance)


def warm_up(log: Path) -> None:
    """Import what `prepare` needs, in a thread while the engines start, and send its log lines to a file."""
    import asyncpg  # noqa: F401 - for its import only

    import shared.messaging.provision  # noqa: F401 - the same
    from deploy.embedded.logs import log_as_json

    log_as_json(log.open("a", encoding="utf-8"))


def services_behind(instance: Instance) -> list[str]:
    """Services whose migration files changed since they were last applied; asks no database and imports no alembic."""
    applied = instance.folder.remembered().get("migrations", {})
    return [service for service in SERVICES if applied.get(service) != migrations_fingerprint(service)]


async def migrate(instance: Instance, service: str) -> list[str]:
    """Apply what is pending as the owner; gives the revisions applied."""
    from shared.database.migrate import pending, upgrade  # alembic: 0.8 s, only when there is something

    owner_url = instance.database_url(service, "owner")
    fingerprint = migrations_fingerprint(service)
    revisions = await pending(service, owner_url)
    await upgrade(service, owner_url)
    applied = instance.folder.remembered().get("migrations", {})
    instance.folder.remember(migrations=applied | {service: fingerprint})
    return revisions


async def pending_migrations(instance: Instance, service: str) -> list[str]:
    """Revisions in the code that the database does not have."""
    from shared.database.migrate import pending

    return await pending(service, instance.database_url(service, "owner"))


async def provision_streams(instance: Instance) -> list[str]:
    """Make streams and durables as the topology wants them; gives in words what changed."""
    from shared.messaging.provision import provision  # nats-py, while the engines start
    from shared.messaging.topology import Topology

    topology = Topology(replicas=instance.nats_replicas)
    admin = instance.seed_file("admin")
    return describe_changes(await provision(instance.nats_url, admin_seed_file=admin, topology=topology))


async def fill_streams(instance: Instance) -> None:
    """Send again all that was ever published, for streams that began anew; whoever knows it already ignores it."""
    from shared.database import Database
    from shared.messaging.republishing import extent, recorded_between, republish

    everything = recorded_between(None, None)
    for service in SERVICES:
        database = Database(instance.database_url(service))
        try:
            await republish(database, everything, last=(await extent(database, everything)).last)
        finally:
            await database.close()
    instance.folder.remember(streams_to_fill=None)


def describe_changes(changes: Iterable[Change]) -> list[str]:
    """One line per stream or durable that provisioning touched."""
    return [_in_words(change) for change in changes]


def _in_words(change: Change) -> str:
    if change.created:
        return f"{change.name}: created"
    return f"{change.name}: " + ", ".join(f"{name} {was} → {now}" for name, (was, now) in change.fields.items())


async def prove(instance: Instance) -> None:
    """Raise NotDurable with the reasons; one database stands for the three, which share a server."""
    await prove_durability(
        instance.nats_url,
        sys_seed_file=instance.seed_file("sys"),
        database_urls=[instance.database_url("catalog")],
    )


def migrations_fingerprint(service: str) -> str:
    """Changes whenever a migration of the service is added, removed or edited."""
    digest = hashlib.sha256()
    for path in sorted((PROJECT / "services" / service / "migrations").rglob("*.py")):
        digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()
