"""`boucle dead-letters`: what could not be applied or sent, and giving it back once the cause is mended."""

from __future__ import annotations

import asyncio
import getpass
import json
import os
import socket
from typing import TYPE_CHECKING
from uuid import UUID

import click

from deploy.cli.databases import database_of, handlers_of, trouble_in_words
from deploy.cli.letter_print import line_of, line_of_replay, print_letter, print_letters, print_replays
from deploy.cli.place import HELP, place_options
from deploy.embedded.credentials import SERVICES
from deploy.embedded.data_folder import DataFolder

if TYPE_CHECKING:
    from shared.messaging.letters import Letter, OpenedLetter
    from shared.messaging.replaying import Replayed

service_option = click.option("--service", type=click.Choice(SERVICES), help="Only of this service. Default: all.")


@click.group("dead-letters", context_settings=HELP)
def dead_letters() -> None:
    """Look at what could not be applied or sent, and give it back.

    A message whose handler fails each time is put aside, whole and with its reason, so that it stops nothing else.
    Mend the cause (install a corrected version), then replay the letter.

    \b
    Example:
      boucle dead-letters list
    """


@dead_letters.command("list", context_settings=HELP)
@service_option
@click.option("--resolved", is_flag=True, help="Also those that are resolved.")
@click.option(
    "--limit", type=click.IntRange(1, 100_000), default=200, show_default=True, help="A service, oldest first."
)
@click.option("--json", "as_json", is_flag=True, help="Print a list: service, id, consumer, subject, reason, …")
@place_options
def list_letters(*, service: str | None, resolved: bool, limit: int, as_json: bool, folder: DataFolder) -> None:
    """List the open letters of each service, oldest first.

    The consumer says who could not apply the message: CATALOG.matching is matching, reading catalog's stream. With
    the consumer `relay`, the service could not send an event of its own, which stops the later ones of its aggregate.

    \b
    Examples:
      boucle dead-letters list
      boucle dead-letters list --service matching --resolved --json
    """
    with trouble_in_words():
        found = asyncio.run(_letters(_named(service), folder, also_resolved=resolved, limit=limit))
    if as_json:
        lines = [line_of(each, letter) for each, kept in found.items() for letter in kept]
        click.echo(json.dumps(lines, ensure_ascii=False, indent=2))
    else:
        print_letters(found)


@dead_letters.command("show", context_settings=HELP)
@click.argument("letter_id", metavar="ID", type=click.UUID)
@service_option
@click.option("--json", "as_json", is_flag=True, help="Print an object; bytes that are no text as `payload_base64`.")
@place_options
def show_letter(*, letter_id: UUID, service: str | None, as_json: bool, folder: DataFolder) -> None:
    """Show everything about one letter, with the message and its headers.

    \b
    Examples:
      boucle dead-letters show 0190f3c2-7b1e-7c3a-9f60-3a5f1c2d4e6f
      boucle dead-letters show 0190f3c2-7b1e-7c3a-9f60-3a5f1c2d4e6f --json | jq .payload
    """
    with trouble_in_words():
        home, letter = asyncio.run(_letter(_named(service), folder, letter_id))
    if as_json:
        click.echo(json.dumps(line_of(home, letter), ensure_ascii=False, indent=2))
    else:
        print_letter(home, letter)


@dead_letters.command("replay", context_settings=HELP)
@click.argument("letter_ids", metavar="ID...", type=click.UUID, nargs=-1)
@click.option("--all", "everything", is_flag=True, help="Every open letter, oldest first.")
@service_option
@click.option("--json", "as_json", is_flag=True, help="Print a list: service, id, outcome, is_resolved, words.")
@place_options
def replay_letters(
    *, letter_ids: tuple[UUID, ...], everything: bool, service: str | None, as_json: bool, folder: DataFolder
) -> None:
    """Give letters to their consumers again: exit code 1 when one stays open.

    The handler of this installation runs here, in one transaction with the inbox row and under the event's own id, so
    that the letter is applied once however often it is replayed, and while its service works or is stopped. A letter
    that fails again stays open with its new reason. A letter of the relay leaves again through the running service.

    \b
    Examples:
      boucle dead-letters replay 0190f3c2-7b1e-7c3a-9f60-3a5f1c2d4e6f
      boucle dead-letters replay --all --service matching
    """
    if everything == bool(letter_ids):
        raise click.UsageError("Name the letters, or say --all.")
    with trouble_in_words():
        done = asyncio.run(_replay(_named(service), folder, None if everything else letter_ids))
    if as_json:
        lines = [line_of_replay(*each) for each in done]
        click.echo(json.dumps(lines, ensure_ascii=False, indent=2))
    else:
        print_replays(done)
    if not all(replayed.is_resolved for _, _, replayed in done):
        raise SystemExit(1)


