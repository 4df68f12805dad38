"""The two stores of files: one contract, and what a bucket does when it is down, slow, wrong or cut off."""

import asyncio
import os
import re
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from litestar import Litestar
from pydantic import ValidationError

from services.catalog.files.bucket import BucketStore
from services.catalog.files.errors import FileUnknown, StoreAway
from services.catalog.files.keeping import Keeper
from services.catalog.files.moving import CopyFailed, copy_files
from services.catalog.files.place import S3
from services.catalog.files.setting_up import keeper_from
from services.catalog.files.store import FolderStore, Store
from services.catalog.settings import Settings
from shared.observability.metrics import Metrics
from tests.s3 import BUCKET, KEY_ID, REGION, SECRET, Twin, s3, signature_of
from tests.services.catalog.conftest import SignUp, csrf_of
from tests.services.catalog.exchanging import of, write
from tests.services.catalog.proposing import made
from tests.services.catalog.test_files import PDF, a_photo, files_on, send
from tests.services.catalog.test_needs import post_need
from tests.support import Isolated

Aged = Callable[[str], None]
NAME = re.compile(r"[0-9a-f]{32}")


@pytest.fixture
def twin() -> Iterator[Twin]:
    with s3() as found:
        yield found


def known(endpoint: str, **changes: Any) -> S3:
    said = {"bucket": BUCKET, "region": REGION, "access_key_id": KEY_ID, "secret_access_key": SECRET}
    return S3(**{"endpoint": endpoint, **said, **changes})


@pytest.fixture(params=["folder", "bucket"])
async def either(
    request: pytest.FixtureRequest, tmp_path: Path, twin: Twin
) -> AsyncIterator[tuple[Store, Aged, Callable[[], Awaitable[None]]]]:
    """A store, how to make what it holds look forty days old, and how to wait for what it is forgetting."""
    if request.param == "folder":

        def aged_there(name: str) -> None:
            os.utime(tmp_path / name[:2] / name, (time.time() - 40 * 86_400,) * 2)

        async def at_once() -> None:
            """A folder forgets while one waits."""

        yield FolderStore(tmp_path), aged_there, at_once
        return

    def aged(name: str) -> None:
        twin.objects[f"files/{name}"] = (twin.bytes_of(name), datetime.now(UTC) - timedelta(days=40))

    store = BucketStore(known(twin.endpoint))
    yield store, aged, store.settled
    assert twin.refused == []


class TestContract:
    async def test_what_is_kept_is_read_until_it_is_dropped(self, either: Any) -> None:
        store, _, settled = either
        data = os.urandom(3 * 1024 * 1024)
        name = await store.keep(data)
        assert NAME.fullmatch(name), "a random name that says nothing"
        assert await store.read(name) == data
        assert await store.keep(data) != name
        store.drop(name)
        await settled()
        with pytest.raises(FileUnknown):
            await store.read(name)
        store.drop(name)
        await settled()

    async def test_bytes_of_another_store_keep_their_name(self, either: Any) -> None:
        store, *_ = either
        await store.put("ab" * 16, b"first")
        await store.put("ab" * 16, b"second")
        assert await store.read("ab" * 16) == b"second"

    @pytest.mark.parametrize("name", ["../../etc/passwd", "AB" * 16, "", "ab" * 15])
    async def test_a_name_that_is_none_of_ours_is_never_asked_for(self, either: Any, name: str) -> None:
        with pytest.raises(FileUnknown):
            await either[0].read(name)

    async def test_what_no_row_names_goes_a_month_later(self, either: Any) -> None:
        store, aged, _ = either
        kept, lost, fresh = [await store.keep(word) for word in (b"kept", b"lost", b"fresh")]
        aged(kept)
        aged(lost)
        assert await store.sweep({kept}, older_than_s=30 * 86_400) == 1
        assert (await store.read(kept), await store.read(fresh)) == (b"kept", b"fresh")
        with pytest.raises(FileUnknown):
            await store.read(lost)


