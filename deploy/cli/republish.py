"""`boucle republish`: send again what was sent, the same events with the same ids."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID

import click

from deploy.cli.databases import database_of, trouble_in_words
from deploy.cli.place import HELP, place_options, running_instance, service_argument
from deploy.embedded.data_folder import DataFolder

if TYPE_CHECKING:
    from shared.messaging.republishing import Choice, Extent
    from shared.messaging.topology import ConsumerSpec

SEED = click.Path(path_type=Path, exists=True, dir_okay=False)


class Moment(click.ParamType[datetime]):
    """A date, or a date and time; without an offset it is UTC."""

    name = "datetime"

    def convert(self, value: str | datetime, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        try:
            moment = value if isinstance(value, datetime) else datetime.fromisoformat(value)
        except ValueError:
            self.fail(f"{value!r} is no date and time such as 2026-11-23 or 2026-11-23T14:05:00+01:00.", param, ctx)
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


@click.command(context_settings=HELP)
@click.option("--service", type=service_argument, required=True, help="Whose events.")
@click.option("--from", "since", type=Moment(), help="Recorded from this moment on; UTC unless it has an offset.")
@click.option("--to", "until", type=Moment(), help="Recorded before this moment.")
@click.option("--aggregate", type=click.UUID, help="Every event of one need, flow, offer, member, ….")
@click.option("--latest", is_flag=True, help="The newest event of every aggregate.")
@click.option("--rewind", type=service_argument, help="Also let this reader have again what its streams still hold.")
@click.option(
    "--nats-url", envvar="BOUCLE_NATS_URL", help="For --rewind. Default: the embedded instance that runs now."
)
@click.option("--admin-seed", type=SEED, envvar="BOUCLE_ADMIN_SEED_FILE", help="nkey seed of the admin user.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option("--json", "as_json", is_flag=True, help="Print {republished, recent, held_back, rewound}; needs --yes.")
@place_options
def republish(
    *,
    service: str,
    since: datetime | None,
    until: datetime | None,
    aggregate: UUID | None,
    latest: bool,
    rewind: str | None,
    nats_url: str | None,
    admin_seed: Path | None,
    yes: bool,
    as_json: bool,
    folder: DataFolder,
) -> None:
    """Send events again, in their order and with their ids.

    Readers apply nothing twice: their inboxes know the ids. The broker too knows an id for an hour after it stored
    it, and swallows the same one meanwhile:

    \b
    - A stream was lost and provisioned anew: the ids were lost with it, everything is stored. (--from 1970-01-01)
    - A reader's database was restored: what is younger than an hour is still in the stream, from where --rewind
      hands it out; what is older, or no longer there, is stored again. (--from BACKUP --rewind READER)
    - A message of the last hour was lost from a stream that still stands: wait for the hour to pass, then run this.

    --latest is enough for whoever keeps only the present state; a reader that was emptied wants --from.
    Look before and after with `boucle reconcile`.

    \b
    Examples:
      boucle republish --service catalog --from 2026-11-23T08:00 --to 2026-11-23T09:30
      boucle republish --service catalog --aggregate 0190f3c2-7b1e-7c3a-9f60-3a5f1c2d4e6f
      boucle republish --service catalog --from 2026-11-20 --rewind matching --yes
      boucle republish --service matching --latest
    """
    choice, durables = _choice(since, until, aggregate, latest=latest), _durables(service, rewind)
    if as_json and not yes:
        raise click.UsageError("--json needs --yes: a question cannot be answered by a machine.")
    with trouble_in_words():
        found = asyncio.run(_extent(service, folder, choice))
        if not yes:
            click.echo(_announced(found, service, rewind))
            click.confirm("Go on?", abort=True)
        events, held = asyncio.run(_republish(service, folder, choice, found))
        rewound = asyncio.run(_rewind(durables, folder, nats_url, admin_seed)) if durables else None
    if as_json:
        counts = {"republished": events, "recent": found.recent, "held_back": held, "rewound": rewound}
        click.echo(json.dumps(counts))
    else:
        click.echo(_told(service, events, held, rewound))


def _choice(since: datetime | None, until: datetime | None, aggregate: UUID | None, *, latest: bool) -> Choice:
    from shared.messaging.republishing import newest_of_each, of_aggregate, recorded_between

    is_span = since is not None or until is not None
    if is_span + (aggregate is not None) + latest != 1:
        raise click.UsageError("Say which events, one way: --from and/or --to, or --aggregate, or --latest.")
    if since is not None and until is not None and since >= until:
        raise click.UsageError("--from is not before --to.")
    if aggregate is not None:
        return of_aggregate(aggregate)
    return newest_of_each() if latest else recorded_between(since, until)


async def _extent(service: str, folder: DataFolder, choice: Choice) -> Extent:
    from shared.messaging.republishing import extent

    async with database_of(service, folder) as database:
        return await extent(database, choice)


async def _republish(service: str, folder: DataFolder, choice: Choice, found: Extent) -> tuple[int, int]:
    from shared.messaging.republishing import held_back, republish

    async with database_of(service, folder) as database:
        return await republish(database, choice, last=found.last), await held_back(database)


def _durables(service: str, reader: str | None) -> tuple[ConsumerSpec, ...]:
    from shared.messaging.topology import consumers_of, publisher_of

    if reader is None:
        return ()
    durables = tuple(spec for spec in consumers_of(reader) if publisher_of(spec.stream) == service)
    if not durables:
        raise click.UsageError(f"{reader} reads nothing of {service}.")
    return durables


async def _rewind(
    durables: tuple[ConsumerSpec, ...], folder: DataFolder, nats_url: str | None, admin_seed: Path | None
) -> int:
    from deploy.embedded.logs import log_errors_only
    from shared.messaging.rewinding import rewind

    log_errors_only()
    if nats_url is None:
        embedded = running_instance(folder)
        nats_url, admin_seed = embedded.nats_url, embedded.seed_file("admin")
    return await rewind(nats_url, admin_seed_file=admin_seed, durables=durables)


def _announced(found: Extent, service: str, rewind: str | None) -> str:
    words = f"{found.events} events of {service} would be sent again."
    if found.recent:
        words += f"\n{found.recent} of them were sent less than an hour ago: a stream that was not lost swallows them."
    return words + (f"\n{rewind} would then read its streams of {service} from the beginning." if rewind else "")


def _told(service: str, events: int, held: int, rewound: int | None) -> str:
    words = f"{events} events of {service} leave again, in their order, as soon as its relay runs."
    if held:
        words += (
            f"\n{held} events wait behind a dead letter of the relay: `boucle dead-letters list --service {service}`."
        )
    return words + (f"\n{rewound} messages come again from the streams." if rewound is not None else "")
