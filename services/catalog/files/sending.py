"""Files over HTTP: read from a form, given back so that no browser runs them."""

from typing import Any
from urllib.parse import quote

from litestar import Response
from litestar.datastructures import UploadFile

from services.catalog.files.commands import Sent
from services.catalog.files.content import MEDIA_TYPES, Kind
from services.catalog.files.errors import FileMissing, FileTooLarge
from services.catalog.files.models import MEGABYTE, MOST_BYTES, Purpose, StoredFile
from services.catalog.files.store import FolderStore
from shared.web.pages import Req
from shared.web.saving import FILE_POLICY

# The file, and the form around it.
MOST_SENT = MOST_BYTES + MEGABYTE


def store_of(request: Req) -> FolderStore:
    """Where this service keeps files."""
    store: FolderStore = request.app.state.files
    return store


async def file_sent(request: Req) -> Sent:
    """The file of a form's `file` field, with the `words` beside it; raises when there is none or it is too large."""
    form = await request.form()
    file = form.get("file")
    if not isinstance(file, UploadFile) or not file.filename:
        raise FileMissing
    data = await file.read(MOST_BYTES + 1)
    if len(data) > MOST_BYTES:
        raise FileTooLarge(limit=MOST_BYTES // MEGABYTE)
    return Sent(name=file.filename, data=data, words=str(form.get("words") or ""))


def answer_with(store: FolderStore, file: StoredFile, *, preview: bool = False) -> Response[Any]:
    """The bytes: a photo in its place on a page, everything else as a download that no page of ours embeds."""
    name = file.preview_as if preview and file.preview_as else file.kept_as
    is_photo = file.purpose is Purpose.PHOTO
    shown = "inline" if is_photo else "attachment"
    return Response(
        store.read(name),
        media_type=MEDIA_TYPES[Kind(file.kind)],
        headers={
            "content-disposition": f"{shown}; filename*=UTF-8''{quote(file.name)}",
            "x-content-type-options": "nosniff",
            "content-security-policy": FILE_POLICY,
            "cache-control": "private, max-age=3600" if is_photo else "private, no-store",
        },
    )
