"""The options by which every command finds an instance, and the settings of its services."""

from __future__ import annotations

import functools
import json
import os
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

import click

from deploy.embedded.credentials import SERVICES
from deploy.embedded.data_folder import DataFolder, default_folder
from deploy.embedded.instance import Instance
from deploy.embedded.nats_cluster import known_ports

HELP = {"help_option_names": ["-h", "--help"], "max_content_width": 100}

service_argument = click.Choice(SERVICES)


def place_options(command: Callable[..., None]) -> Callable[..., None]:
    """Add --data and --instance, which the command receives as one `folder`."""

    @functools.wraps(command)
    def with_folder(*, data: Path | None, instance: str, **options: Any) -> None:
        place = data or default_folder(instance, choose=command.__name__ == "up")
        command(folder=DataFolder(place.resolve()), **options)

    named = click.option(
        "--instance", default="main", show_default=True, help="Name of the instance below the default folder."
    )(with_folder)
    return click.option(
        "--data",
        type=click.Path(path_type=Path, file_okay=False),
        help="Data folder. Default: .boucle/INSTANCE in the project; as root, where PostgreSQL's user cannot "
        "enter the project, a folder in /var/lib/boucle.",
    )(named)


def running_instance(folder: DataFolder) -> Instance:
    """The embedded instance that runs now; refused in words when none does."""
    known = known_instance(folder)
    if known is None or not folder.is_held():
        raise click.ClickException(f"Nothing runs on {folder.root}. Start it with `boucle up`, or name it with --data.")
    return known


def known_instance(folder: DataFolder) -> Instance | None:
    """An instance as its last start left it; None when it never started."""
    kept = folder.remembered()
    ports = kept.get("ports", {})
    if not {"postgres", "nats", "nats_health"} <= ports.keys():
        return None
    url = f"http://127.0.0.1:{kept.get('web_port', 8000)}"
    first, *more = known_ports(kept)
    return Instance(folder, ports["postgres"], first.clients, first.health, public_url=url, more_nats=tuple(more))


def stands_elsewhere(service: str) -> bool:
    """True when the environment names a service's database or settings file; single settings beside do not."""
    return any(f"BOUCLE_{service.upper()}_{name}" in os.environ for name in ("SETTINGS", "DATABASE_URL"))


def settings_of(service: str, folder: DataFolder) -> Any:
    """A service's settings: from its environment if that says where it is, else from the running embedded instance."""
    settings = import_module(f"services.{service}.settings").Settings
    if stands_elsewhere(service):
        return settings()
    return settings(**json.loads(running_instance(folder).settings_file(service).read_text()))
