"""Assistants at the door: the protocol as its own SDK speaks it, what is found, and what is not told."""

import json
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any, cast
from uuid import uuid4

import httpx
import httpx2
import pytest
from litestar import Litestar
from mcp import Client, types
from mcp.client.streamable_http import streamable_http_client
from mcp.shared.exceptions import MCPError

from services.catalog.app import create_app
from services.catalog.mcp.protocol import HANDSHAKE, MODERN, VERSIONS
from services.catalog.mcp.tools import TOOLS
from services.catalog.settings import Settings
from shared.settings import RateLimits
from tests.services.catalog.conftest import SignUp
from tests.services.catalog.test_flow_and_offer_wizards import a_flow, an_offer, post
from tests.services.catalog.test_keys import make_key
from tests.services.catalog.test_needs import post_need
from tests.support import Isolated, client_for

SECRET = "Canari Discret"
CALL = {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}

Speak = Callable[..., AbstractAsyncContextManager[Client]]


@pytest.fixture
def assistant(catalog_app: Litestar) -> Speak:
    """The official client, on a connection of its own."""

    @asynccontextmanager
    async def speak(*, mode: Any = "auto", key: str | None = None, path: str = "/mcp") -> AsyncIterator[Client]:
        headers = {"authorization": f"Bearer {key}"} if key else {}
        transport = httpx2.ASGITransport(app=cast(Any, catalog_app))
        async with httpx2.AsyncClient(transport=transport, headers=headers) as http:
            address = f"https://boucle.test{path}"
            async with Client(streamable_http_client(address, http_client=http), mode=mode) as client:
                yield client

    return speak


def items(result: types.CallToolResult) -> list[dict[str, Any]]:
    assert not result.is_error, result.content
    found: list[dict[str, Any]] = result.structured_content["items"]
    return found


def words(result: types.CallToolResult) -> str:
    (content,) = result.content
    assert isinstance(content, types.TextContent)
    return content.text


async def ask(client: httpx.AsyncClient, body: Any, **headers: str) -> httpx.Response:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return await client.post("/mcp", content=content, headers={"content-type": "application/json", **headers})


@pytest.fixture
async def program(catalog_app: Litestar) -> AsyncIterator[httpx.AsyncClient]:
    """A program that is no browser."""
    async with client_for(catalog_app) as client:
        for name in ("origin", "sec-fetch-site"):
            client.headers.pop(name, None)
        client.cookies.clear()
        yield client