@dead_letters.command("close", context_settings=HELP)
@click.argument("letter_id", metavar="ID", type=click.UUID)
@click.option("--why", required=True, help="Kept with the letter, beside your name.")
@service_option
@place_options
def close(*, letter_id: UUID, why: str, service: str | None, folder: DataFolder) -> None:
    """Give up a letter that nobody can ever apply, such as bytes that are no message. Nothing of it is applied.

    \b
    Example:
      boucle dead-letters close 0190f3c2-7b1e-7c3a-9f60-3a5f1c2d4e6f --why "sent by hand, not JSON"
    """
    with trouble_in_words():
        asyncio.run(_close(_named(service), folder, letter_id, why))
    click.echo("Closed. The letter stays, with your reason: see `boucle dead-letters list --resolved`.")


def _named(service: str | None) -> tuple[str, ...]:
    return (service,) if service else SERVICES


async def _letters(
    services: tuple[str, ...], folder: DataFolder, *, also_resolved: bool, limit: int
) -> dict[str, list[Letter]]:
    from shared.messaging.letters import letters

    found = {}
    for service in services:
        async with database_of(service, folder) as database, database.sessions() as session:
            found[service] = await letters(session, also_resolved=also_resolved, limit=limit)
    return found


async def _letter(services: tuple[str, ...], folder: DataFolder, letter_id: UUID) -> tuple[str, OpenedLetter]:
    from shared.messaging.letters import letter_by_id

    for service in services:
        async with database_of(service, folder) as database, database.sessions() as session:
            letter = await letter_by_id(session, letter_id)
        if letter is not None:
            return service, letter
    raise click.ClickException(f"No dead letter of {', '.join(services)} has the id {letter_id}.")


async def _close(services: tuple[str, ...], folder: DataFolder, letter_id: UUID, why: str) -> None:
    from shared.messaging.letters import RELAY, close_letter

    home, letter = await _letter(services, folder, letter_id)
    async with database_of(home, folder) as database, database.sessions.begin() as session:
        if await close_letter(session, letter_id, by=_me(), why=why):
            return
    if letter.consumer == RELAY:
        raise click.ClickException("It holds back the later events of its aggregate: replay it instead.")
    raise click.ClickException("It was resolved before: nothing done.")


async def _replay(
    services: tuple[str, ...], folder: DataFolder, letter_ids: tuple[UUID, ...] | None
) -> list[tuple[str, UUID, Replayed]]:
    from deploy.embedded.logs import log_errors_only
    from shared.messaging.letters import open_letters
    from shared.messaging.replaying import replay

    log_errors_only()
    wanted: list[tuple[str, UUID]] = []
    if letter_ids is None:
        for service in services:
            async with database_of(service, folder) as database, database.sessions() as session:
                wanted += [(service, each) for each in await open_letters(session)]
    else:
        # All are looked for before the first is replayed: a mistyped id changes nothing.
        wanted = [((await _letter(services, folder, each))[0], each) for each in letter_ids]
    done = []
    for service in dict.fromkeys(service for service, _ in wanted):
        async with database_of(service, folder) as database:
            for letter_id in [each for home, each in wanted if home == service]:
                done.append((service, letter_id, await replay(database, handlers_of(service), letter_id, by=_me())))
    return done


def _me() -> str:
    try:
        return f"{getpass.getuser()}@{socket.gethostname()}"
    except (KeyError, OSError):  # a container's user without a name
        return f"{os.getuid()}@{socket.gethostname()}"
