"""`boucle payments`: what Stripe told and never arrived, and calls of which nobody knows whether they were done."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import click

from deploy.cli.databases import database_of, trouble_in_words
from deploy.cli.place import HELP, place_options, settings_of
from deploy.embedded.data_folder import DataFolder


@click.group(context_settings=HELP)
def payments() -> None:
    """Look after payments through Stripe.

    \b
    Example:
      boucle payments reconcile
    """


@payments.command(context_settings=HELP)
@click.option("--days", type=click.IntRange(1, 29), help="How far back. Default: from the last notice, and three days.")
@place_options
def reconcile(*, days: int | None, folder: DataFolder) -> None:
    """Ask Stripe for everything that it told, and keep what never arrived; the worker does the rest.

    It does so itself once a day. Exit code 1 while a call is in doubt: nobody answered for a day, and Stripe has
    forgotten its key. Its key is printed: look for it in Stripe's own log of requests.

    \b
    Examples:
      boucle payments reconcile
      boucle payments reconcile --days 29
    """
    settings = settings_of("catalog", folder)
    with trouble_in_words():
        missed, doubtful = asyncio.run(_reconcile(settings, folder, days))
    click.echo(f"{missed} notices had not arrived.")
    for line in doubtful:
        click.echo(f"in doubt: {line}")
    if doubtful:
        raise SystemExit(1)


async def _reconcile(settings: Any, folder: DataFolder, days: int | None) -> tuple[int, list[str]]:
    from deploy.embedded.logs import log_errors_only
    from services.catalog.payments.online.gateway import Away, gateway_from
    from services.catalog.payments.online.queries import doubtful_calls
    from services.catalog.payments.online.reconciling import reconcile
    from shared.clock import now

    log_errors_only()
    gateway = gateway_from(settings.payment_mode, settings.stripe)
    if gateway is None:
        raise click.ClickException("Nothing is paid online here: payment_mode is offline.")
    try:
        async with database_of("catalog", folder) as database:
            missed = await reconcile(gateway, database, now() - timedelta(days=days) if days else None)
            async with database.sessions() as session:
                calls = await doubtful_calls(session)
    except Away as away:
        raise click.ClickException(f"Stripe does not answer: {away}. Nothing is half done; run it again.") from away
    finally:
        await gateway.close()
    return missed, [f"{each.what} {each.key} ({each.made_at:%Y-%m-%d %H:%M} UTC)" for each in calls]
