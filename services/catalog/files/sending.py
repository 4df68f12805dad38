"""Files over HTTP: read from a form, given back so that no browser runs them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote
from uuid import UUID

from litestar import Response
from litestar.datastructures import UploadFile
from litestar.response import Redirect
from sqlalchemy.ext.asyncio import AsyncSession

from services.catalog.audit.actor import Actor
from services.catalog.files.content import MEDIA_TYPES, Kind
from services.catalog.files.errors import (
    FileInfected,
    FileMissing,
    FilesEnough,
    FileTooLarge,
    FileWaiting,
    FileWithdrawn,
)
from services.catalog.files.keeping import Keeper, Sent, screened
from services.catalog.files.models import (
    LONGEST_WORDS,
    MEGABYTE,
    MOST_BYTES,
    MOST_FILES,
    Purpose,
    Safety,
    StoredFile,
)
from services.catalog.files.store import Store
from shared.refusal import Refusal
from shared.web.pages import Req, gettext, redirect
from shared.web.saving import FILE_POLICY
from shared.web.transactions import begun

OCTETS = "application/octet-stream"
# The file, and the form around it.
MOST_SENT = MOST_BYTES + MEGABYTE


def keeper_of(request: Req) -> Keeper:
    """Who takes files for this service."""
    keeper: Keeper = request.app.state.files
    return keeper


def store_of(request: Req) -> Store:
    """Where this service keeps files."""
    return keeper_of(request).store


async def file_sent(request: Req) -> Sent:
    """The file of a form's `file` field, with the `words` beside it; raises when there is none or it is too large."""
    form = await request.form()
    file = form.get("file")
    if not isinstance(file, UploadFile) or not file.filename:
        raise FileMissing
    return await read_sent(file, words=str(form.get("words") or ""))


async def read_sent(file: UploadFile, *, words: str = "") -> Sent:
    """One file as it was sent; raises `FileTooLarge`."""
    data = await file.read(MOST_BYTES + 1)
    if len(data) > MOST_BYTES:
        raise FileTooLarge(limit=MOST_BYTES // MEGABYTE)
    return Sent(name=file.filename, data=data, words=words)


async def sent_by_program(request: Req, author: Actor, files: Sequence[UploadFile], *, about: UUID) -> list[Sent]:
    """A program's files, looked at in a transaction of their own: what the audit trail says of one stays written.

    Raises `FilesEnough`, `FileTooLarge`, `FileInfected`.
    """
    if len(files) > MOST_FILES:
        raise FilesEnough(limit=MOST_FILES)
    sent = [await read_sent(each) for each in files]
    async with begun(request) as session:
        try:
            return await screened(session, keeper_of(request), author, sent, about=about)
        except FileInfected as refusal:
            found = refusal
    raise found


@dataclass(frozen=True)
class Taken:
    """A form's file that was looked at, or what is wrong with it; `whole` says so once it is known what it is for."""

    found: Sent | Refusal

    def whole(self) -> Sent:
        """The file; raises what is wrong with it."""
        if isinstance(self.found, Refusal):
            raise self.found
        return self.found


async def taken(request: Req, session: AsyncSession, author: Actor, *, about: UUID) -> Taken:
    """The file of a form, looked at for viruses before anything is locked: a slow scanner holds nobody else up."""
    try:
        (sent,) = await screened(session, keeper_of(request), author, [await file_sent(request)], about=about)
    except Refusal as refusal:
        return Taken(refusal)
    return Taken(sent)


async def answer_program_with(store: Store, file: StoredFile) -> Response[bytes]:
    """The bytes for a program, which knows the file's kind from where it read of it; raises as `answer_with`."""
    answer = await answer_with(store, file)
    answer.media_type = OCTETS
    return answer


async def not_kept(request: Req, refusal: Refusal, back: str) -> Redirect:
    """Back to the page: what is wrong with the file is said beside its field, and its words are still there."""
    form = await request.form()
    purpose = Purpose.PHOTO if form.get("purpose") == Purpose.PHOTO else Purpose.DOCUMENT
    typed = {"file_for": purpose.value, "words": str(form.get("words") or "")[:LONGEST_WORDS]}
    said = gettext(request, refusal.sentence).format(**refusal.values)
    return redirect(request, back, say=said, kind="error", typed=typed)


async def answer_with(store: Store, file: StoredFile, *, preview: bool = False) -> Response[Any]:
    """The bytes: a photo in its place on a page, everything else as a download that no page of ours embeds.

    Raises `FileWaiting` before it was looked at for viruses, `FileWithdrawn` when one was found, `StoreAway`.
    """
    if not file.safety.is_open:
        raise FileWaiting if file.safety is Safety.WAITING else FileWithdrawn
    name = file.preview_as if preview and file.preview_as else file.kept_as
    is_photo = file.purpose is Purpose.PHOTO
    shown = "inline" if is_photo else "attachment"
    return Response(
        await store.read(name),
        media_type=MEDIA_TYPES[Kind(file.kind)],
        headers={
            "content-disposition": f"{shown}; filename*=UTF-8''{quote(file.name)}",
            "x-content-type-options": "nosniff",
            "content-security-policy": FILE_POLICY,
            "cache-control": "private, max-age=3600" if is_photo else "private, no-store",
        },
    )
