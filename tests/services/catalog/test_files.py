"""Documents and photos beside a posting: who may add, see and remove them, and what is refused."""

import io
import os
import re
import time
import zipfile

import httpx
import pytest
from litestar import Litestar
from PIL import Image

from services.catalog.files.content import Kind, kind_of, photo_of
from services.catalog.files.errors import FileKindRefused, FileUnknown
from services.catalog.files.models import MOST_BYTES
from services.catalog.files.sweeping import KEPT, sweep
from tests.services.catalog.conftest import SignUp, csrf_of
from tests.services.catalog.pages import shown
from tests.services.catalog.test_needs import post_need
from tests.support import Isolated

PDF = b"%PDF-1.7\n%%EOF\n"


def a_photo(size: tuple[int, int] = (2400, 1200), kind: str = "JPEG") -> bytes:
    """A photo whose camera wrote down where it was."""
    image, exif, written = Image.new("RGB", size, "brown"), Image.Exif(), io.BytesIO()
    exif[0x8825] = {1: "N", 2: (43.0, 36.0, 0.0)}
    exif[0x0110] = "Telephone de Camille"
    exif[0x0112] = 6
    image.save(written, kind, exif=exif)
    return written.getvalue()


def a_zip(**entries: bytes) -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, data in entries.items():
            packed.writestr(name.replace("__", "/"), data)
    return written.getvalue()


async def send(
    client: httpx.AsyncClient, address: str, data: bytes, name: str = "plan.pdf", **more: str
) -> httpx.Response:
    token = await csrf_of(client, "/needs/whole")
    return await client.post(f"{address}/files", data={"_csrf": token, **more}, files={"file": (name, data)})


def files_on(text: str) -> list[str]:
    return re.findall(r'href="[^"]*/files/([0-9a-f-]{36})"', text)


class TestContent:
    def test_a_file_is_what_it_holds_whatever_it_is_called(self) -> None:
        assert kind_of(PDF) is Kind.PDF
        assert kind_of(a_photo()) is Kind.JPG
        assert kind_of(a_zip(**{"word__document.xml": b"<w/>"})) is Kind.DOCX
        assert kind_of(a_zip(mimetype=b"application/vnd.oasis.opendocument.spreadsheet")) is Kind.ODS

    @pytest.mark.parametrize(
        "data",
        [
            b"<html><script>alert(1)</script></html>",
            b"MZ\x90\x00",
            b"",
            a_zip(**{"evil.exe": b"MZ"}),
            a_zip(**{"word__document.xml": b"<w/>", "word__vbaProject.bin": b"macro"}),
            a_zip(**{"xl__workbook.xml": b"\0" * (201 * 1024 * 1024)}),
            b"PK\x03\x04" + b"\0" * 40,
        ],
        ids=["html", "program", "empty", "zip", "macro", "bomb", "broken"],
    )
    def test_anything_else_is_refused(self, data: bytes) -> None:
        with pytest.raises(FileKindRefused):
            kind_of(data)

    def test_a_photo_keeps_its_pixels_and_nothing_of_who_took_it_where(self) -> None:
        photo = photo_of(a_photo())
        with Image.open(io.BytesIO(photo)) as shown:
            assert not shown.getexif()
            # Turned upright as its camera said, and no larger than pages need.
            assert shown.size == (800, 1600)
        assert b"Camille" not in photo

    def test_a_picture_that_would_fill_the_memory_is_refused(self) -> None:
        flat = io.BytesIO()
        Image.new("1", (20_000, 20_000)).save(flat, "PNG")
        with pytest.raises(FileKindRefused):
            photo_of(flat.getvalue())


async def test_a_document_is_offered_as_a_download_to_whoever_sees_the_need(sign_up: SignUp) -> None:
    buyer, stranger = await sign_up(), await sign_up()
    address = (await post_need(buyer)).headers["location"]
    assert (await send(buyer, address, PDF, r"C:\Bureau\cahier <des> charges.exe")).status_code == 303
    shown = await stranger.get(address)
    (file_id,) = files_on(shown.text)
    assert "cahier des charges.pdf" in shown.text
    answer = await stranger.get(f"{address}/files/{file_id}")
    assert answer.content == PDF
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.headers["content-disposition"].startswith("attachment;")
    assert "sandbox" in answer.headers["content-security-policy"]