class TestBucket:
    def test_the_twin_signs_as_is_published(self) -> None:
        """The example of GET Object in the specification of Signature Version 4 for S3."""
        nothing = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
        headers = {
            "host": "examplebucket.s3.amazonaws.com",
            "range": "bytes=0-9",
            "x-amz-content-sha256": nothing,
            "x-amz-date": "20130524T000000Z",
        }
        found = signature_of(
            "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "GET", "/test.txt", "", headers,
            signed=";".join(headers), scope="20130524/us-east-1/s3/aws4_request", digest=nothing,
        )  # fmt: skip
        assert found == "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41"

    async def test_it_is_asked_in_the_path_style(self, twin: Twin) -> None:
        name = await BucketStore(known(twin.endpoint)).keep(b"x")
        assert twin.asked == [f"PUT /{BUCKET}/files/{name}"]

    @pytest.mark.parametrize("wrong", [{"secret_access_key": "other"}, {"access_key_id": "other"}, {"region": "other"}])
    async def test_a_wrong_key_is_an_outage_and_no_missing_file(self, twin: Twin, wrong: dict[str, str]) -> None:
        store = BucketStore(known(twin.endpoint, **wrong))
        with pytest.raises(StoreAway):
            await store.keep(b"x")
        with pytest.raises(StoreAway):
            await store.read("ab" * 16)
        assert twin.objects == {}
        assert len(twin.refused) == 2

    async def test_a_bucket_that_is_not_there_is_no_missing_file(self, twin: Twin) -> None:
        with pytest.raises(StoreAway):
            await BucketStore(known(twin.endpoint, bucket="another")).read("ab" * 16)

    async def test_a_store_that_stumbles_once_is_asked_again(self, twin: Twin) -> None:
        store, twin.fault = BucketStore(known(twin.endpoint)), "once"
        name = await store.keep(b"x")
        twin.fault = "once"
        assert await store.read(name) == b"x"

    @pytest.mark.parametrize("fault", ["error", "slow", "cut"])
    async def test_an_outage_is_told_in_time(self, twin: Twin, fault: str) -> None:
        store = BucketStore(known(twin.endpoint), within_s=1.0)
        name = await store.keep(os.urandom(500_000))
        twin.fault, began = fault, time.monotonic()
        with pytest.raises(StoreAway):
            await store.read(name)
        if fault != "cut":
            with pytest.raises(StoreAway):
                await store.keep(b"x")
            with pytest.raises(StoreAway):
                await asyncio.wait_for(store.sweep(set(), older_than_s=0), 5)
        assert time.monotonic() - began < 8

    async def test_nobody_there(self) -> None:
        store = BucketStore(known("http://127.0.0.1:9"), within_s=1.0)
        with pytest.raises(StoreAway):
            await store.keep(b"x")
        store.drop("ab" * 16)
        await store.settled()

    async def test_a_sweep_leaves_alone_what_is_not_ours(self, twin: Twin) -> None:
        long_ago = datetime.now(UTC) - timedelta(days=400)
        twin.objects = {"backup.tar": (b"x", long_ago), "files/notes.txt": (b"x", long_ago)}
        assert await BucketStore(known(twin.endpoint)).sweep(set(), older_than_s=1) == 0
        assert len(twin.objects) == 2


class TestSettings:
    @pytest.mark.parametrize(
        "wrong",
        [
            {"bucket": BUCKET},
            {"secret_access_key": ""},
            {"endpoint": "http://s3.example.org"},
            {"endpoint": "s3.example.org"},
            {"buket": "x"},
        ],
    )
    def test_a_bucket_that_is_named_by_half_stops_the_start(
        self, catalog_settings: Settings, wrong: dict[str, str]
    ) -> None:
        whole = {
            "endpoint": "https://s3.example.org", "bucket": BUCKET,
            "access_key_id": KEY_ID, "secret_access_key": SECRET,
        }  # fmt: skip
        said = wrong if wrong == {"bucket": BUCKET} else {**whole, **wrong}
        with pytest.raises(ValidationError):
            Settings(**{**catalog_settings.model_dump(), "s3": said})

    def test_the_settings_choose(self, catalog_settings: Settings, twin: Twin) -> None:
        assert isinstance(keeper_from(catalog_settings, Metrics()).store, FolderStore)
        in_a_bucket = catalog_settings.model_copy(update={"s3": known(twin.endpoint)})
        assert isinstance(keeper_from(in_a_bucket, Metrics()).store, BucketStore)
        assert SECRET not in repr(in_a_bucket)


