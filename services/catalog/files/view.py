"""Files as pages list them."""

from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

from services.catalog.files.models import MEGABYTE, StoredFile
from shared.web import i18n

KILOBYTE = 1024


class FileLine(NamedTuple):
    """One file: its name, « PDF, 240 ko », and what a photo shows."""

    id: UUID
    name: str
    about: str
    words: str


def lines_of(files: Sequence[StoredFile], language: str) -> list[FileLine]:
    """Files in the order they were added."""
    return [
        FileLine(file.id, file.name, f"{file.kind.upper()}, {size_words(file.size, language)}", file.words)
        for file in files
    ]


def size_words(size: int, language: str) -> str:
    """« 240 ko », « 1,2 Mo » ; « 240 kB », « 1.2 MB »."""
    byte = "B" if language == "en" else "o"
    if size < MEGABYTE:
        return f"{max(1, round(size / KILOBYTE))}{i18n.NO_BREAK}k{byte}"
    return f"{i18n.number(round(size / MEGABYTE, 1), language)}{i18n.NO_BREAK}M{byte}"
