"""Files as pages list them."""

from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

from services.catalog.files.models import MEGABYTE, Safety, StoredFile
from shared.web import i18n

KILOBYTE = 1024


class FileLine(NamedTuple):
    """One file: its name, « PDF, 240 ko », and what a photo shows, and whether it may be opened."""

    id: UUID
    name: str
    about: str
    words: str
    safety: Safety

    @property
    def is_open(self) -> bool:
        """Whether it is given to whoever sees its line."""
        return self.safety.is_open


def lines_of(files: Sequence[StoredFile], language: str) -> list[FileLine]:
    """Files in the order they were added."""
    return [
        FileLine(file.id, file.name, f"{file.kind.upper()}, {size_words(file.size, language)}", file.words, file.safety)
        for file in files
    ]


def size_words(size: int, language: str) -> str:
    """« 240 ko », « 1,2 Mo » ; « 240 kB », « 1.2 MB »."""
    byte = "B" if language == "en" else "o"
    if size < MEGABYTE:
        return f"{max(1, round(size / KILOBYTE))}{i18n.NO_BREAK}k{byte}"
    return f"{i18n.number(round(size / MEGABYTE, 1), language)}{i18n.NO_BREAK}M{byte}"
