"""The real-input run: import, wait until nothing moves, count, measure, and show who fits."""

from __future__ import annotations

import asyncio
import csv
import os
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

from deploy.bench.figures import percentile
from deploy.bench.person import Person
from deploy.cli.real_input_figures import Views, views
from deploy.cli.real_input_notices import buyers_sheet, chosen, need_of, needs_sheet
from deploy.cli.real_input_supply import offers_sheet, organisations_sheet
from deploy.embedded.data_folder import PROJECT
from deploy.embedded.instance import Instance
from services.catalog.imports.commands import Options
from services.catalog.imports.files import Sheet, read_sheet
from services.catalog.imports.kinds import KINDS
from services.catalog.imports.report import Report
from services.catalog.imports.sheets import import_sheet
from shared.clock import Calendar, day_of, now
from shared.database import Database
from shared.events.facts import Origin
from shared.events.reasons import Reason
from shared.phrases.reasons import say_reason

SUPPLY, NOTICES = Path("supply/siae_france_2020.csv"), Path("eval/ted_notices_2014_2022.csv")
DEMONSTRATION = PROJECT / "deploy" / "demonstration"
MEASURED, APART_S = 40, 0.4
SHOWN, REASONS_SHOWN = 20, 3
# Not one of the numbers of the benchmark's people.
MEASURER = 7_000

Say = Callable[[str], None]


@dataclass(frozen=True)
class Step:
    """One file's worth of rows; `sheet` may depend on what earlier steps refused."""

    title: str
    kind: str
    origin: Origin
    sheet: Callable[[Sequence[Report]], Sheet]


@dataclass(frozen=True)
class Source:
    """What is run: which data, its steps, and drafts of needs to measure with."""

    data: str
    steps: tuple[Step, ...]
    to_measure: tuple[Mapping[str, Any], ...]


@dataclass
class Outcome:
    """What the run found; `as_json` is what `--json` prints."""

    data: str
    steps: list[dict[str, Any]] = field(default_factory=list)
    rows: dict[str, int] = field(default_factory=dict)
    totals: dict[str, int] = field(default_factory=dict)
    broken_promises: dict[str, int] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)
    to_notification: dict[str, float] = field(default_factory=dict)
    table: list[dict[str, Any]] = field(default_factory=list)


def data_folder() -> Path:
    """The reading room's data: `BOUCLE_DATA_DIR`, else beside the project."""
    return Path(os.environ.get("BOUCLE_DATA_DIR") or PROJECT.parent / "shared" / "data")


def source_at_hand() -> Source:
    """The real data where they are, else the demonstration by the same path."""
    folder = data_folder()
    if (folder / SUPPLY).exists() and (folder / NOTICES).exists():
        return _real(_rows(folder / SUPPLY), _rows(folder / NOTICES))
    return _demonstration()


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def _real(supply: Sequence[Mapping[str, str]], notices: Sequence[Mapping[str, str]]) -> Source:
    today = day_of(now())
    wanted, left = chosen(notices)

    def offers(done: Sequence[Report]) -> Sheet:
        return offers_sheet(supply, {row.line for row in done[0].refused})

    return Source(
        f"real data: {len(supply)} rows of {SUPPLY.name}, {len(wanted)} notices of {NOTICES.name}",
        (
            Step("inclusion enterprises", "organisations", Origin.IMPORT, lambda _: organisations_sheet(supply)),
            Step("offers derived from them", "offers", Origin.SYNTHETIC, offers),
            Step("buyers named by notices", "organisations", Origin.SYNTHETIC, lambda _: buyers_sheet(wanted)),
            Step("notices", "needs", Origin.SYNTHETIC, lambda _: needs_sheet(wanted, today)),
        ),
        tuple(need_of(row, today) for row in left),
    )


def _demonstration() -> Source:
    def step(kind: str) -> Step:
        path = DEMONSTRATION / f"{kind}.csv"
        return Step(path.name, kind, Origin.DEMONSTRATION, lambda _: read_sheet(path))

    needs = [row for row in _demonstration_rows("needs") if row["kind"] == "procurement"]
    return Source(
        f"demonstration data (there is no {data_folder()})",
        tuple(step(kind) for kind in ("organisations", "offers", "needs", "flows")),
        tuple({"title": row["title"], "description": row["description"], "place": row["place"]} for row in needs),
    )


