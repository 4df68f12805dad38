"""`boucle work`: the worker of one service alone."""

from __future__ import annotations

import click

from deploy.cli.place import HELP, place_options, settings_of
from deploy.embedded.data_folder import DataFolder
from deploy.embedded.ports import PortTaken, listen_on
from deploy.embedded.worker_process import APART


@click.command(context_settings=HELP)
@click.argument("service", type=click.Choice(APART))
@click.option("--signals-host", default="127.0.0.1", show_default=True, help="Address of health and metrics.")
@click.option("--signals-port", type=click.IntRange(1, 65535), default=9000, show_default=True, help="Their port.")
@place_options
def work(*, service: str, signals_host: str, signals_port: int, folder: DataFolder) -> None:
    """Run the worker of a service alone: relay, readers and timers, while `boucle serve --no-worker` answers pages.

    Only matching computes so much that its pages would wait. Settings come from where `boucle serve` has them.

    \b
    Example:
      BOUCLE_MATCHING_SETTINGS=/etc/boucle/matching.json boucle work matching
    """
    from deploy.embedded.logs import log_as_json
    from deploy.embedded.work import work as work_until_told

    settings = settings_of(service, folder)
    try:
        listener = listen_on(signals_host, signals_port)
    except PortTaken as taken:
        raise click.ClickException(str(taken)) from taken
    log_as_json()
    click.echo(f"The worker of {service}: http://{signals_host}:{signals_port}/metrics tells how it is", err=True)
    work_until_told(service, settings, listener)
