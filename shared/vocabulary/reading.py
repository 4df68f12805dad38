"""Reads the category files: the one-line-per-key part of TOML, which a test compares with the standard parser.

The standard parser looks at every character in Python and takes half a second for a full vocabulary; this takes milliseconds.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from shared.vocabulary.entry import Category

HEADER: Final = "[[category]]"
KEYS: Final = frozenset(
    "id parent kind fr en synonyms synonyms_en ewc cpv naf related unit waste_level scheme unit_kg density".split()
)
INHERITED: Final = ("kind", "unit", "waste_level", "scheme")

Block = dict[str, Any]


class VocabularyError(ValueError):
    """A category file says something the format does not allow; the message names file and line."""


def read_blocks(path: Path) -> Iterator[Block]:
    """Each `[[category]]` block of one file, as written: text and numbers, unknown keys refused."""
    block: Block | None = None
    for number, raw in enumerate(path.read_text(encoding="utf-8").split("\n"), start=1):
        line = raw.strip()
        if not line or line[0] == "#":
            continue
        if line == HEADER:
            if block is not None:
                yield block
            block = {}
            continue
        key, found, value = line.partition(" = ")
        if block is None or not found or key not in KEYS or key in block:
            raise VocabularyError(f"{path.name}:{number}: not understood: {line}")
        block[key] = _value(value, path, number)
    if block is not None:
        yield block


def _value(written: str, path: Path, number: int) -> str | float:
    if written[0] == '"':
        text = written[1:-1]
        if len(written) < 2 or written[-1] != '"' or '"' in text or "\\" in text:
            raise VocabularyError(
                f"{path.name}:{number}: a text is in double quotes, without quotes or backslashes inside"
            )
        return text
    try:
        return float(written)
    except ValueError as error:
        raise VocabularyError(f"{path.name}:{number}: neither a text nor a number: {written}") from error


def read_categories(folder: Path) -> dict[str, Category]:
    """All categories of a folder by id, parents before children, each with what it inherits from its parent."""
    categories: dict[str, Category] = {}
    for path in sorted(folder.glob("*.toml")):
        for block in read_blocks(path):
            try:
                entry = _category(block, categories)
            except KeyError as error:
                raise VocabularyError(
                    f"{path.name}: {block.get('id', '?')} lacks or names too early: {error}"
                ) from error
            if entry.id in categories:
                raise VocabularyError(f"{path.name}: {entry.id} is defined twice")
            categories[entry.id] = entry
    return categories


def _category(block: Block, known: dict[str, Category]) -> Category:
    parent = known[block["parent"]] if "parent" in block else None
    inherited = {key: block.get(key, getattr(parent, key, None)) for key in INHERITED}
    ewc = _listed(block, "ewc")
    return Category(
        id=block["id"],
        parent=parent.id if parent else None,
        level=parent.level + 1 if parent else 1,
        kind=inherited["kind"],
        name_fr=block["fr"],
        name_en=block["en"],
        synonyms=_listed(block, "synonyms"),
        synonyms_en=_listed(block, "synonyms_en"),
        ewc=tuple(code.rstrip("*").replace(" ", "") for code in ewc),
        hazardous_ewc=frozenset(code.rstrip("*").replace(" ", "") for code in ewc if code.endswith("*")),
        cpv=_listed(block, "cpv"),
        naf=_listed(block, "naf"),
        related=_listed(block, "related"),
        unit=inherited["unit"] or "unit",
        waste_level=inherited["waste_level"],
        scheme=inherited["scheme"],
        unit_kg=block.get("unit_kg"),
        density=block.get("density"),
    )


def _listed(block: Block, key: str) -> tuple[str, ...]:
    written = block.get(key)
    return tuple([part.strip() for part in written.split(",")]) if written else ()
