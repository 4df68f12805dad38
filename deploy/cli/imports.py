"""`boucle import`: organisations, offers, needs and flows from files, and the real-input run."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from deploy.cli.place import HELP, place_options
from deploy.cli.real_input import real_input
from deploy.embedded.data_folder import DataFolder, DataFolderRefused
from deploy.embedded.engine import EngineFailed

if TYPE_CHECKING:
    from services.catalog.imports.report import Report

FILE = click.Path(path_type=Path, exists=True, dir_okay=False)
ORIGINS = ("import", "demonstration", "synthetic")
MOST_SHOWN = 50

HELP_OF = {
    "organisations": (
        "Import establishments with their legal entities.",
        'boucle import organisations structures.csv --map organisation_name="Dénomination usuelle"',
    ),
    "offers": (
        "Import what organisations can do.",
        "boucle import offers activites.xlsx --dry-run",
    ),
    "needs": (
        "Import what organisations seek.",
        'boucle import needs besoins.csv --map title="Objet du marché" --map deadline_on="Remise des offres"',
    ),
    "flows": (
        "Import materials that organisations give, sell or pay to have taken.",
        "boucle import flows gisements.csv --json",
    ),
}


@dataclass(frozen=True)
class Asked:
    """What the command line said of one import."""

    kind: str
    file: Path
    mapping: dict[str, str]
    origin: str
    dry_run: bool


@click.group("import", context_settings=HELP)
def imports() -> None:
    """Import organisations, offers, needs and flows from CSV or XLSX.

    The same file twice changes nothing; a changed row updates; a wrong row refuses itself only, and is listed with
    its line, the field and the reason (exit code 1). Works while Boucle runs, and when it does not. The columns are
    in docs/imports.md.

    \b
    Examples:
      boucle import organisations structures.csv --dry-run
      boucle import real-input
    """


imports.add_command(real_input)


def _mapping(_ctx: click.Context, _param: click.Parameter, given: tuple[str, ...]) -> dict[str, str]:
    pairs = [each.partition("=") for each in given]
    for field, sign, heading in pairs:
        if not (field and sign and heading):
            raise click.BadParameter(f'{field!r}: write field="Column title".')
    return {field.strip(): heading.strip() for field, _, heading in pairs}


def _add_command(kind: str) -> None:
    summary, example = HELP_OF[kind]

    words = f"{summary}\n\n\b\nExample:\n  {example}"

    @imports.command(kind, help=words, short_help=summary, context_settings=HELP)
    @click.argument("file", type=FILE)
    @click.option("--map", "mapping", multiple=True, callback=_mapping, help='field="Column title"; may be repeated.')
    @click.option("--dry-run", is_flag=True, help="Try every row and keep nothing.")
    @click.option(
        "--origin", type=click.Choice(ORIGINS), default="import", show_default=True, help="How rows are marked."
    )
    @click.option("--json", "as_json", is_flag=True, help="Print counts and every refused row.")
    @place_options
    def command(*, folder: DataFolder, as_json: bool, **options: Any) -> None:
        report = _run(folder, Asked(kind=kind, **options))
        if as_json:
            click.echo(json.dumps(report.as_json(), ensure_ascii=False, indent=2))
        else:
            show(report, Console())
        if report.refused:
            raise SystemExit(1)


for _kind in HELP_OF:
    _add_command(_kind)


def _run(folder: DataFolder, asked: Asked) -> Report:
    from deploy.embedded.logs import log_errors_only
    from shared.refusal import Refusal

    log_errors_only()
    try:
        return asyncio.run(_import(folder, asked))
    except (Refusal, DataFolderRefused, EngineFailed) as refused:
        raise click.ClickException(str(refused)) from refused


async def _import(folder: DataFolder, asked: Asked) -> Report:
    from deploy.cli.catalog_at_hand import catalog_database
    from services.catalog.imports.commands import Options
    from services.catalog.imports.files import read_sheet
    from services.catalog.imports.kinds import KINDS
    from services.catalog.imports.sheets import import_sheet
    from shared.events.facts import Origin

    sheet = await asyncio.to_thread(read_sheet, asked.file)
    options = Options(mapping=asked.mapping, origin=Origin(asked.origin), dry_run=asked.dry_run)
    async with catalog_database(folder) as database:
        with _progress() as progress:
            task = progress.add_task(asked.kind, total=len(sheet.lines))
            return await import_sheet(
                database,
                KINDS[asked.kind],
                sheet,
                options=options,
                progress=lambda rows: progress.advance(task, rows),
            )


def _progress() -> Progress:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    return Progress(*columns, console=Console(stderr=True), transient=True)


def show(report: Report, console: Console) -> None:
    """The counts in a line, then every refused row with its reasons."""
    done = "would be " if report.dry_run else ""
    console.print(
        f"{report.kind}: {report.read} rows read, {report.created} {done}created, {report.updated} {done}updated, "
        f"{report.unchanged} unchanged, {len(report.refused)} refused, in {report.seconds:.1f} s",
        highlight=False,
        soft_wrap=True,
    )
    if report.ignored_columns:
        console.print(
            f"Columns nothing was made of: {', '.join(report.ignored_columns)}", highlight=False, soft_wrap=True
        )
    rows = [
        (row.line, row.external_id or "", field, why, row.typed.get(field, ""))
        for row in report.refused
        for field, why in row.reasons.items()
    ]
    if rows:
        console.print(_table("Refused", ("Line", "Id", "Field", "Why", "Written"), rows))
    if report.remarks:
        remarks = [(each.line, each.field, each.why) for each in report.remarks]
        console.print(_table("Put aside", ("Line", "Field", "Why"), remarks))


def _table(title: str, headings: tuple[str, ...], rows: list[tuple[Any, ...]]) -> Table:
    more = f" (the first {MOST_SHOWN} of {len(rows)}; --json prints all)" if len(rows) > MOST_SHOWN else ""
    table = Table(title=title + more, title_justify="left")
    for heading in headings:
        table.add_column(heading)
    for row in rows[:MOST_SHOWN]:
        table.add_row(*map(str, row))
    return table
