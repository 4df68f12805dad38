"""Built files as they are sent: packed when they were built, whole to whoever cannot unpack, and nothing else."""

import gzip
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, cast

import httpx
import pytest
import zopfli.gzip
from litestar import Litestar

from deploy.packing import pack
from shared.web.statics import static_files

STYLES = b".btn { color: var(--brick); }\n" * 40


@pytest.fixture
async def client(tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    """What asks for files of a folder with styles, a font, and a secret beside it."""
    folder = tmp_path / "built"
    folder.mkdir()
    (folder / "app.1f37.css").write_bytes(STYLES)
    (folder / "text.1f37.woff2").write_bytes(b"wOF2 and so on")
    (tmp_path / "secret").write_text("not for anybody")
    pack(folder)
    app = cast(Any, Litestar([static_files(folder)], openapi_config=None))
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as opened:
        yield opened


async def test_whoever_unpacks_is_sent_what_was_packed(client: httpx.AsyncClient) -> None:
    answer = await client.get("/static/app.1f37.css", headers={"accept-encoding": "gzip"})
    assert (answer.status_code, answer.headers["content-encoding"]) == (200, "gzip")
    assert answer.content == STYLES
    assert int(answer.headers["content-length"]) == len(zopfli.gzip.compress(STYLES)) < len(gzip.compress(STYLES))
    assert answer.headers["content-type"].startswith("text/css")
    assert answer.headers["vary"] == "Accept-Encoding"
    assert "immutable" in answer.headers["cache-control"]


async def test_whoever_does_not_is_sent_the_whole(client: httpx.AsyncClient) -> None:
    answer = await client.get("/static/app.1f37.css", headers={"accept-encoding": "identity"})
    assert (answer.content, answer.headers.get("content-encoding")) == (STYLES, None)
    assert answer.headers["vary"] == "Accept-Encoding"


async def test_a_font_is_packed_already(client: httpx.AsyncClient) -> None:
    answer = await client.get("/static/text.1f37.woff2", headers={"accept-encoding": "gzip"})
    assert (answer.content, answer.headers.get("content-encoding")) == (b"wOF2 and so on", None)
    assert answer.headers["content-type"] == "font/woff2"


@pytest.mark.parametrize("name", ["..%2fsecret", "%2e%2e%2fsecret", "app.css", "..", "app.1f37.css/more"])
async def test_nothing_else_is_there(client: httpx.AsyncClient, name: str) -> None:
    assert (await client.get(f"/static/{name}")).status_code == 404
