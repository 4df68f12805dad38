"""`boucle files`: documents and photos from the folder into a bucket, or back."""

from __future__ import annotations

import asyncio
import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click
from rich.console import Console

from deploy.cli.databases import database_of, trouble_in_words
from deploy.cli.place import HELP, place_options, settings_of
from deploy.embedded.data_folder import DataFolder
from deploy.embedded.logs import log_errors_only

if TYPE_CHECKING:
    from services.catalog.files.moving import Copied


@click.command(context_settings=HELP)
@click.option("--copy-to", "to", type=click.Choice(["s3", "folder"]), required=True, help="Where they are to lie.")
@click.option("--json", "as_json", is_flag=True, help="Print {copied, stood, missing, changed}.")
@place_options
def files(*, to: str, as_json: bool, folder: DataFolder) -> None:
    """Copy documents and photos from the folder into the bucket of catalog's settings (`s3`), or back.

    Each is compared by SHA-256; begun again, it goes on where it was. Nothing is removed from where it was. Catalog
    keeps files where its settings said when it started: put `s3` into them, run this, start catalog again, and run
    this once more for what was added meanwhile. On the way back, `s3` is taken out of them after the first run.

    \b
    Examples:
      boucle files --copy-to s3
      boucle files --copy-to folder --json
    """
    from services.catalog.files.errors import StoreAway
    from services.catalog.files.moving import CopyFailed

    log_errors_only()
    settings = settings_of("catalog", folder)
    if settings.s3 is None:
        raise click.ClickException("No bucket is set: write `s3` into the settings file of catalog.")
    try:
        with trouble_in_words(), Console(stderr=True).status("Copying…"):
            done = asyncio.run(_copy(settings, folder, to))
    except StoreAway as away:
        why = str(away.__cause__).splitlines()[0][:300]
        words = f"The bucket does not answer, or refuses: {why}. Nothing is half done; run this again, it goes on."
        raise click.ClickException(words) from away
    except CopyFailed as failed:
        words = f"{failed} reads back as something else than what was written: look at the store before you go on."
        raise click.ClickException(words) from failed
    _print(done, as_json=as_json)
    if done.missing or done.changed:
        raise SystemExit(1)


async def _copy(settings: Any, folder: DataFolder, to: str) -> Copied:
    from services.catalog.files.moving import copy_files
    from services.catalog.files.setting_up import bucket_store
    from services.catalog.files.store import FolderStore

    here, there = FolderStore(settings.files_dir), bucket_store(settings.s3)
    source, target = (here, there) if to == "s3" else (there, here)
    async with database_of("catalog", folder) as database:
        return await copy_files(database, source, target)


def _print(done: Copied, *, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(asdict(done), default=str, indent=2))
        return
    click.echo(f"{done.copied} copied, {done.stood} there already.")
    for words, ids in (("Bytes are nowhere", done.missing), ("Bytes are not those that were sent", done.changed)):
        for each in ids:
            click.echo(f"{words}: file {each}", err=True)
