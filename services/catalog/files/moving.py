"""What stands in one store, copied into another: begun again it goes on, and what it copied is read back."""

from dataclasses import dataclass, field
from hashlib import sha256
from uuid import UUID

from services.catalog.files.errors import FileUnknown
from services.catalog.files.queries import files_with_bytes
from services.catalog.files.store import Store
from shared.database import Database

AT_ONCE = 100


class CopyFailed(Exception):
    """What was written reads back as something else: the other store is not to be trusted with anything."""


@dataclass
class Copied:
    """How many objects were copied, how many were there already, and the files of which something was wrong before."""

    copied: int = 0
    stood: int = 0
    # Their bytes are nowhere, or are not those that were sent.
    missing: list[UUID] = field(default_factory=list)
    changed: list[UUID] = field(default_factory=list)


async def copy_files(database: Database, source: Store, target: Store) -> Copied:
    """Copy the bytes that rows name, each compared by SHA-256; raises `StoreAway`, `CopyFailed`.

    Nothing is removed from where it was. What is there already and the same is left as it is.
    """
    done, last = Copied(), None
    while True:
        async with database.sessions.begin() as session:
            files = await files_with_bytes(session, after=last, limit=AT_ONCE)
        if not files:
            return done
        for file in files:
            last = file.id
            for name, digest in ((file.kept_as, file.digest), (file.preview_as, None)):
                if name is not None:
                    await _copy(done, file.id, name, digest, source=source, target=target)


async def _copy(done: Copied, file_id: UUID, name: str, digest: bytes | None, *, source: Store, target: Store) -> None:
    there = await _digest(target, name)
    if digest is not None and there == digest:
        done.stood += 1
        return
    try:
        data = await source.read(name)
    except FileUnknown:
        # After a change of stores, what came since lies in the new one alone.
        if there is not None and digest is None:
            done.stood += 1
        else:
            done.missing.append(file_id)
        return
    found = sha256(data).digest()
    if digest is not None and found != digest:
        done.changed.append(file_id)
        return
    if there == found:
        done.stood += 1
        return
    await target.put(name, data)
    if await _digest(target, name) != found:
        raise CopyFailed(name)
    done.copied += 1


async def _digest(store: Store, name: str) -> bytes | None:
    try:
        return sha256(await store.read(name)).digest()
    except FileUnknown:
        return None
