"""Reads the category files (TOML, one `[[category]]` block an entry, lists written as one text with commas)."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any, Final

from shared.vocabulary.entry import Category

TEXTS: Final = frozenset(("id", "parent", "kind", "fr", "en", "unit", "waste_level", "scheme", "agec", "factor"))
LISTS: Final = frozenset(("synonyms", "synonyms_en", "ewc", "cpv", "naf", "related"))
NUMBERS: Final = frozenset(("unit_kg", "density"))
INHERITED: Final = ("kind", "unit", "waste_level", "scheme", "agec", "factor")

Block = dict[str, Any]


class VocabularyError(ValueError):
    """A category file says something the format does not allow; the message names file and category."""


def read_categories(folder: Path) -> dict[str, Category]:
    """All categories of a folder by id, parents before children, each with what it inherits from its parent."""
    categories: dict[str, Category] = {}
    for path in sorted(folder.glob("*.toml")):
        for block in _blocks(path):
            entry = _category(block, categories, path.name)
            if entry.id in categories:
                raise VocabularyError(f"{path.name}: {entry.id} is defined twice")
            categories[entry.id] = entry
    return categories


def _blocks(path: Path) -> list[Block]:
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise VocabularyError(f"{path.name}: {error}") from error
    if set(content) - {"category"}:
        raise VocabularyError(f"{path.name}: only [[category]] blocks are read")
    blocks: list[Block] = content.get("category", [])
    return blocks


def _category(block: Block, known: dict[str, Category], file: str) -> Category:
    where = f"{file}: {block.get('id', '(no id)')}"
    if unknown := set(block) - TEXTS - LISTS - NUMBERS:
        raise VocabularyError(f"{where}: unknown keys {sorted(unknown)}")
    if lacking := {"id", "fr", "en"} - set(block):
        raise VocabularyError(f"{where}: lacks {sorted(lacking)}")
    parent = known.get(block["parent"]) if "parent" in block else None
    if "parent" in block and parent is None:
        raise VocabularyError(f"{where}: its parent {block['parent']} must stand before it")
    inherited: Block = {key: block.get(key, getattr(parent, key, None)) for key in INHERITED}
    lists = {key: _listed(block.get(key, "")) for key in LISTS}
    ewc = lists.pop("ewc")
    return Category(
        id=block["id"],
        parent=parent.id if parent else None,
        level=parent.level + 1 if parent else 1,
        kind=inherited["kind"],
        name_fr=block["fr"],
        name_en=block["en"],
        ewc=tuple(_digits(code) for code in ewc),
        hazardous_ewc=frozenset(_digits(code) for code in ewc if code.endswith("*")),
        unit=inherited["unit"] or "unit",
        waste_level=inherited["waste_level"],
        scheme=inherited["scheme"],
        unit_kg=block.get("unit_kg"),
        density=block.get("density"),
        # Written empty, they say that what the parent has does not hold for this one.
        agec=inherited["agec"] or None,
        factor=inherited["factor"] or None,
        **lists,
    )


def _digits(code: str) -> str:
    return code.rstrip("*").replace(" ", "")


def _listed(written: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in written.split(",")) if written else ()