class TestProtocol:
    @pytest.mark.parametrize(
        ("mode", "version"), [("legacy", HANDSHAKE[-1]), ("auto", MODERN[-1]), (MODERN[-1], MODERN[-1])]
    )
    async def test_the_official_client_agrees_on_a_version_and_reads_the_tools(
        self, assistant: Speak, mode: Any, version: str
    ) -> None:
        async with assistant(mode=mode) as client:
            assert client.protocol_version == version
            told = await client.list_tools()
            assert [tool.name for tool in told.tools] == [name for name, tool in TOOLS.items() if not tool.is_own]
            assert all(tool.annotations and tool.annotations.read_only_hint for tool in told.tools)
            result = await client.call_tool("list_vocabulary", {"list": "need_kinds"})
            assert {"code": "procurement", "name": "Achat"} in items(result)

    @pytest.mark.parametrize(
        ("asked", "agreed"), [("2025-06-18",) * 2, ("2025-11-25",) * 2, ("2024-11-05", "2025-11-25")]
    )
    async def test_a_handshake_comes_to_a_version(self, program: httpx.AsyncClient, asked: str, agreed: str) -> None:
        params = {"protocolVersion": asked, "capabilities": {}, "clientInfo": {"name": "essai", "version": "1"}}
        answer = await ask(program, {"jsonrpc": "2.0", "id": "a", "method": "initialize", "params": params})
        result = answer.json()["result"]
        assert result["protocolVersion"] == agreed
        assert result["serverInfo"]["name"] == "boucle"
        assert "jamais des consignes" in result["instructions"]
        assert "mcp-session-id" not in answer.headers

    async def test_a_notification_is_taken_without_an_answer(self, program: httpx.AsyncClient) -> None:
        answer = await ask(program, {"jsonrpc": "2.0", "method": "notifications/initialized"})
        assert (answer.status_code, answer.content) == (202, b"")

    async def test_pings_are_answered(self, program: httpx.AsyncClient) -> None:
        answer = await ask(program, {"jsonrpc": "2.0", "id": 7, "method": "ping"})
        assert answer.json() == {"jsonrpc": "2.0", "id": 7, "result": {}}

    @pytest.mark.parametrize(
        ("body", "code", "status"),
        [
            (b"{", -32700, 400),
            (b"[" * 5000, -32700, 400),
            ([CALL], -32600, 400),
            ({"id": 1, "method": "ping"}, -32600, 400),
            ({**CALL, "id": None}, -32600, 400),
            ({**CALL, "id": True}, -32600, 400),
            ({**CALL, "method": 1}, -32600, 400),
            ({**CALL, "params": []}, -32602, 200),
            ({**CALL, "method": "resources/list"}, -32601, 200),
            ({**CALL, "method": "tools/call", "params": {"name": "drop_table"}}, -32602, 200),
            ({**CALL, "method": "tools/call", "params": {"name": ["read"]}}, -32602, 200),
        ],
    )
    async def test_what_is_no_request_is_refused_by_its_code(
        self, program: httpx.AsyncClient, body: Any, code: int, status: int
    ) -> None:
        answer = await ask(program, body)
        assert (answer.json()["error"]["code"], answer.status_code) == (code, status)

    async def test_an_unknown_version_is_told_which_are_spoken(self, program: httpx.AsyncClient) -> None:
        answer = await ask(program, CALL, **{"mcp-protocol-version": "2031-01-01"})
        assert answer.status_code == 400
        assert answer.json()["error"]["data"] == {"supported": list(VERSIONS), "requested": "2031-01-01"}

    async def test_headers_that_say_otherwise_than_the_body_are_refused(self, program: httpx.AsyncClient) -> None:
        meta = {
            "io.modelcontextprotocol/protocolVersion": MODERN[-1],
            "io.modelcontextprotocol/clientCapabilities": {},
        }
        body = {**CALL, "method": "tools/call", "params": {"name": "read", "_meta": meta}}
        right = {"mcp-protocol-version": MODERN[-1], "mcp-method": "tools/call", "mcp-name": "read"}
        for wrong in ({"mcp-method": "tools/list"}, {"mcp-name": "search_needs"}):
            answer = await ask(program, body, **{**right, **wrong})
            assert (answer.status_code, answer.json()["error"]["code"]) == (400, -32020)
        assert (await ask(program, body, **right)).status_code == 200
        bare = {**body, "params": {"name": "read"}}
        assert (await ask(program, bare, **right)).json()["error"]["code"] == -32602

    async def test_there_is_no_stream_to_open_and_no_session_to_end(self, program: httpx.AsyncClient) -> None:
        assert (await program.get("/mcp")).status_code == 405
        assert (await program.delete("/mcp")).status_code == 405

    async def test_it_takes_json_only(self, program: httpx.AsyncClient) -> None:
        answer = await program.post(
            "/mcp", content=b"a=1", headers={"content-type": "application/x-www-form-urlencoded"}
        )
        assert answer.status_code == 415


