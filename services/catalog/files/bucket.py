"""Where the bytes of files lie when machines share no folder: a bucket behind the S3 protocol."""

import asyncio
import secrets
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import obstore
import structlog
from obstore.exceptions import BaseError, NotFoundError
from obstore.store import S3Store

from services.catalog.files.errors import FileUnknown, StoreAway
from services.catalog.files.place import S3
from services.catalog.files.store import NAME

if TYPE_CHECKING:
    from obstore.store import ClientConfig

log = structlog.get_logger(__name__)

# A page waits for each of these with its transaction open, which ends after fifteen seconds without a word.
WITHIN_S = 8.0
CONNECT_S = 2
RETRIES = 2
PREFIX = "files/"


class BucketStore:
    """Objects under random names, asked for in the path style; nobody else reads them, and no address of one is given.

    What the store answers late, wrongly or not at all is asked again twice, within `within_s` altogether.
    """

    def __init__(self, known: S3, *, within_s: float = WITHIN_S) -> None:
        self._within_s = within_s
        self._dropping: set[asyncio.Task[None]] = set()
        client: ClientConfig = {
            "allow_http": known.endpoint.startswith("http://"),
            "connect_timeout": timedelta(seconds=CONNECT_S),
            "timeout": timedelta(seconds=within_s),
        }
        if known.certificate_file:
            client["root_certificate"] = known.certificate_file.read_bytes()
        self._bucket = S3Store(
            known.bucket,
            endpoint=known.endpoint,
            region=known.region,
            access_key_id=known.access_key_id,
            secret_access_key=known.secret_access_key.get_secret_value(),
            virtual_hosted_style_request=False,
            client_options=client,
            retry_config={
                "max_retries": RETRIES,
                "retry_timeout": timedelta(seconds=within_s),
                "backoff": {
                    "init_backoff": timedelta(milliseconds=100),
                    "max_backoff": timedelta(seconds=1),
                    "base": 2,
                },
            },
        )

    async def keep(self, data: bytes) -> str:
        """Store bytes; the store has acknowledged them when it returns."""
        name = secrets.token_hex(16)
        await self.put(name, data)
        return name

    async def put(self, name: str, data: bytes) -> None:
        """Store bytes under a name of ours; whatever it held is replaced."""
        async with self._asked("put", self._within_s):
            await obstore.put_async(self._bucket, _key(name), data, use_multipart=False)

    async def read(self, name: str) -> bytes:
        """The bytes; raises `FileUnknown` when they are gone."""
        async with self._asked("get", self._within_s):
            try:
                found = await obstore.get_async(self._bucket, _key(name))
            except (NotFoundError, FileNotFoundError) as error:
                # Without its bucket no file is gone: the settings, or the store, are wrong.
                raise (StoreAway if "NoSuchBucket" in str(error) else FileUnknown) from error
            data = bytes(await found.bytes_async())
            if len(data) != found.meta["size"]:
                raise BaseError(f"{len(data)} bytes of {found.meta['size']}")
            return data

    def drop(self, name: str) -> None:
        """Forget the bytes soon: whoever took the file away does not wait for the store."""
        task = asyncio.get_running_loop().create_task(self._forget(name))
        self._dropping.add(task)
        task.add_done_callback(self._dropping.discard)

    async def settled(self) -> None:
        """Wait for what is being forgotten."""
        await asyncio.gather(*self._dropping)

    async def sweep(self, known: Collection[str], *, older_than_s: float) -> int:
        """Drop what no row names; what else lies in the bucket is none of ours."""
        before, dropped = datetime.now(UTC) - timedelta(seconds=older_than_s), 0
        async with self._asked("list", None):
            async for objects in obstore.list(self._bucket, PREFIX):
                for each in objects:
                    name = each["path"].removeprefix(PREFIX)
                    if NAME.fullmatch(name) and name not in known and each["last_modified"] < before:
                        await obstore.delete_async(self._bucket, each["path"])
                        dropped += 1
        return dropped

    async def _forget(self, name: str) -> None:
        try:
            async with self._asked("delete", self._within_s):
                await obstore.delete_async(self._bucket, _key(name))
        except StoreAway:
            log.warning("file_left_to_sweep", name=name)

    @asynccontextmanager
    async def _asked(self, what: str, within_s: float | None) -> AsyncIterator[None]:
        try:
            async with asyncio.timeout(within_s):
                yield
        except (NotFoundError, FileNotFoundError):
            # Of an object that is to be forgotten there is nothing left to do; a bucket that is not there is told of.
            if what != "delete":
                raise StoreAway from None
        except (BaseError, OSError) as error:
            # TimeoutError is one of OSError.
            log.warning("file_store_away", asked=what, error=type(error).__name__, said=str(error)[:300])
            raise StoreAway from error


def _key(name: str) -> str:
    if not NAME.fullmatch(name):
        raise FileUnknown
    return PREFIX + name