async def test_the_files_of_a_draft_are_its_authors_alone(sign_up: SignUp) -> None:
    buyer, stranger = await sign_up(), await sign_up()
    address = (await post_need(buyer, then="draft")).headers["location"]
    await send(buyer, address, PDF)
    (file_id,) = files_on((await buyer.get(address)).text)
    assert (await buyer.get(f"{address}/files/{file_id}")).status_code == 200
    assert (await stranger.get(f"{address}/files/{file_id}")).status_code == 404
    other = (await post_need(stranger)).headers["location"]
    assert (await stranger.get(f"{other}/files/{file_id}")).status_code == 404


async def test_only_its_author_adds_and_removes(sign_up: SignUp, catalog_app: Litestar) -> None:
    buyer, stranger = await sign_up(), await sign_up()
    address = (await post_need(buyer)).headers["location"]
    assert (await send(stranger, address, PDF)).status_code == 404
    await send(buyer, address, PDF)
    (file_id,) = files_on((await buyer.get(address)).text)
    for client, status in ((stranger, 404), (buyer, 303)):
        token = await csrf_of(client, "/needs/whole")
        answer = await client.post(f"{address}/files/{file_id}/remove", data={"_csrf": token})
        assert answer.status_code == status
    assert files_on((await buyer.get(address)).text) == []
    assert await catalog_app.state.files.store.sweep(set(), older_than_s=-1) == 0, "its bytes went too"


async def test_what_is_wrong_with_a_file_is_said_on_the_page(sign_up: SignUp) -> None:
    buyer = await sign_up()
    address = (await post_need(buyer)).headers["location"]

    async def told(data: bytes, name: str = "x.pdf") -> str:
        await send(buyer, address, data, name)
        return (await buyer.get(address)).text

    assert "pas accepté" in await told(b"MZ not a document")
    assert "trop lourd" in await told(PDF + b"\0" * MOST_BYTES)
    for _ in range(3):
        await send(buyer, address, PDF)
    assert "retirez-en un" in await told(PDF)


async def test_what_a_row_names_is_never_swept_and_the_rest_a_month_later(
    sign_up: SignUp, catalog_app: Litestar, catalog_database: Isolated
) -> None:
    store, buyer = catalog_app.state.files.store, await sign_up()
    address = (await post_need(buyer)).headers["location"]
    await send(buyer, address, PDF)
    lost, fresh = await store.keep(b"lost"), await store.keep(b"fresh")
    long_ago = time.time() - KEPT.total_seconds() - 60
    for place in store._folder.glob("??/*"):
        if place.stem != fresh:
            os.utime(place, (long_ago, long_ago))
    async with catalog_database.sessions.begin() as session:
        await sweep(session, store)
    (file_id,) = files_on((await buyer.get(address)).text)
    assert (await buyer.get(f"{address}/files/{file_id}")).content == PDF
    assert await store.read(fresh) == b"fresh"
    with pytest.raises(FileUnknown):
        await store.read(lost)


async def test_bytes_without_a_row_are_swept_and_others_stay(catalog_app: Litestar) -> None:
    store = catalog_app.state.files.store
    kept, lost = await store.keep(b"kept"), await store.keep(b"lost")
    assert await store.sweep({kept}, older_than_s=3600) == 0, "a write may still be under way"
    assert await store.sweep({kept}, older_than_s=-1) >= 1
    assert await store.read(kept) == b"kept"
    store.drop(kept)
    with pytest.raises(Exception, match="n'existe pas"):
        await store.read(lost)


async def test_a_document_that_is_refused_says_so_at_its_own_field(sign_up: SignUp) -> None:
    client = await sign_up(organisation_name="Hexaplane")
    need = (await post_need(client)).headers["location"]
    answer = await send(client, need, b"#!/bin/sh", "plan.pdf")
    assert answer.headers["location"] == f"{need}#files"
    page = await shown(client, need)
    assert 'id="file-error"' in page
    assert 'id="photo-error"' not in page
