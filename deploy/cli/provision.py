"""`boucle provision`: streams and consumers as wanted, and the proof that the servers keep what they acknowledge."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import click
from rich.console import Console

from deploy.cli.place import HELP, place_options, running_instance
from deploy.embedded.data_folder import DataFolder
from deploy.embedded.durability import NotDurable, prove_durability
from deploy.embedded.prepare import describe_changes
from shared.messaging.topology import published, publisher_of

ANEW = click.Choice(sorted(published()))
SEED = click.Path(path_type=Path, exists=True, dir_okay=False)


@click.command(context_settings=HELP)
@click.option("--nats-url", envvar="BOUCLE_NATS_URL", help="Default: the embedded instance that runs now.")
@click.option("--admin-seed", type=SEED, envvar="BOUCLE_ADMIN_SEED_FILE", help="nkey seed of the admin user.")
@click.option("--sys-seed", type=SEED, envvar="BOUCLE_SYS_SEED_FILE", help="nkey seed of the system account's user.")
@click.option("--database-url", multiple=True, help="A database to be proven durable too; may be repeated.")
@click.option(
    "--replicas",
    type=click.IntRange(1, 5),
    envvar="BOUCLE_NATS_REPLICAS",
    help="On how many servers each stream is kept. Default: as many as the embedded instance has, else 1.",
)
@click.option("--anew", type=ANEW, help="Drop this damaged stream first; then send its events again.")
@click.option("--yes", is_flag=True, help="Do not ask before --anew.")
@click.option("--json", "as_json", is_flag=True, help='Print {"changes": [...], "durable": true}.')
@place_options
def provision(
    *,
    nats_url: str | None,
    admin_seed: Path | None,
    sys_seed: Path | None,
    database_url: tuple[str, ...],
    replicas: int | None,
    anew: str | None,
    yes: bool,
    as_json: bool,
    folder: DataFolder,
) -> None:
    """Make streams and consumers as wanted, and prove durability.

    Compares field by field and corrects in place; refuses to shrink what is kept. Then asks every server through
    the system account whether it syncs before it acknowledges, and refuses with the reason if one does not.

    --anew is for a stream whose store is damaged (`boucle reconcile --streams`): the broker does not mend it, and a
    reader may stand still before the damage. The stream comes back empty; `boucle republish` fills it from the outbox,
    and no reader applies anything twice.

    \b
    Examples:
      boucle provision
      boucle provision --anew CATALOG
      boucle provision --nats-url nats://n1:4222,nats://n2:4222,nats://n3:4222 --replicas 3 \\
        --admin-seed admin.nkey --sys-seed sys.nkey
    """
    if nats_url is None:
        embedded = running_instance(folder)
        nats_url, admin_seed, sys_seed = embedded.nats_url, embedded.seed_file("admin"), embedded.seed_file("sys")
        database_url, replicas = (embedded.database_url("catalog"),), replicas or embedded.nats_replicas
    if admin_seed is None or sys_seed is None:
        raise click.UsageError("--nats-url needs --admin-seed and --sys-seed.")
    if anew and not yes:
        click.confirm(f"{anew} is dropped and made again, empty. Go on?", abort=True)
    with Console(stderr=True).status("Provisioning…"):
        on = replicas or 1
        made = asyncio.run(_make_anew(nats_url, admin_seed, anew, replicas=on)) if anew else []
        changes = made + asyncio.run(_provision(nats_url, admin_seed, sys_seed, database_url, replicas=on))
    if as_json:
        click.echo(json.dumps({"changes": changes, "durable": True}))
    else:
        click.echo("\n".join(changes) or "Streams and consumers are as wanted.")
        if anew:
            click.echo(f"Now run: boucle republish --service {publisher_of(anew)} --from 1970-01-01")
        click.echo("Proven: what the servers acknowledge is on the disk.")


async def _make_anew(nats_url: str, admin_seed: Path, stream: str, *, replicas: int) -> list[str]:
    from deploy.embedded.logs import log_errors_only
    from shared.messaging.provision import make_anew
    from shared.messaging.topology import Topology

    log_errors_only()
    topology = Topology(replicas=replicas)
    return describe_changes(await make_anew(nats_url, admin_seed_file=admin_seed, stream=stream, topology=topology))


async def _provision(
    nats_url: str, admin_seed: Path, sys_seed: Path, database_urls: tuple[str, ...], *, replicas: int
) -> list[str]:
    from deploy.embedded.logs import log_errors_only
    from shared.messaging.provision import RetentionWouldShrink
    from shared.messaging.provision import provision as provision_streams
    from shared.messaging.topology import Topology

    log_errors_only()
    try:
        topology = Topology(replicas=replicas)
        changes = await provision_streams(nats_url, admin_seed_file=admin_seed, topology=topology)
        await prove_durability(nats_url, sys_seed_file=sys_seed, database_urls=database_urls)
    except (RetentionWouldShrink, NotDurable) as refused:
        raise click.ClickException(str(refused)) from refused
    return describe_changes(changes)
