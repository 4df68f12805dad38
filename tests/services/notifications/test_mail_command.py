"""`boucle mail` shows what was not sent, and says so."""

import asyncio
import json
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from click.testing import CliRunner, Result

from deploy.cli.main import cli
from deploy.embedded.engines import Engines
from services.notifications.deliveries.loop import deliver_next
from services.notifications.settings import Settings
from shared.database import Database
from tests.services.notifications.actors import Clock, Stage, a_demand, actor, contact, joined, solicited


@pytest.fixture
async def unsent(stage: Stage, database: Database, clock: Clock) -> None:
    supplier = actor("Traiteur solidaire")
    await stage.tell(joined(supplier), contact(supplier))
    await stage.tell(solicited(supplier, a_demand(actor("Ville de Blagnac"), title="[bold]80 repas")))
    await deliver_next(database, {}, clock)


@pytest.fixture
def boucle(notifications_settings: Settings, engines: Engines, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Any:
    """Runs the command in a thread, because it starts an event loop of its own."""
    file = tmp_path / "notifications.json"
    file.write_text(json.dumps(engines.instance.settings("notifications")))
    monkeypatch.setenv("BOUCLE_NOTIFICATIONS_SETTINGS", str(file))

    async def run(*words: str) -> Result:
        return await asyncio.to_thread(CliRunner().invoke, cli, ["mail", *words], catch_exceptions=False)

    return run


async def test_it_lists_what_was_not_sent(unsent: None, boucle: Any) -> None:
    listed = await boucle("list")
    assert listed.exit_code == 0
    assert "non envoyé / not sent" in listed.output
    (line,) = json.loads((await boucle("list", "--json")).output)
    assert line["state"] == "not_sent"
    assert line["to"] == "claire@palettes.test"
    assert line["subject"] == "Un besoin pour vous\u00a0: [bold]80\u00a0repas, Montaudran"


async def test_it_shows_one(unsent: None, boucle: Any) -> None:
    (line,) = json.loads((await boucle("list", "--json")).output)
    shown = await boucle("show", line["id"])
    assert shown.output.startswith("[non envoyé / not sent]")
    assert "To: Claire Vidal <claire@palettes.test>" in shown.output
    assert "Bonjour Claire Vidal," in shown.output


async def test_an_unknown_one_is_said(boucle: Any) -> None:
    answer = await boucle("show", str(uuid4()))
    assert answer.exit_code == 1
    assert "No mail has the id" in answer.output


async def test_an_empty_list_is_said(boucle: Any) -> None:
    assert "No mail was set aside." in (await boucle("list")).output
