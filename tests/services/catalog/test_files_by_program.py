"""Files of programs, beside proposals and with messages: the same rules as by the pages, and one effect a key."""

from typing import Any
from uuid import uuid4

import httpx
import pytest
from litestar import Litestar

from services.catalog.files.keeping import Keeper
from services.catalog.files.scanning import Scanner
from tests.clamd import EICAR, clamd
from tests.services.catalog.exchanging import of
from tests.services.catalog.pages import shown
from tests.services.catalog.proposing import made, rejected
from tests.services.catalog.suppliers import a_need
from tests.services.catalog.test_exchanges_by_program import two
from tests.services.catalog.test_files import PDF
from tests.services.catalog.test_files_scanned import bytes_of, lines_of
from tests.services.catalog.test_http_contract import is_problem, signed
from tests.support import Isolated


@pytest.fixture
async def proposal(buyer: httpx.AsyncClient, supplier: httpx.AsyncClient) -> str:
    found = await made(supplier, await a_need(buyer))
    await signed(buyer)
    await signed(supplier)
    return found


async def send(
    client: httpx.AsyncClient, about: str, *data: bytes, key: str = "", words: str | None = None, name: str = "plan.pdf"
) -> httpx.Response:
    """Files as a program sends them, each time with another boundary."""
    said: dict[str, Any] = {} if words is None else {"data": {"words": words}}
    files = [("file", (name, each)) for each in data]
    headers = {"idempotency-key": key or uuid4().hex}
    return await client.post(f"/api/v1{about}/files", files=files, headers=headers, **said)


async def test_a_supplier_adds_reads_and_takes_away(
    buyer: httpx.AsyncClient, supplier: httpx.AsyncClient, proposal: str, catalog_database: Isolated
) -> None:
    added = await send(supplier, proposal, PDF)
    assert added.status_code == 201, added.text
    (told,) = added.json()["files"]
    assert (told["name"], told["kind"], told["size"]) == ("plan.pdf", "pdf", len(PDF))
    address = f"/api/v1{proposal}/files/{told['id']}"
    for reader in (buyer, supplier):
        answer = await reader.get(address)
        assert (answer.status_code, answer.content) == (200, PDF)
        assert answer.headers["content-type"] == "application/octet-stream"
        assert answer.headers["content-disposition"].startswith("attachment")
    assert is_problem(await buyer.post(f"{address}/remove", headers={"if-match": "*"}), 404)
    assert is_problem(await supplier.post(f"{address}/remove", headers={"if-match": '"1"'}), 412)
    taken = await supplier.post(f"{address}/remove", headers={"if-match": added.headers["etag"]})
    assert (taken.status_code, taken.json()["files"]) == (200, [])
    assert is_problem(await buyer.get(address), 404)
    assert len(await lines_of(catalog_database, "file.added")) == 1


async def test_the_same_key_with_another_boundary_is_the_same_request(
    supplier: httpx.AsyncClient, proposal: str, catalog_app: Litestar
) -> None:
    first = await send(supplier, proposal, PDF, key="one")
    again = await send(supplier, proposal, PDF, key="one")
    assert (again.status_code, again.content) == (201, first.content)
    assert again.headers["idempotency-replayed"] == "true"
    for other in (await send(supplier, proposal, PDF + b"x", key="one"),
                  await send(supplier, proposal, PDF, key="one", name="autre.pdf")):  # fmt: skip
        assert is_problem(other, 422, "Idempotency-Key")
    assert len(bytes_of(catalog_app)) == 1


async def test_what_pages_refuse_is_refused(
    buyer: httpx.AsyncClient, supplier: httpx.AsyncClient, proposal: str
) -> None:
    assert is_problem(await send(buyer, proposal, PDF), 404)
    assert is_problem(await send(supplier, proposal, b""), 422, "file")
    assert is_problem(await send(supplier, proposal, b"MZ\x90\x00"), 422, "file")
    key = {"idempotency-key": uuid4().hex}
    assert is_problem(await supplier.post(f"/api/v1{proposal}/files", data={"words": "x"}, headers=key), 415)
    assert is_problem(await supplier.post(f"/api/v1{proposal}/files", json={}, headers=key), 415, "Content-Type")
    nothing = await supplier.post(f"/api/v1{proposal}/files", files={"other": ("x", PDF)}, headers=key)
    assert is_problem(nothing, 422)
    for number in range(3):
        assert (await send(supplier, proposal, PDF, name=f"{number}.pdf")).status_code == 201
    assert "3" in (await send(supplier, proposal, PDF)).json()["detail"]
    version = (await supplier.get(f"/api/v1{proposal}")).json()["version"]
    buyer.headers.pop("x-csrf-token")
    assert (await rejected(buyer, proposal, seen=version)).status_code == 303
    assert is_problem(await send(supplier, proposal, PDF), 409)


async def test_a_virus_is_refused_and_the_trail_says_so(lasting_catalog: Litestar) -> None:
    """In a transaction of its own, which is committed though the request is refused."""
    buyer, supplier = await two(lasting_catalog)
    proposal = await made(supplier, await a_need(buyer))
    await signed(supplier)
    async with clamd() as twin:
        lasting_catalog.state.files = Keeper(lasting_catalog.state.files.store, Scanner(twin.address))
        assert is_problem(await send(supplier, proposal, PDF + EICAR), 422, "file")
        exchange = of(proposal)
        assert is_problem(await send(supplier, exchange, PDF, PDF + EICAR, words="Voici."), 422, "file")
        assert (await supplier.get(f"/api/v1{exchange}/messages")).json()["items"] == []
    assert len(await lines_of(lasting_catalog.state.work, "file.refused")) == 2
    assert bytes_of(lasting_catalog) == []
    for client in (buyer, supplier):
        await client.aclose()


async def test_files_come_with_a_message(buyer: httpx.AsyncClient, supplier: httpx.AsyncClient, proposal: str) -> None:
    exchange = of(proposal)
    sent = await send(buyer, exchange, PDF, PDF + b"x", words=" Voici le plan. ", key="message")
    assert (sent.status_code, sent.json()["words"]) == (201, "Voici le plan."), sent.text
    assert (await send(buyer, exchange, PDF, PDF + b"x", words=" Voici le plan. ", key="message")).json() == sent.json()
    (message,) = (await supplier.get(f"/api/v1{exchange}/messages")).json()["items"]
    assert [each["name"] for each in message["files"]] == ["plan.pdf", "plan.pdf"]
    answer = await supplier.get(f"/api/v1{exchange}/files/{message['files'][1]['id']}")
    assert (answer.status_code, answer.content) == (200, PDF + b"x")
    assert "Voici le plan." in await shown(supplier, exchange)
    assert is_problem(await send(buyer, exchange, *[PDF] * 4, words="Voici."), 422)
    assert is_problem(await send(buyer, exchange, PDF, words="  "), 422, "words")
    assert is_problem(await send(buyer, exchange, PDF, words="a" * 4001), 422, "words")
    assert is_problem(await send(buyer, exchange, PDF), 422)


async def test_the_document_says_how_they_are_sent(visitor: httpx.AsyncClient) -> None:
    paths = (await visitor.get("/api/v1/docs/openapi.json")).json()["paths"]
    for about in ("proposals/{proposal_id}", "exchanges/{exchange_id}"):
        operation = paths[f"/api/v1/{about}/files"]["post"]
        assert list(operation["requestBody"]["content"]) == ["multipart/form-data"]
        assert list(paths[f"/api/v1/{about}/files/{{file_id}}"]["get"]["responses"]["200"]["content"]) == [
            "application/octet-stream"
        ]
