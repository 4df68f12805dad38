"""Whole lists as files, read by nobody in particular; and the catalogue of them."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from hashlib import blake2b
from typing import Any
from uuid import UUID

from litestar import Response, get
from litestar.params import FromPath
from litestar.response import Stream

from services.catalog.opendata.catalogue import MEDIA_TYPE, catalogue
from services.catalog.opendata.datasets import DATASETS
from services.catalog.opendata.errors import DatasetUnknown
from services.catalog.opendata.models import MEDIA_TYPES, Dataset, Form, Stamp
from services.catalog.opendata.queries import batch_of, stamp_of
from services.catalog.opendata.writing import Writer
from shared.database import Database
from shared.database.acting import NOBODY
from shared.web.conditions import is_among
from shared.web.limits import Limiter
from shared.web.pages import Req
from shared.web.visit import visit_of

FRESH_S = 300
"""How long a cache in between may give a file again without asking."""
FORMAT = 1
"""Counts up when what is written changes while rows stay: tags of before are then no longer held."""


@get("/api/open-data.json", include_in_schema=False)
async def open_data_catalogue(request: Req) -> Response[Any]:
    """What there is, in the words of DCAT."""
    visit_of(request).cookies.clear()
    stamps = await _stamps(_database(request))
    return Response(
        catalogue(request.app.state.settings, stamps),
        media_type=MEDIA_TYPE,
        headers={"cache-control": f"public, max-age={FRESH_S}"},
    )


@get("/api/open-data/{file:str}", include_in_schema=False)
async def open_data_file(request: Req, file: FromPath[str]) -> Response[Any]:
    """One list in one form; 304 for who holds it, and counted where it is sent."""
    dataset, form = _asked(file)
    database, public_url = _database(request), request.app.state.settings.public_url
    async with database.acting(NOBODY) as session:
        stamp = await stamp_of(session, dataset.name)
    tag = _tag(dataset, form, stamp, public_url)
    headers = _headers(tag, stamp)
    # A file for everybody carries nobody's cookie.
    visit_of(request).cookies.clear()
    if _is_held(request, tag, stamp):
        return Response(None, status_code=304, headers=headers)
    limiter: Limiter = request.app.limiter  # type: ignore[attr-defined]
    await limiter.count_for("downloads", request, visit_of(request), database)
    name = f"boucle-{dataset.name}-{datetime.now(UTC):%Y-%m-%d}.{form}"
    headers["content-disposition"] = f'attachment; filename="{name}"'
    writer = Writer(dataset, form, public_url)
    return Stream(_written(database, dataset, writer), media_type=MEDIA_TYPES[form], headers=headers)


async def _written(database: Database, dataset: Dataset, writer: Writer) -> AsyncIterator[bytes]:
    """A batch and its transaction at a time, as fast as it is read."""
    yield writer.opening()
    after: UUID | None = None
    while True:
        async with database.acting(NOBODY) as session:
            rows = await batch_of(session, dataset.name, after)
            after = dataset.columns[0].read(rows[-1]) if rows else None
        if not rows:
            break
        yield await asyncio.to_thread(writer.rows, rows)
    yield writer.closing()


async def _stamps(database: Database) -> dict[str, Stamp]:
    async with database.acting(NOBODY) as session:
        return {name: await stamp_of(session, name) for name in DATASETS}


def _asked(file: str) -> tuple[Dataset, Form]:
    name, _, ending = file.partition(".")
    dataset = DATASETS.get(name)
    if dataset is None or ending not in dataset.forms:
        raise DatasetUnknown
    return dataset, Form(ending)


def _tag(dataset: Dataset, form: Form, stamp: Stamp, public_url: str) -> str:
    """Of the state, not of the bytes, which are not known before they are sent: a weak one."""
    columns = ",".join(column.name for column in dataset.columns)
    told = f"{FORMAT} {dataset.name}.{form} {columns} {public_url} {stamp.rows} {stamp.text}"
    return f'"{blake2b(told.encode(), digest_size=12).hexdigest()}"'


def _headers(tag: str, stamp: Stamp) -> dict[str, str]:
    headers = {"etag": f"W/{tag}", "cache-control": f"public, max-age={FRESH_S}"}
    if stamp.changed_at is not None:
        headers["last-modified"] = format_datetime(stamp.changed_at.astimezone(UTC), usegmt=True)
    return headers


def _is_held(request: Req, tag: str, stamp: Stamp) -> bool:
    """RFC 9110, 13.2.2: the tag decides where there is one, the date otherwise."""
    held = request.headers.get("if-none-match")
    if held is not None:
        return is_among(tag, held)
    since = request.headers.get("if-modified-since")
    if since is None or stamp.changed_at is None:
        return False
    try:
        return stamp.changed_at.replace(microsecond=0) <= parsedate_to_datetime(since)
    except (TypeError, ValueError):
        return False


def _database(request: Req) -> Database:
    database: Database = request.app.state.database
    return database


ROUTES = [open_data_catalogue, open_data_file]