class TestPages:
    @pytest.fixture
    async def store(self, catalog_app: Litestar, twin: Twin) -> BucketStore:
        store = BucketStore(known(twin.endpoint), within_s=1.0)
        catalog_app.state.files = Keeper(store)
        return store

    async def test_a_file_in_a_bucket_is_a_download_of_ours(
        self, sign_up: SignUp, store: BucketStore, twin: Twin
    ) -> None:
        buyer = await sign_up()
        address = (await post_need(buyer)).headers["location"]
        await send(buyer, address, PDF, "plan.pdf")
        (file_id,) = files_on((await buyer.get(address)).text)
        answer = await buyer.get(f"{address}/files/{file_id}")
        assert answer.content == PDF
        assert answer.headers["content-disposition"].startswith("attachment;")
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert "location" not in answer.headers, "no address of the store is given to anybody"
        await buyer.post(f"{address}/files/{file_id}/remove", data={"_csrf": await csrf_of(buyer, "/needs/whole")})
        await store.settled()
        assert twin.objects == {}

    @pytest.mark.usefixtures("store")
    async def test_while_the_store_is_away_pages_say_so_and_go_on(self, sign_up: SignUp, twin: Twin) -> None:
        buyer = await sign_up()
        address = (await post_need(buyer)).headers["location"]
        await send(buyer, address, PDF)
        (file_id,) = files_on((await buyer.get(address)).text)
        twin.fault = "error"
        answer = await buyer.get(f"{address}/files/{file_id}")
        assert answer.status_code == 503
        assert answer.headers["retry-after"] == "30"
        assert "disponible pour le moment" in answer.text
        assert (await send(buyer, address, PDF)).status_code == 303
        page = (await buyer.get(address)).text
        assert "pas pu être gardé" in page
        assert len(files_on(page)) == 1
        twin.fault = ""
        assert (await buyer.get(f"{address}/files/{file_id}")).content == PDF

    @pytest.mark.usefixtures("store")
    async def test_a_message_keeps_its_words(self, buyer: Any, supplier: Any, twin: Twin) -> None:
        exchange = of(await made(supplier, (await post_need(buyer)).headers["location"]))
        twin.fault = "error"
        answer = await write(buyer, exchange, "Voici le plan.", files=[("plan.pdf", PDF)])
        assert answer.status_code == 422
        assert "Voici le plan." in answer.text
        assert "pas pu être gardé" in answer.text


class TestMoving:
    async def test_files_move_into_a_bucket_and_back_whole(
        self, sign_up: SignUp, catalog_app: Litestar, catalog_database: Isolated, twin: Twin, tmp_path: Path
    ) -> None:
        """INVARIANT: what is copied from one store to the other is, by SHA-256, what people sent, and all of it."""
        buyer, here = await sign_up(), catalog_app.state.files.store
        address = (await post_need(buyer)).headers["location"]
        await send(buyer, address, PDF)
        await send(buyer, address, a_photo(), "photo.jpg", purpose="photo")
        there = BucketStore(known(twin.endpoint))
        # Begun, and cut off after the first: it goes on.
        first = await here.read(names_in(catalog_app)[0])
        await there.put(names_in(catalog_app)[0], first)
        done = await copy_files(catalog_database, here, there)
        assert (done.copied, done.stood, done.missing, done.changed) == (2, 1, [], [])
        again = await copy_files(catalog_database, here, there)
        assert (again.copied, again.stood) == (0, 3)
        back = FolderStore(tmp_path / "back")
        assert (await copy_files(catalog_database, there, back)).copied == 3
        for name in names_in(catalog_app):
            assert await back.read(name) == await here.read(name) == twin.bytes_of(name)

    async def test_what_is_wrong_is_named_and_not_copied(
        self, sign_up: SignUp, catalog_app: Litestar, catalog_database: Isolated, twin: Twin
    ) -> None:
        buyer, here, there = await sign_up(), catalog_app.state.files.store, BucketStore(known(twin.endpoint))
        address = (await post_need(buyer)).headers["location"]
        for _ in range(3):
            await send(buyer, address, PDF)
        gone, changed, half = names_in(catalog_app)
        here.drop(gone)
        await here.put(changed, b"something else")
        await there.put(half, PDF[:4])
        done = await copy_files(catalog_database, here, there)
        assert (done.copied, len(done.missing), len(done.changed)) == (1, 1, 1)
        assert twin.bytes_of(half) == PDF
        assert set(twin.objects) == {f"files/{half}"}

    async def test_a_store_that_loses_what_it_acknowledged_is_found_out(
        self, sign_up: SignUp, catalog_app: Litestar, catalog_database: Isolated, twin: Twin,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:  # fmt: skip
        buyer, there = await sign_up(), BucketStore(known(twin.endpoint))
        await send(buyer, (await post_need(buyer)).headers["location"], PDF)

        async def half(name: str, data: bytes) -> None:
            twin.objects[f"files/{name}"] = (data[:3], datetime.now(UTC))

        monkeypatch.setattr(there, "put", half)
        with pytest.raises(CopyFailed):
            await copy_files(catalog_database, catalog_app.state.files.store, there)


def names_in(app: Litestar) -> list[str]:
    return sorted(each.name for each in app.state.settings.files_dir.glob("??/*"))
