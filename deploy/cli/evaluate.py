"""`boucle evaluate`: how good suggestions, search and ranking are, in figures with their intervals."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from deploy.cli.place import HELP
from deploy.evaluation import everyday, judged, notices, sectors
from deploy.evaluation.sets import Figures, SetMissing, default_folder

SETS: dict[str, Callable[[Path], Figures]] = {
    "notices_fr": partial(notices.measure, language="fr"),
    "notices_en": partial(notices.measure, language="en"),
    "everyday": everyday.measure,
    "sectors": sectors.measure,
    "judged": judged.measure,
}


@click.command(context_settings=HELP)
@click.option("--json", "as_json", is_flag=True, help="Print the figures as JSON, nothing else.")
@click.option(
    "--data",
    type=click.Path(path_type=Path),
    help="Folder of the sets [BOUCLE_DATA_DIR/eval, else ../shared/data].",
)
@click.option("--set", "wanted", default=",".join(SETS), show_default=True, help="Which sets, with commas.")
def evaluate(*, as_json: bool, data: Path | None, wanted: str) -> None:
    """Measure how well texts find their category, their offer and their taker.

    Sets that are missing are skipped by name; the judged set is part of the project. docs/evaluation.md says what
    each figure means.

    \b
    Examples:
      boucle evaluate
      boucle evaluate --json --data ../shared/data/eval --set notices_fr,everyday
    """
    measured: dict[str, Figures] = {}
    for name in _names(wanted):
        try:
            measured[name] = SETS[name](folder_of(data))
        except SetMissing as missing:
            click.echo(f"{name} skipped: {missing}.", err=True)
    if as_json:
        click.echo(json.dumps({name: figures.values() for name, figures in measured.items()}, indent=2))
    else:
        Console().print(_table(measured))


def folder_of(data: Path | None) -> Path:
    """The folder that holds the files: the one named, its `eval`, or the reading room's."""
    if data is None:
        return default_folder()
    return data / "eval" if (data / "eval").is_dir() else data


def _names(wanted: str) -> list[str]:
    names = [name.strip() for name in wanted.split(",") if name.strip()]
    unknown = [name for name in names if name not in SETS]
    if unknown:
        raise click.BadParameter(f"{', '.join(unknown)}: the sets are {', '.join(SETS)}", param_hint="--set")
    return names


def _table(measured: dict[str, Figures]) -> Table:
    table = Table(title="How well texts are understood", title_justify="left", caption="95 % intervals by bootstrap.")
    for title, justify in (("Set", "left"), ("n", "right"), ("Figure", "left"), ("Value", "right"), ("95 %", "left")):
        table.add_column(title, justify=justify)  # type: ignore[arg-type]
    for name, figures in measured.items():
        between = figures.intervals()
        for figure, value in [*list(figures.values().items())[1:], *figures.beside.items()]:
            low, high = between.get(figure, (None, None))
            spread = "" if low is None else f"{low:.3f} to {high:.3f}"
            table.add_row(name, str(figures.n), figure, f"{value:.3f}", spread)
    return table