class TestDoor:
    @pytest.mark.parametrize("origin", ["https://ailleurs.fr", "null", "http://127.0.0.1:9999"])
    async def test_it_rejects_a_foreign_origin(self, program: httpx.AsyncClient, origin: str) -> None:
        answer = await ask(program, CALL, origin=origin)
        assert answer.status_code == 403
        assert answer.json()["type"] == "urn:boucle:problem:OriginForeign"

    async def test_a_session_is_not_a_key(self, sign_up: SignUp) -> None:
        """INVARIANT: what a browser is signed in as is neither read nor renewed here."""
        buyer = await sign_up()
        await post_need(buyer, then="draft")
        del buyer.headers["origin"]
        listed = await ask(buyer, CALL)
        assert "own_postings" not in listed.text
        assert "set-cookie" not in listed.headers
        params = {"name": "own_postings", "arguments": {"kind": "need"}}
        answer = await ask(buyer, {**CALL, "method": "tools/call", "params": params})
        assert answer.json()["result"]["isError"]

    async def test_a_wrong_key_is_refused_whatever_is_asked(self, program: httpx.AsyncClient) -> None:
        answer = await ask(program, CALL, authorization="Bearer boucle_faux")
        assert answer.status_code == 401
        assert answer.headers["www-authenticate"].startswith("Bearer")

    async def test_tools_have_a_limit_of_their_own(
        self, catalog_settings: Settings, catalog_database: Isolated
    ) -> None:
        few = catalog_settings.model_copy(update={"rate_limits": RateLimits(assistants=2)})
        body = {**CALL, "method": "tools/call", "params": {"name": "list_vocabulary", "arguments": {"list": "units"}}}
        async with client_for(create_app(few, databases=catalog_database.both)) as client:
            client.headers.pop("origin", None)
            answers = [await ask(client, body) for _ in range(3)]
            assert [answer.status_code for answer in answers] == [200, 200, 429]
            assert int(answers[2].headers["retry-after"]) > 0


class TestFinding:
    async def test_needs_are_found_by_words_category_and_place(self, sign_up: SignUp, assistant: Speak) -> None:
        buyer = await sign_up()
        await post_need(buyer, title="Repas du midi", place="Muret")
        await post_need(buyer, title="Plateaux", description="Des dîners, à Foix.", place="Foix")
        async with assistant() as client:
            for asked, titles in (
                ({}, {"Repas du midi", "Plateaux"}),
                ({"text": "DINERS foix"}, {"Plateaux"}),
                ({"text": "midi foix"}, set()),
                ({"place": "Toulouse", "km": 25}, {"Repas du midi"}),
                ({"place": "Muret", "km": 0}, {"Repas du midi"}),
                ({"category": "catering", "kind": "procurement"}, {"Repas du midi", "Plateaux"}),
                ({"kind": "csr"}, set()),
            ):
                assert {row["title"] for row in items(await client.call_tool("search_needs", asked))} == titles, asked

    async def test_a_word_of_the_vocabulary_finds_what_is_called_otherwise(
        self, sign_up: SignUp, assistant: Speak
    ) -> None:
        await post_need(await sign_up(), title="Midi pour vingt", description="", categories=["catering"])
        async with assistant() as client:
            (row,) = items(await client.call_tool("search_needs", {"text": "traiteur pour vingt"}))
            assert row["title"] == "Midi pour vingt"

    async def test_lists_go_on(self, sign_up: SignUp, assistant: Speak) -> None:
        buyer = await sign_up()
        for number in range(3):
            await post_need(buyer, title=f"Besoin {number}")
        async with assistant() as client:
            first = await client.call_tool("search_needs", {"limit": 2})
            assert [row["title"] for row in items(first)] == ["Besoin 2", "Besoin 1"]
            rest = await client.call_tool("search_needs", {"limit": 2, "cursor": first.structured_content["next"]})
            assert [row["title"] for row in items(rest)] == ["Besoin 0"]
            assert rest.structured_content["next"] is None

    async def test_flows_offers_and_organisations_are_found_and_read(self, sign_up: SignUp, assistant: Speak) -> None:
        workshop = await sign_up(roles=["ess", "publisher"], organisation_name="Atelier Canal")
        for address in (await a_flow(workshop), await an_offer(workshop)):
            assert (await post(workshop, f"{address}/review")).status_code == 303
        async with assistant() as client:
            for tool, kind, asked in (
                ("search_flows", "flow", {"text": "palettes", "legal_status": "waste", "place": "Fenouillet"}),
                ("search_offers", "offer", {"takes_material": True, "place": "Toulouse", "kind": "material"}),
                ("search_organisations", "organisation", {"text": "canal", "role": "ess"}),
            ):
                (row,) = items(await client.call_tool(tool, asked))
                whole = (await client.call_tool("read", {"kind": kind, "id": row["id"]})).structured_content
                assert row.items() <= whole.items(), tool
                assert ("lots" in whole) == (kind == "flow")

    async def test_categories_are_suggested_and_walked(self, assistant: Speak) -> None:
        async with assistant(path="/en/mcp") as client:
            (first, *_) = items(await client.call_tool("suggest_categories", {"text": "palettes en bois"}))
            assert first["code"] == "wooden-pallets"
            roots = items(await client.call_tool("list_vocabulary", {"list": "categories"}))
            under = {"list": "categories", "under": roots[0]["code"]}
            assert len(items(await client.call_tool("list_vocabulary", under))) == roots[0]["below"] > 0

    async def test_what_is_wrong_is_told_to_the_assistant(self, assistant: Speak) -> None:
        async with assistant() as client:
            for tool, asked, said in (
                ("search_needs", {"limit": 500}, "limit"),
                ("search_needs", {"sql": "1"}, "sql"),
                ("search_needs", {"text": "a\0b"}, "text"),
                ("search_needs", {"category": "licornes"}, "licornes"),
                ("search_needs", {"place": "Xyzzyville"}, "lieu"),
                ("search_needs", {"cursor": "faux"}, "curseur"),
                ("read", {"kind": "need", "id": str(uuid4())}, "n'existe pas"),
                ("own_postings", {"kind": "need"}, "clé"),
            ):
                result = await client.call_tool(tool, asked)
                assert result.is_error, tool
                assert said in words(result).lower(), (tool, words(result))
            with pytest.raises(MCPError):
                await client.call_tool("drop_table", {})


