"""The State's register helps to sign up, and where it does not, one types the rest."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator
from typing import Any

import pytest
import uvicorn
from litestar import Litestar

from services.catalog.organisations.register import Register
from tests.support import client_for

SIRET = "13002526500013"
ENTERPRISE: dict[str, Any] = {
    "nom_complet": "ATELIER DU PONT (ADP)",
    "nom_raison_sociale": "ATELIER DU PONT",
    "siege": {"siret": SIRET, "code_postal": "31200", "libelle_commune": "TOULOUSE", "etat_administratif": "A"},
    "matching_etablissements": [],
}


class TheRegister:
    """It on loopback, saying what a test wants it to say."""

    def __init__(self) -> None:
        self.results: list[dict[str, Any]] = [ENTERPRISE]
        self.status = 200
        self.asked: list[str] = []

    async def __call__(self, scope: Any, _receive: Any, send: Any) -> None:
        self.asked.append(scope["query_string"].decode())
        await send({"type": "http.response.start", "status": self.status, "headers": []})
        await send({"type": "http.response.body", "body": json.dumps({"results": self.results}).encode()})


@pytest.fixture
async def register(catalog_app: Litestar) -> AsyncIterator[TheRegister]:
    told, listener = TheRegister(), socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(told, lifespan="off", log_config=None))
    task = asyncio.create_task(server.serve([listener]))
    before = catalog_app.state.register
    catalog_app.state.register = Register(f"http://127.0.0.1:{listener.getsockname()[1]}/")
    yield told
    catalog_app.state.register = before
    server.should_exit = True
    await task
    listener.close()


async def suggested(app: Litestar, **typed: str) -> tuple[int, str]:
    async with client_for(app) as client:
        answer = await client.get("/suggest/establishment", params={"siret": "130 025 265 00013", **typed})
    return answer.status_code, answer.text


async def test_name_and_place_are_filled_in(catalog_app: Litestar, register: TheRegister) -> None:
    status, fields = await suggested(catalog_app)
    assert status == 200
    assert 'value="Atelier Du Pont"' in fields
    assert 'value="31200 Toulouse"' in fields
    assert "Au registre" in fields
    await suggested(catalog_app)
    assert len(register.asked) == 1, "what is known is not asked again"


async def test_what_was_typed_stays(catalog_app: Litestar, register: TheRegister) -> None:
    _, fields = await suggested(catalog_app, organisation_name="L’Atelier", place="Muret")
    assert 'value="L’Atelier"' in fields
    assert 'value="Muret"' in fields
    assert len(register.asked) == 1


async def test_a_closed_establishment_is_said(catalog_app: Litestar, register: TheRegister) -> None:
    register.results = [{**ENTERPRISE, "siege": {**ENTERPRISE["siege"], "etat_administratif": "F"}}]
    assert "fermé" in (await suggested(catalog_app))[1]


@pytest.mark.parametrize("told", ["nobody", "another", "hidden", "away", "nonsense"])
async def test_where_it_does_not_help_nothing_changes(catalog_app: Litestar, register: TheRegister, told: str) -> None:
    other = {**ENTERPRISE["siege"], "siret": "21310555400017"}
    hidden = {**ENTERPRISE, "nom_complet": "[NON-DIFFUSIBLE]", "nom_raison_sociale": None}
    register.results = {"nobody": [], "another": [{**ENTERPRISE, "siege": other}], "hidden": [hidden]}.get(told, [{}])
    register.status = 503 if told == "away" else 200
    assert await suggested(catalog_app) == (204, "")


async def test_only_a_number_that_can_be_one_is_asked(catalog_app: Litestar, register: TheRegister) -> None:
    for typed in ("", "1300252650001", "13002526500014", "x" * 500):
        assert (await suggested(catalog_app, siret=typed))[0] == 204
    assert register.asked == []


async def test_without_an_address_nobody_is_asked(catalog_app: Litestar) -> None:
    assert (await suggested(catalog_app))[0] == 204
