"""Tables over HTTP: downloads that no browser shows or runs."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from litestar import Response

from services.catalog.imports.written import MEDIA_TYPES, Form
from shared.web.saving import FILE_POLICY


def download(content: bytes, name: str, form: Form) -> Response[Any]:
    """A table as a file of its own."""
    return Response(
        content,
        media_type=MEDIA_TYPES[form],
        headers={
            "content-disposition": f"attachment; filename*=UTF-8''{quote(f'{name}.{form}')}",
            "x-content-type-options": "nosniff",
            "content-security-policy": FILE_POLICY,
            "cache-control": "private, no-store",
        },
    )
