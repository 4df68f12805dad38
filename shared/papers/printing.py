"""Sets a paper with Typst: a tagged PDF (PDF/UA-1), in our typefaces, from a template and what it says.

A template is given everything as data, words included; nothing of it is read as markup.
"""

import asyncio
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any, Final, Literal
from urllib.parse import quote

import msgspec
import typst
from litestar import Response

from shared.web.assets import BUILT
from shared.web.i18n import typo
from shared.web.saving import FILE_POLICY

ROOT: Final = Path(__file__).resolve().parents[2]
Standard = Literal["ua-1", "a-3b"]
STANDARD: Final = "ua-1"
UNDRAWN: Final = "could not be displayed with font"
"""What Typst says of a letter that none of the typefaces has, and PDF/UA refuses."""


async def print_paper(template: Path, said: Mapping[str, Any], *, at: datetime, standard: Standard = STANDARD) -> bytes:
    """The paper as PDF, 20 to 40 ms; `said` has at least `title` and `language`, `at` is when it says so.
    `standard` is what the PDF promises, as Typst names it.

    Raises `typst.TypstError` where the template cannot say it, or could not to somebody who hears it.
    """
    words = _spaced(said) if said["language"] == "fr" else said
    return await asyncio.to_thread(_set, template, msgspec.json.encode(words).decode(), at, standard)


def _spaced(said: Any) -> Any:
    """With French spacing and apostrophes, as on pages."""
    match said:
        case str():
            return typo(said).unescape()
        case Mapping():
            return {name: _spaced(each) for name, each in said.items()}
        case list() | tuple():
            return [_spaced(each) for each in said]
    return said


def _set(template: Path, said: str, at: datetime, standard: Standard) -> bytes:
    compiler = typst.Compiler(template, root=ROOT, font_paths=_faces(), sys_inputs={"said": said})
    moment = at.replace(microsecond=0)
    try:
        paper = compiler.compile(format="pdf", pdf_standards=standard, timestamp=moment)
    except typst.TypstError as error:
        if UNDRAWN not in str(error) or standard != STANDARD:
            raise
        # Somebody typed what no typeface here draws, such as an emoji: tagged all the same, without the promise.
        paper = compiler.compile(format="pdf", timestamp=moment)
    if not isinstance(paper, bytes):
        raise TypeError("a PDF is one file")
    return paper


@cache
def _faces() -> typst.Fonts:
    """Ours, and those that come with Typst for letters that ours lack."""
    return typst.Fonts(include_system_fonts=False, font_paths=[BUILT])


def kept_as(name: str, paper: bytes) -> Response[bytes]:
    """A paper that the browser saves under a name: whoever shows it in place would have to let it run."""
    headers = {
        "content-disposition": f"attachment; filename*=UTF-8''{quote(name)}.pdf",
        "content-security-policy": FILE_POLICY,
        "x-content-type-options": "nosniff",
        "cache-control": "private, no-store",
    }
    return Response(paper, media_type="application/pdf", headers=headers)
