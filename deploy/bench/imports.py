"""A file imported on the pages of a running Boucle: rows a minute on trial, for good, unchanged, and bare."""

import asyncio
import re
import time
from collections.abc import Callable
from typing import Any

import httpx

from deploy.bench.floor import floor_of_rows
from deploy.bench.person import Person
from deploy.bench.stage import stage
from deploy.cli.place import running_instance
from deploy.embedded.data_folder import DataFolder
from services.catalog.imports.sheets import BATCH

LIMIT_S = 900.0
POLL_S = 0.5
OVER = (["checked"], ["done"])
HEADINGS = "Identifiant;Titre;Type de besoin;Lieu;Catégories;Quantité;Unité;Période;Date limite\n"
WHERE = ("Toulouse", "Muret", "Colomiers", "Blagnac", "31240 L'Union", "Balma")
COUNTED = re.compile(r'data-state="(\w+)"')

Say = Callable[[str], None]


async def measure_imports(say: Say, *, rows: int = 10_000) -> dict[str, Any]:
    """Published needs of one organisation, which are matched meanwhile; on a throw-away instance, durable."""
    async with stage() as standing:
        say("Starting")
        await standing.start()
        await standing.ready()
        buyer = Person(standing.url)
        await buyer.sign_up(1, role="buyer", name="Banc d'essai", place="31000 Toulouse")
        floor = await floor_of_rows(running_instance(DataFolder(standing.folder)), rows=rows, batch=BATCH)
        figures: dict[str, Any] = {"rows": rows, "floor_rows_per_min": floor}
        sheet = _sheet(rows)
        for name in ("first", "again"):
            say(f"{name}: trial")
            address = await _sent(buyer, sheet)
            figures[name] = {"trial_rows_per_min": await _timed(buyer, address, f"{address}/columns", rows)}
            say(f"{name}: run")
            figures[name]["run_rows_per_min"] = await _timed(buyer, address, f"{address}/run", rows)
        await buyer.close()
    first = figures["first"]
    figures["run_of_trial"] = round(first["run_rows_per_min"] / first["trial_rows_per_min"], 2)
    figures["run_of_floor"] = round(first["run_rows_per_min"] / floor, 3)
    return figures


def _sheet(rows: int) -> str:
    lines = (
        f"n{at};{at} repas par mois;Achat;{WHERE[at % len(WHERE)]};catering;{at + 1};meal;par mois;+30\n"
        for at in range(rows)
    )
    return HEADINGS + "".join(lines)


async def _sent(buyer: Person, sheet: str) -> str:
    form = {"what": "needs", "_csrf": await buyer.csrf("/imports/new")}
    answer = await buyer.client.post("/imports", data=form, files={"file": ("besoins.csv", sheet.encode())})
    if answer.status_code != httpx.codes.SEE_OTHER:
        raise RuntimeError(answer.text[:2000])
    return str(answer.headers["location"]).removesuffix("/columns")


async def _timed(buyer: Person, address: str, button: str, rows: int) -> int:
    """Rows a minute from the pressed button to the page that says it is over."""
    page = (await buyer.client.get(button)).text if button.endswith("/columns") else ""
    chosen = re.findall(r'name="(column_\d+)".*?<option value="(\w*)" selected', page, re.DOTALL)
    form = {**dict(chosen), "_csrf": await buyer.csrf("/imports/new")}
    began = time.perf_counter()
    answer = await buyer.client.post(button, data=form)
    if answer.status_code != httpx.codes.SEE_OTHER:
        raise RuntimeError(answer.text[:2000])
    async with asyncio.timeout(LIMIT_S):
        while COUNTED.findall((await buyer.client.get(address)).text) not in OVER:  # noqa: ASYNC110 - another process
            await asyncio.sleep(POLL_S)  # as often as an open page would, at most
    return round(rows * 60 / (time.perf_counter() - began))
