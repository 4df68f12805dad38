"""`boucle stripe-twin`: a small Stripe on this machine, for tests and for the mode `simulated`."""

from __future__ import annotations

import asyncio
from pathlib import Path

import click

from deploy.cli.place import HELP
from deploy.embedded.ports import PortTaken, listen_on


@click.command("stripe-twin", context_settings=HELP)
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", type=click.IntRange(1, 65535), default=8420, show_default=True, help="Port to listen on.")
@click.option("--address", help="Where browsers find its pages. Default: http://HOST:PORT.")
@click.option("--api-key", default="sk_test_twin", show_default=True, help="The key that callers show.")
@click.option(
    "--secret",
    "secrets",
    multiple=True,
    default=["whsec_twin"],
    show_default=True,
    help="Secret that events are signed with; two while one replaces the other.",
)
@click.option("--webhook-url", "urls", multiple=True, help="Who is told of events. As often as there are receivers.")
@click.option("--store", type=click.Path(dir_okay=False, path_type=Path), required=True, help="File of its memory.")
@click.option("--control-token", default="", envvar="BOUCLE_TWIN_CONTROL_TOKEN", help="Opens the door for tests.")
@click.option("--sepa-after", type=click.IntRange(0), default=30, show_default=True, help="Seconds a debit takes.")
def stripe_twin(
    *,
    host: str,
    port: int,
    address: str | None,
    api_key: str,
    secrets: tuple[str, ...],
    urls: tuple[str, ...],
    store: Path,
    control_token: str,
    sepa_after: int,
) -> None:
    """Run a small Stripe on this machine: no card, no bank and no real money behind it.

    A marketplace is pointed at it by its mode `simulated`. It keeps everything in one file.

    \b
    Example:
      boucle stripe-twin --store twin.sqlite --webhook-url http://127.0.0.1:8000/webhooks/stripe
    """
    from deploy.embedded.logs import log_as_json
    from deploy.embedded.server import Server
    from deploy.stripe_twin.app import LiveKey, create_app
    from deploy.stripe_twin.call import Destination, Settings

    log_as_json()
    found = address or f"http://{host}:{port}"
    told = [Destination(url, secrets) for url in urls]
    try:
        app = create_app(Settings(found, api_key, told, control_token, sepa_after), store)
        listener = listen_on(host, port)
    except (LiveKey, PortTaken) as refused:
        raise click.ClickException(str(refused)) from refused
    click.echo(f"A simulated Stripe answers at {found}/", err=True)
    server = Server(app, lambda: None)
    with asyncio.Runner(loop_factory=server.config.get_loop_factory()) as runner:
        runner.run(server.serve(sockets=[listener]))