def _demonstration_rows(kind: str) -> list[dict[str, str]]:
    with (DEMONSTRATION / f"{kind}.csv").open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file, delimiter=";"))


async def run(instance: Instance, source: Source, say: Say, *, measured: int = MEASURED) -> Outcome:
    """All of it on one instance whose services run."""
    outcome = Outcome(source.data)
    async with views(instance) as looking:
        before = await looking.totals()
        began = time.perf_counter()
        reports = await _import(instance, source, say)
        outcome.seconds["import"] = round(time.perf_counter() - began, 2)
        await looking.until_quiet(lambda waiting: say(f"Events and waves under way: {waiting}"))
        outcome.seconds["until_quiet"] = round(time.perf_counter() - began, 2)
        outcome.totals = (await looking.totals()).since(before)
        outcome.broken_promises = await looking.broken_promises()
        outcome.steps = [
            {"step": step.title, **each.as_json()} for step, each in zip(source.steps, reports, strict=True)
        ]
        outcome.rows = _rows_of(reports)
        say("Who fits")
        outcome.table = await _table(looking)
        say("Measuring from publish to notification")
        outcome.to_notification = await _measure(instance, looking, (source.to_measure * measured)[:measured])
    return outcome


async def _import(instance: Instance, source: Source, say: Say) -> list[Report]:
    database = Database(instance.database_url("catalog", "work"), clock=now, calendar=Calendar(always_open=True))
    reports: list[Report] = []
    try:
        for step in source.steps:
            sheet, done = step.sheet(reports), 0
            title, total = step.title, len(sheet.lines)

            def progress(rows: int, title: str = title, total: int = total) -> None:
                nonlocal done
                done += rows
                say(f"Importing {title}: {done} of {total}")

            options = Options(origin=step.origin)
            reports.append(await import_sheet(database, KINDS[step.kind], sheet, options=options, progress=progress))
    finally:
        await database.close()
    return reports


def _rows_of(reports: Sequence[Report]) -> dict[str, int]:
    names = ("read", "created", "updated", "unchanged")
    return {name: sum(getattr(each, name) for each in reports) for name in names} | {
        "refused": sum(len(each.refused) for each in reports)
    }


async def _table(looking: Views) -> list[dict[str, Any]]:
    """Twenty needs spread over all of them, with their three best suppliers."""
    needs = await looking.spread_of_needs(SHOWN)
    best = await looking.top([need["id"] for need in needs])
    return [
        {
            "need": need["title"],
            "place": need["place"],
            "fits": need["fits"],
            "top": [_supplier(row) for row in best if row["id"] == need["id"]],
        }
        for need in needs
    ]


def _supplier(row: Mapping[str, Any]) -> dict[str, Any]:
    reasons = sorted((Reason.model_validate(each) for each in row["reasons"]), key=lambda each: -each.points)
    return {
        "supplier": row["supplier"],
        "offer": row["offer"],
        "score": row["score"],
        "reasons": [say_reason(each)[1] for each in reasons[:REASONS_SHOWN]],
    }


async def _measure(instance: Instance, looking: Views, drafts: Sequence[Mapping[str, Any]]) -> dict[str, float]:
    """Post needs one at a time as a signed-in buyer; from the publish request to its first committed notice."""
    buyer = Person(instance.public_url)
    samples: list[float] = []
    try:
        await buyer.sign_up(MEASURER, role="buyer", name="Mesure", place="31000 Toulouse")
        for draft in drafts:
            need = await buyer.post("/api/v1/needs", kind="procurement", **{**draft, "place": "31000 Toulouse"})
            await asyncio.sleep(APART_S)
            began = time.perf_counter()
            await buyer.post(f"/api/v1/needs/{need['id']}/publish")
            samples.append(await looking.until_told(UUID(need["id"])) - began)
            await buyer.post(f"/api/v1/needs/{need['id']}/withdraw")
    finally:
        await buyer.close()
    return {
        "needs": len(samples),
        "p50_ms": percentile(samples, 0.5),
        "p99_ms": percentile(samples, 0.99),
        "worst_ms": percentile(samples, 1.0),
    }
