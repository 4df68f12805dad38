"""`boucle bench`: figures beside their floor, measured in one run."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import click
from rich.console import Console
from rich.table import Table

from deploy.cli.place import HELP


@click.group(context_settings=HELP)
def bench() -> None:
    """Measure, beside the floor of the same engines."""


@bench.command(context_settings=HELP)
@click.option("--json", "as_json", is_flag=True, help="Print the figures as JSON, nothing else.")
@click.option("--seconds", default=12.0, show_default=True, help="Load at each rate; 20 needs at least.")
def e2e(*, as_json: bool, seconds: float) -> None:
    """From "publish" to the event on an open page; relay, first byte, starts.

    Runs on a throw-away instance with the durability of production; takes about two minutes.

    \b
    Example:
      boucle bench e2e --json
    """
    from deploy.bench.e2e import measure
    from deploy.embedded.logs import log_errors_only

    log_errors_only()
    console = Console(stderr=True)
    with console.status("…") as status:
        figures = asyncio.run(measure(lambda step: status.update(f"{step}…"), seconds=seconds))
    if as_json:
        click.echo(json.dumps(figures, indent=2))
    else:
        Console().print(_table(figures))


@bench.command(context_settings=HELP)
@click.option("--rows", default=10_000, show_default=True, help="Lines of the file.")
def imports(*, rows: int) -> None:
    """Rows a minute of a file that a member imports on the pages, as JSON.

    Runs on a throw-away instance with the durability of production; takes about four minutes.

    \b
    Example:
      boucle bench imports --rows 2000
    """
    from deploy.bench.imports import measure_imports
    from deploy.embedded.logs import log_errors_only

    log_errors_only()
    with Console(stderr=True).status("…") as status:
        figures = asyncio.run(measure_imports(lambda step: status.update(f"{step}…"), rows=rows))
    click.echo(json.dumps(figures, indent=2))


@bench.command(context_settings=HELP)
@click.option("--offers", default=10_000, show_default=True, help="Offers beside the demonstration's.")
def preview(*, offers: int) -> None:
    """How long "who could answer this draft?" takes through NATS, as JSON.

    Runs on a throw-away instance with the durability of production; takes about two minutes, for a million offers a
    quarter of an hour.

    \b
    Example:
      boucle bench preview --offers 2000
    """
    from deploy.bench.preview import measure_preview
    from deploy.embedded.logs import log_errors_only

    log_errors_only()
    with Console(stderr=True).status("…") as status:
        figures = asyncio.run(measure_preview(lambda step: status.update(f"{step}…"), offers=offers))
    click.echo(json.dumps(figures, indent=2))


@bench.command(context_settings=HELP)
@click.option("--json", "as_json", is_flag=True, help="Print the figures as JSON, nothing else.")
@click.option("--rows", default=100_000, show_default=True, help="Needs, flows, offers and organisations: of each.")
def search(*, as_json: bool, rows: int) -> None:
    """First byte of the search's page, from memory; beside it memory alone, and the database alone.

    Runs on a throw-away instance with the durability of production; takes about ten minutes for 100,000 of each.

    \b
    Example:
      boucle bench search --rows 10000 --json
    """
    from deploy.bench.search import measure_search
    from deploy.embedded.logs import log_errors_only

    log_errors_only()
    with Console(stderr=True).status("…") as status:
        figures = asyncio.run(measure_search(lambda step: status.update(f"{step}…"), rows=rows))
    if as_json:
        click.echo(json.dumps(figures, indent=2))
    else:
        Console().print_json(data=figures)


@bench.command(context_settings=HELP)
@click.option("--json", "as_json", is_flag=True, help="Print the figures as JSON, nothing else.")
@click.option("--offers", "sizes", multiple=True, type=int, default=(100_000, 1_000_000), help="Sizes of the market.")
@click.option("--alone", is_flag=True, help="Without PostgreSQL, tantivy and previews.")
def matching(*, as_json: bool, sizes: tuple[int, ...], alone: bool) -> None:
    """Who fits a need, among a million offers: ours beside PostgreSQL and tantivy, on the same data.

    Takes about half an hour and 6 GB of memory for a million; previews then go through a whole Boucle and NATS.

    \b
    Example:
      boucle bench matching --json
      boucle bench matching --offers 100000 --alone
    """
    from deploy.bench.matching import measure
    from deploy.embedded.logs import log_errors_only

    log_errors_only()
    console = Console(stderr=True)
    with console.status("…") as status:
        found = asyncio.run(measure(lambda step: status.update(f"{step}…"), sizes=[*sizes], peers=not alone))
    if as_json:
        click.echo(json.dumps(found, indent=2))
    else:
        Console().print_json(data=found)


@bench.command(context_settings=HELP)
@click.option("--json", "as_json", is_flag=True, help="Print the figures as JSON, nothing else.")
@click.option("--suppliers", default=1000, show_default=True, help="In the made-up market.")
@click.option("--needs", default=80, show_default=True, help="Within its quarter; the fewer, the more are passed over.")
@click.option("--seed", "seeds", multiple=True, type=int, default=(7, 8, 9), show_default=True, help="One market each.")
def fairness(*, as_json: bool, suppliers: int, needs: int, seeds: tuple[int, ...]) -> None:
    """Who is asked by score alone and by the rules in force: what they give up, who is never shown.

    A simulation of a seeded market with the product's own rules; takes about ten seconds.

    \b
    Example:
      boucle bench fairness --json
    """
    from deploy.bench.fairness import measure_fairness

    figures = measure_fairness(seeds=seeds, suppliers=suppliers, needs=needs)
    if as_json:
        click.echo(json.dumps(figures, indent=2))
    else:
        Console().print(_fairness_table(figures))


FAIRNESS_ROWS = {
    "score": "By score alone",
    "turns": "… and by turns among equals",
    "bonus": "… and with the bonus",
    "in_force": "… and one place in ten explores (in force)",
}


def _fairness_table(figures: dict[str, Any]) -> Table:
    table = Table(title=f"{figures['suppliers']} suppliers, {figures['needs']} needs", title_justify="left")
    table.add_column("Waves are filled")
    for title in ("nDCG@10", "Given up", "Never shown", "Gini"):
        table.add_column(title, justify="right")
    for way, words in FAIRNESS_ROWS.items():
        row = figures["ways"][way]
        shares = (f"{100 * row[key]:.1f} %" for key in ("given_up", "never_shown"))
        table.add_row(words, f"{row['ndcg@10']:.3f}", *shares, f"{row['gini']:.2f}")
    return table


@bench.command(context_settings=HELP)
@click.option("--runs", default=5, show_default=True, help="Times that each of five markets is solved.")
@click.option("--json", "as_json", is_flag=True, help="Print the figures as JSON, nothing else.")
def allocation(*, runs: int, as_json: bool) -> None:
    """Splits of 500 flows among 2,000 takers, with and without minimums, beside first come first served.

    Needs no instance; takes about two minutes.

    \b
    Example:
      boucle bench allocation --json
    """
    from deploy.bench.allocation import measure_allocation

    with Console(stderr=True).status("…") as status:
        figures = measure_allocation(lambda step: status.update(f"{step}…"), runs=runs)
    if as_json:
        click.echo(json.dumps(figures, indent=2))
    else:
        Console().print(_splits(figures))


def _splits(figures: dict[str, Any]) -> Table:
    table = Table(title="The split of a market", title_justify="left")
    columns = ("p50_ms", "max_ms", "processor_p50_ms", "gap_max_percent", "today_ms", "gain_on_today_percent")
    for title in ("Rules", "p50 ms", "max ms", "Processor ms", "Gap at most %", "Today ms", "Gain on today %"):
        table.add_column(title, justify="right")
    for name, row in figures.items():
        if isinstance(row, dict):
            table.add_row(name.replace("_", " "), *(str(row[column]) for column in columns))
    return table


@bench.command(context_settings=HELP)
def vocabulary() -> None:
    """Categories and official codes for a text that grows letter by letter, as JSON; takes a second.

    \b
    Example:
      boucle bench vocabulary
    """
    from deploy.bench.vocabulary import measure_vocabulary

    click.echo(json.dumps(measure_vocabulary(), indent=2))


def _table(figures: dict[str, Any]) -> Table:
    table = Table(title="From publish to the open page", title_justify="left")
    for title in (
        "Needs a second",
        "p50 ms",
        "p99 ms",
        "Floor p50 ms",
        "Ratio",
        "Matching p50 ms",
        "Its floor",
        "Ratio",
    ):
        table.add_column(title, justify="right")
    for rate, row in figures["e2e"].items():
        columns = (
            "p50_ms",
            "p99_ms",
            "floor_p50_ms",
            "ratio",
            "matched_p50_ms",
            "matched_floor_p50_ms",
            "matched_ratio",
        )
        table.add_row(rate, *(str(row[key]) for key in columns))
    relay, first_byte, start = figures["relay"], figures["first_byte"], figures["start"]
    table.caption = (
        f"Relay {relay['events_per_s']}/s of {relay['raw_per_s']}/s raw ({relay['ratio']}); "
        f"first byte {first_byte['p50_ms']} ms (p95 {first_byte['p95_ms']}); "
        f"first start {start['first_s']} s, second {start['second_s']} s"
    )
    return table
