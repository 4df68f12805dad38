"""`boucle serve`: one service alone."""

from __future__ import annotations

import asyncio
from importlib import import_module

import click

from deploy.cli.place import HELP, place_options, service_argument, settings_of
from deploy.embedded.data_folder import DataFolder
from deploy.embedded.ports import PortTaken, listen_on

# Health and metrics have a port of their own, which no gateway leads to.
SIGNALS_AFTER = 1000


@click.command(context_settings=HELP)
@click.argument("service", type=service_argument)
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", type=click.IntRange(1, 65535), default=8000, show_default=True, help="Port to listen on.")
@click.option("--worker/--no-worker", default=None, help="Run relay, consumers and timers beside the pages.")
@click.option("--signals-host", default="127.0.0.1", show_default=True, help="Address of health and metrics.")
@click.option("--signals-port", type=click.IntRange(1, 65535), help="Their port. Default: the pages' port + 1000.")
@place_options
def serve(
    *,
    service: str,
    host: str,
    port: int,
    worker: bool | None,
    signals_host: str,
    signals_port: int | None,
    folder: DataFolder,
) -> None:
    """Run one service alone, as in a real deployment.

    Its settings come from BOUCLE_<SERVICE>_* variables (BOUCLE_<SERVICE>_SETTINGS names a JSON file); without any,
    from the embedded instance that runs now. It answers below the same prefix as behind the common address. Pages and
    worker reach the database as two roles (DATABASE_URL, WORK_DATABASE_URL); pages without a worker need the first
    only, but for notifications, whose live streams tell all organisations.

    \b
    Examples:
      BOUCLE_CATALOG_SETTINGS=/etc/boucle/catalog.json boucle serve catalog --host 0.0.0.0
      boucle serve matching --port 8101
    """
    from deploy.embedded.durability import postgres_reasons
    from deploy.embedded.logs import log_as_json
    from deploy.embedded.server import Server
    from shared.database.both import WorkDatabaseMissing
    from shared.observability.door import Door
    from shared.observability.listener import answering
    from shared.observability.traces import trace_to

    settings = settings_of(service, folder)
    if worker is not None:
        settings = settings.model_copy(update={"worker": worker})
    log_as_json()
    trace_to(settings.traces_endpoint)
    try:
        app = import_module(f"services.{service}.app").create_app(settings)
    except WorkDatabaseMissing as missing:
        raise click.ClickException(str(missing)) from missing
    server = Server(app, app.state.stopping.set)
    try:
        listener, signals = listen_on(host, port), listen_on(signals_host, signals_port or port + SIGNALS_AFTER)
    except PortTaken as taken:
        raise click.ClickException(str(taken)) from taken
    click.echo(f"{service} answers at http://{host}:{port}/", err=True)
    click.echo(f"Its health and metrics: http://{signals_host}:{signals.getsockname()[1]}/metrics", err=True)
    door = Door(
        lambda: {service: app.state.signals}, lambda: postgres_reasons(settings.database_url.get_secret_value())
    )

    async def answer() -> None:
        async with answering(door, signals):
            await server.serve(sockets=[listener])

    with asyncio.Runner(loop_factory=server.config.get_loop_factory()) as runner:
        runner.run(answer())