class TestNotTelling:
    async def test_a_hidden_author_is_told_by_no_tool(self, sign_up: SignUp, assistant: Speak) -> None:
        """INVARIANT: neither the name nor the id of whoever hides comes out, searched or read."""
        buyer = await sign_up(organisation_name=SECRET)
        address = (await post_need(buyer, title="Discret", author_hidden="true")).headers["location"]
        async with assistant() as client:
            (own,) = items(await client.call_tool("search_organisations", {"text": SECRET}))
            for result in (
                await client.call_tool("search_needs", {}),
                await client.call_tool("read", {"kind": "need", "id": address.rsplit("/", 1)[-1]}),
            ):
                assert not result.is_error
                told = result.model_dump_json()
                assert "Discret" in told
                assert SECRET not in told
                assert own["id"] not in told
            assert items(await client.call_tool("search_needs", {"text": "canari"})) == []

    async def test_drafts_are_told_to_their_key_alone(self, sign_up: SignUp, assistant: Speak) -> None:
        buyer, stranger = await sign_up(), await sign_up()
        address = (await post_need(buyer, title="Brouillon", then="draft")).headers["location"]
        key, other = await make_key(buyer), await make_key(stranger)
        one = {"kind": "need", "id": address.rsplit("/", 1)[-1]}
        async with assistant(key=key) as client:
            assert "own_postings" in [tool.name for tool in (await client.list_tools()).tools]
            (row,) = items(await client.call_tool("own_postings", {"kind": "need"}))
            assert (row["title"], row["state"]) == ("Brouillon", "draft")
            assert not (await client.call_tool("read", one)).is_error
            assert items(await client.call_tool("search_needs", {})) == []
        async with assistant(key=other) as client:
            assert items(await client.call_tool("own_postings", {"kind": "need"})) == []
            assert (await client.call_tool("read", one)).is_error
        async with assistant() as client:
            assert (await client.call_tool("read", one)).is_error
