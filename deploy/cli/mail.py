"""`boucle mail`: the mails that were not sent, because no mail server is set."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar
from uuid import UUID

import click
from rich.console import Console
from rich.markup import escape
from rich.table import Table
from sqlalchemy.ext.asyncio import AsyncSession

from deploy.cli.place import HELP, place_options, settings_of
from deploy.embedded.data_folder import DataFolder
from services.notifications.channels.email import LIST_UNSUBSCRIBE, REPLY_TO, EmailChannel
from services.notifications.deliveries.loop import letter_of
from services.notifications.deliveries.models import State
from services.notifications.deliveries.queries import Parcel, not_sent, parcel_by_id
from services.notifications.settings import Settings
from shared.database.both import work_database_of
from shared.identity import LinkKeys

T = TypeVar("T")

MARK = "non envoyé / not sent"


@click.group(context_settings=HELP)
def mail() -> None:
    """Look at the e-mails that were not sent, because no SMTP server is set.

    Set `smtp_url` in the settings file of notifications to have them sent; what was set aside before stays here.

    \b
    Example:
      boucle mail list
    """


@mail.command("list", context_settings=HELP)
@click.option("--json", "as_json", is_flag=True, help="Print a list: id, at, state, to, subject, language.")
@click.option("--limit", type=click.IntRange(1, 10_000), default=50, show_default=True, help="How many, newest first.")
@place_options
def list_mails(*, as_json: bool, limit: int, folder: DataFolder) -> None:
    """List the mails that were not sent, newest first.

    \b
    Examples:
      boucle mail list
      boucle mail list --json --limit 500
    """
    settings = settings_of("notifications", folder)
    parcels = asyncio.run(_read(settings, lambda session: not_sent(session, limit=limit)))
    lines = [_line(parcel) for parcel in parcels]
    if as_json:
        click.echo(json.dumps(lines, ensure_ascii=False, indent=2))
    else:
        _print(lines)


@mail.command("show", context_settings=HELP)
@click.argument("delivery_id", metavar="ID", type=click.UUID)
@place_options
def show_mail(*, delivery_id: UUID, folder: DataFolder) -> None:
    """Show one mail as it would have left.

    \b
    Example:
      boucle mail show 0190f3c2-7b1e-7c3a-9f60-3a5f1c2d4e6f
    """
    settings: Settings = settings_of("notifications", folder)
    parcel = asyncio.run(_read(settings, lambda session: parcel_by_id(session, delivery_id)))
    if parcel is None:
        raise click.ClickException(f"No mail has the id {delivery_id}.")
    if not parcel.address:
        raise click.ClickException("The address of its reader is not known, or was erased.")
    composed = _channel(settings).compose(letter_of(parcel))
    click.echo(f"[{_state(parcel)}]")
    for name in ("From", "To", "Subject", "Date", "Message-ID", REPLY_TO, LIST_UNSUBSCRIBE):
        if name in composed:
            click.echo(f"{name}: {composed[name]}")
    click.echo(f"\n{composed.get_content()}")


def _channel(settings: Settings) -> EmailChannel:
    link_keys = LinkKeys(settings.link_keys_file)
    return EmailChannel(
        None,
        sender=settings.mail_from,
        public_url=settings.public_url,
        link_keys=link_keys,
        reply_domain=settings.reply_domain,
    )


async def _read(settings: Settings, query: Callable[[AsyncSession], Awaitable[T]]) -> T:
    database = work_database_of(settings)
    try:
        async with database.sessions() as session:
            return await query(session)
    finally:
        await database.close()


def _line(parcel: Parcel) -> dict[str, Any]:
    letter = letter_of(parcel)
    return {
        "id": str(parcel.id),
        "at": parcel.created_at.isoformat(timespec="seconds"),
        "state": parcel.state,
        "to": parcel.address,
        "organisation": parcel.organisation,
        "language": letter.language,
        "subject": letter.message.title,
    }


def _state(parcel: Parcel) -> str:
    return MARK if parcel.state == State.NOT_SENT else parcel.state


def _print(lines: list[dict[str, Any]]) -> None:
    console = Console()
    if not lines:
        console.print("No mail was set aside.")
        return
    table = Table(title=f"{len(lines)} × {MARK}", title_justify="left")
    for title in ("Id", "At", "To", "Subject"):
        table.add_column(title, no_wrap=title == "Id")
    for line in lines:
        table.add_row(line["id"], line["at"], line["to"] or "(unknown)", escape(line["subject"]))
    console.print(table)
