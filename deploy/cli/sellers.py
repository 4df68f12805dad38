"""`boucle sellers`: all who were paid in a year, for whoever runs the platform and reports them (DAC7)."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

import click

from deploy.cli.databases import database_of, trouble_in_words
from deploy.cli.place import HELP, place_options
from deploy.embedded.data_folder import DataFolder, write_private

if TYPE_CHECKING:
    from services.catalog.earnings.queries import Reported

FORMS = (".csv", ".xlsx")


def _file(_ctx: click.Context, _param: click.Parameter, given: Path | None) -> Path | None:
    if given is not None and given.suffix not in FORMS:
        raise click.BadParameter(f"{given}: its name ends in {' or '.join(FORMS)}.")
    return given


@click.command(context_settings=HELP)
@click.argument("year", type=click.IntRange(2000, 2100))
@click.option(
    "--file",
    type=click.Path(path_type=Path, dir_okay=False, writable=True),
    callback=_file,
    help="Where to, as CSV or XLSX by its name. Default: as CSV to standard output.",
)
@place_options
def sellers(*, year: int, file: Path | None, folder: DataFolder) -> None:
    """Write one row for each seller that was paid in YEAR: who it is, and by quarter its sales, amounts and fees.

    A seller is a legal entity: its establishments are summed, at the address of the one that registered first. The
    figures are the ledger's, on Paris's clocks, as each establishment reads its own at /payments/year. Whether a seller
    is below the threshold is to be checked at its source. Reads only, and sends nothing to any authority. Keep the file
    as secret as the database. Exit code 1 where nobody was paid.

    \b
    Examples:
      boucle sellers 2026 > sellers.csv
      boucle sellers 2026 --file sellers.xlsx
    """
    from shared.clock import day_of, now

    this_year = day_of(now()).year
    if year > this_year:
        raise click.BadParameter(f"{year} has not begun.", param_hint="YEAR")
    with trouble_in_words():
        found = asyncio.run(_read(folder, year))
    if not found:
        raise click.ClickException(f"Nobody was paid in {year}.")
    _write(found, year, file)
    click.echo(f"Sellers of {year}: {len(found)}. Nothing is sent to any authority: that is yours to do.", err=True)
    if year == this_year:
        click.echo(f"{year} is not over: these are its figures until now.", err=True)


async def _read(folder: DataFolder, year: int) -> list[Reported]:
    from sqlalchemy import text

    from deploy.embedded.logs import log_errors_only
    from services.catalog.earnings.queries import sellers_of

    log_errors_only()
    async with database_of("catalog", folder) as database, database.sessions() as session:
        # PostgreSQL itself then refuses to write, whatever the code does.
        await session.execute(text("SET LOCAL transaction_read_only = on"))
        return await sellers_of(session, year)


def _write(found: list[Reported], year: int, file: Path | None) -> None:
    from services.catalog.earnings.table import HEADINGS, rows_of
    from shared.web.tables import Form, written

    form = Form.CSV if file is None else Form(file.suffix.removeprefix("."))
    content = written(form, f"sellers {year}", HEADINGS, rows_of(found))
    if file is None:
        click.echo(content, nl=False)
        return
    try:
        write_private(file, content)
    except OSError as error:
        raise click.ClickException(f"{file} cannot be written: {error.strerror}.") from error
