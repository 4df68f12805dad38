"""`boucle backup`, `boucle restore` and `boucle overtake`: one service's database back to a moment, the others not."""

from __future__ import annotations

import asyncio
import json
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from rich.console import Console

from deploy.cli.databases import counts_of, database_of, recalls_of, trouble_in_words
from deploy.cli.place import HELP, place_options, running_instance, service_argument
from deploy.cli.surveys import line_of_survey, print_surveys
from deploy.embedded.data_folder import DataFolder
from deploy.embedded.instance import Instance

if TYPE_CHECKING:
    from shared.messaging.surveying import Survey

NEW_FILE = click.Path(path_type=Path, dir_okay=False, writable=True)
FILE = click.Path(path_type=Path, dir_okay=False, exists=True)
SEED = click.Path(path_type=Path, exists=True, dir_okay=False)


@click.command(context_settings=HELP)
@click.option("--service", type=service_argument, required=True, help="Whose database.")
@click.argument("file", type=NEW_FILE)
@place_options
def backup(*, service: str, file: Path, folder: DataFolder) -> None:
    """Write the database of one service to FILE, as of one moment, while everything runs.

    For the embedded PostgreSQL; of one of your own, pg_dump does the same. Keep the file as secret as the database.

    \b
    Example:
      boucle backup --service catalog /backups/catalog-2026-11-26.dump
    """
    from deploy.embedded.restoring import RestoreFailed, back_up

    try:
        back_up(running_instance(folder), service, file)
    except RestoreFailed as failed:
        raise click.ClickException(str(failed)) from failed
    click.echo(f"{file}: {file.stat().st_size} bytes")


@click.command(context_settings=HELP)
@click.option("--service", type=service_argument, required=True, help="Whose database.")
@click.argument("file", type=FILE)
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option("--json", "as_json", is_flag=True, help="Print {kept_as, from, raised, streams, next}; needs --yes.")
@place_options
def restore(*, service: str, file: Path, yes: bool, as_json: bool, folder: DataFolder) -> None:
    """Put the backup in FILE in the place of one service's database; the one before it is kept under another name.

    Everything runs on; the service answers "later" for a moment. Its versions go on above what its streams have told,
    so that readers take what it tells next. What only the streams know, written after the backup, is named: nothing
    of it is lost silently, and nothing is brought back by itself. Then run the commands that this one prints: they
    give the service again what it had heard, and the runbook says what is left to do by hand.

    \b
    Example:
      boucle restore --service catalog /backups/catalog-2026-11-26.dump
    """
    from deploy.embedded.restoring import RestoreFailed

    if as_json and not yes:
        raise click.UsageError("--json needs --yes: a question cannot be answered by a machine.")
    instance = running_instance(folder)
    if not yes:
        click.confirm(f"{service} goes back to what is in {file}; everything later is set aside. Go on?", abort=True)
    with trouble_in_words(), Console(stderr=True).status("Restoring…"):
        try:
            done = asyncio.run(_restore(instance, service, file))
        except RestoreFailed as failed:
            raise click.ClickException(f"Nothing changed. {failed}") from failed
    if as_json:
        click.echo(json.dumps({**done, "streams": [line_of_survey(each) for each in done["streams"]]}, indent=2))
        return
    click.echo(f"{service} is as it was until about {done['from']}. The database before it is kept: {done['kept_as']}.")
    _print_surveys(done["streams"], done["raised"])
    click.echo("Now run:")
    for command in done["next"]:
        click.echo(f"  {command}")


@click.command(context_settings=HELP)
@click.option("--service", type=service_argument, required=True, help="Whose versions.")
@click.option("--nats-url", envvar="BOUCLE_NATS_URL", help="Default: the embedded instance that runs now.")
@click.option("--admin-seed", type=SEED, envvar="BOUCLE_ADMIN_SEED_FILE", help="nkey seed of the admin user.")
@click.option("--json", "as_json", is_flag=True, help="Print {raised, streams}.")
@place_options
def overtake(*, service: str, nats_url: str | None, admin_seed: Path | None, as_json: bool, folder: DataFolder) -> None:
    """Let a restored service count on above the versions that its streams have told; names what only they know.

    `boucle restore` does this by itself, before anybody writes. Run it again once the service has heard again what it
    had heard, and after restoring a database by other means. It changes nothing where nothing is behind.

    \b
    Example:
      boucle overtake --service matching
    """
    if nats_url is None:
        embedded = running_instance(folder)
        nats_url, admin_seed = embedded.nats_url, embedded.seed_file("admin")
    with trouble_in_words(), Console(stderr=True).status("Comparing…"):
        raised, surveys = asyncio.run(_overtake(service, folder, nats_url, admin_seed))
    if as_json:
        click.echo(json.dumps({"raised": raised, "streams": [line_of_survey(each) for each in surveys]}, indent=2))
    else:
        _print_surveys(surveys, raised)


async def _restore(instance: Instance, service: str, file: Path) -> dict[str, Any]:
    from deploy.embedded.logs import log_errors_only
    from deploy.embedded.restoring import discard, newest_in, restore_beside, shut_out, take_its_place
    from shared.database import Database
    from shared.messaging.overtaking import overtake

    log_errors_only()
    restored = await restore_beside(instance, service, file)
    since = await newest_in(instance, restored)
    beside = Database(instance.database_url(service, "owner", database=restored))
    try:
        # Compared once nobody writes any more, and before anybody can: no version is told twice.
        async with shut_out(instance, service):
            raised, surveys = await overtake(
                service,
                beside,
                counts_of(service),
                recalls_of(service),
                nats_url=instance.nats_url,
                admin_seed_file=instance.seed_file("admin"),
            )
            await beside.close()
            kept = await take_its_place(instance, service, restored)
    except BaseException:
        await beside.close()
        await discard(instance, restored)
        raise
    return {
        "kept_as": kept,
        "from": since.isoformat(timespec="seconds"),
        "raised": raised,
        "streams": surveys,
        "next": _next(service, since),
    }


def _next(service: str, since: datetime) -> list[str]:
    """What gives the service again what it had heard since, and then what it must not count twice."""
    from shared.messaging.topology import consumers_of, publisher_of

    heard = dict.fromkeys(publisher_of(spec.stream) for spec in consumers_of(service))
    at = since.isoformat(timespec="seconds")
    commands = [f"boucle republish --service {each} --from {at} --rewind {service} --yes" for each in heard]
    return [*commands, f"boucle overtake --service {service}", "boucle reconcile --streams"]


async def _overtake(
    service: str, folder: DataFolder, nats_url: str, admin_seed: Path | None
) -> tuple[int, list[Survey]]:
    from deploy.embedded.logs import log_errors_only
    from shared.messaging.overtaking import overtake

    log_errors_only()
    async with database_of(service, folder) as database:
        return await overtake(
            service,
            database,
            counts_of(service),
            recalls_of(service),
            nats_url=nats_url,
            admin_seed_file=admin_seed,
        )


def _print_surveys(surveys: list[Survey], raised: int) -> None:
    print_surveys(Console(), surveys)
    click.echo(f"{raised} versions now go on above what was told.")
