"""`boucle migrate`: bring databases to their newest schema."""

from __future__ import annotations

import asyncio
import json

import click
from rich.console import Console

from deploy.cli.place import HELP, place_options, service_argument, settings_of
from deploy.embedded.credentials import SERVICES
from deploy.embedded.data_folder import DataFolder


@click.command(context_settings=HELP)
@click.argument("service", type=service_argument, required=False)
@click.option("--check", is_flag=True, help="Only say what is pending; exit code 1 if anything is.")
@click.option("--json", "as_json", is_flag=True, help="Print {service: [revisions]}.")
@place_options
def migrate(*, service: str | None, check: bool, as_json: bool, folder: DataFolder) -> None:
    """Bring the databases to their newest schema, as their owners.

    `boucle up` does this by itself. Addresses come from BOUCLE_<SERVICE>_* variables, else from the embedded
    instance that runs now.

    \b
    Examples:
      boucle migrate
      boucle migrate catalog --check
    """
    wanted = (service,) if service else SERVICES
    owners = {each: owner_url(each, folder) for each in wanted}
    console = Console(stderr=True)
    with console.status("Migrating…"):
        revisions = asyncio.run(_migrate(owners, check=check))
    if as_json:
        click.echo(json.dumps(revisions))
    else:
        for name, found in revisions.items():
            click.echo(f"{name}: {_in_words(found, check=check)}")
    if check and any(revisions.values()):
        raise SystemExit(1)


def owner_url(service: str, folder: DataFolder) -> str:
    """Where a service's owner signs in; refused in words when this place does not know it."""
    url = settings_of(service, folder).owner_database_url
    if url is None:
        raise click.ClickException(f"BOUCLE_{service.upper()}_OWNER_DATABASE_URL is not set: only the owner may.")
    secret: str = url.get_secret_value()
    return secret


async def _migrate(owners: dict[str, str], *, check: bool) -> dict[str, list[str]]:
    from shared.database.migrate import pending, upgrade

    revisions = {service: await pending(service, url) for service, url in owners.items()}
    if not check:
        for service, found in revisions.items():
            if found:
                await upgrade(service, owners[service])
    return revisions


def _in_words(revisions: list[str], *, check: bool) -> str:
    if not revisions:
        return "up to date"
    return f"{'pending' if check else 'applied'} {', '.join(revisions)}"
