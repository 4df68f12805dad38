"""A draft asks who could answer, through the broker, and nothing is left of it anywhere."""

import html
import re

import httpx

from shared.questions.preview import PreviewAsked
from tests.e2e.conftest import Town
from tests.e2e.test_a_need_travels import OFFER, published, sign_up
from tests.services.catalog.conftest import csrf_of

TABLES = ("demands", "matches", "near_misses", "match_history", "waves", "solicitations", "outbox")
SECRET = "Canari des coteaux"


async def typed(client: httpx.AsyncClient, **fields: str) -> str:
    """What the panel says of the first page of a need's wizard."""
    form = {"_csrf": await csrf_of(client, "/needs/new"), "kind": "procurement", **fields}
    answer = await client.post("/needs/preview", data=form)
    assert answer.status_code == 200, answer.text
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", answer.text)))


async def test_a_draft_is_answered_by_matching_and_leaves_no_trace(town: Town) -> None:
    supplier, buyer = await sign_up(town, 1, role="ess"), await sign_up(town, 0, role="buyer")
    await published(supplier, "offers", **OFFER)
    await town.settle()
    before = [await town.scalar("matching", f"SELECT count(*) FROM {table}") for table in TABLES]
    said = await typed(buyer, title=f"40 plateaux-repas, {SECRET}")
    assert "1 structure correspond" in said
    assert "dès la publication" in said
    # Its own supplier is nobody's match.
    assert "Personne ne correspond" in await typed(supplier, title="40 plateaux-repas")
    await town.settle()
    assert [await town.scalar("matching", f"SELECT count(*) FROM {table}") for table in TABLES] == before
    for service in ("catalog", "matching", "notifications"):
        told = "SELECT count(*) FROM outbox WHERE payload::text LIKE '%Canari%'"
        assert await town.scalar(service, told) == 0
    counted = town.apps["catalog"].state.signals.metrics.registry.get_sample_value
    labels = {"question": PreviewAsked.subject, "result": "answered"}
    assert counted("boucle_question_total", labels) == 2
    heard = town.apps["matching"].state.signals.metrics.registry.get_sample_value
    assert heard("boucle_answer_total", labels) == 2
