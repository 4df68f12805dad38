"""Where the bytes of files lie: a folder of ours or a bucket, under random names that say nothing."""

import asyncio
import os
import re
import secrets
import time
from collections.abc import Collection
from pathlib import Path
from typing import Protocol

from services.catalog.files.errors import FileUnknown

NAME = re.compile(r"[0-9a-f]{32}")


class Store(Protocol):
    """Bytes under random names of ours; all but `drop` raise `StoreAway` when it cannot be reached in time."""

    async def keep(self, data: bytes) -> str:
        """Store bytes, safe when it returns, and give the name they are found under."""

    async def put(self, name: str, data: bytes) -> None:
        """Store bytes under a name that another store gave them."""

    async def read(self, name: str) -> bytes:
        """The bytes; raises `FileUnknown` when they are gone."""

    def drop(self, name: str) -> None:
        """Forget the bytes soon, if they are there; what could not be forgotten is swept later."""

    async def sweep(self, known: Collection[str], *, older_than_s: float) -> int:
        """Drop what no row names: a write whose transaction was undone leaves its bytes behind. Returns how many."""


class FolderStore:
    """Bytes under random names, in folders of their first two letters; written whole or not at all."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def keep(self, data: bytes) -> str:
        """Store bytes, safe on disk when it returns."""
        name = secrets.token_hex(16)
        await self.put(name, data)
        return name

    async def put(self, name: str, data: bytes) -> None:
        """Store bytes under a name that another store gave them; what it held is replaced at once or not at all."""
        await asyncio.to_thread(self._write, self._place(name), data)

    async def read(self, name: str) -> bytes:
        """The bytes; raises `FileUnknown` when they are gone."""
        place = self._place(name)
        try:
            return await asyncio.to_thread(place.read_bytes)
        except FileNotFoundError as error:
            raise FileUnknown from error

    def drop(self, name: str) -> None:
        """Forget the bytes, if they are there."""
        self._place(name).unlink(missing_ok=True)

    async def sweep(self, known: Collection[str], *, older_than_s: float) -> int:
        """Drop what no row names."""
        return await asyncio.to_thread(self._sweep, known, older_than_s)

    @staticmethod
    def _write(place: Path, data: bytes) -> None:
        place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        draft = place.with_suffix(f".{secrets.token_hex(4)}.part")
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(place)
        _sync_folder(place.parent)

    def _sweep(self, known: Collection[str], older_than_s: float) -> int:
        before, dropped = time.time() - older_than_s, 0
        for place in self._folder.glob("??/*"):
            if place.stem not in known and place.stat().st_mtime < before:
                place.unlink(missing_ok=True)
                dropped += 1
        return dropped

    def _place(self, name: str) -> Path:
        if not NAME.fullmatch(name):
            raise FileUnknown
        return self._folder / name[:2] / name


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
