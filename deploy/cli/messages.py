"""Find every sentence of the interface, and say which have no English, are doubtful or are not used any more.

`python -m deploy.cli.messages` says it; with `--update` it adds the missing ones, empty, and drops the obsolete ones.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import click
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po, write_po
from jinja2.ext import babel_extract

ROOT = Path(__file__).resolve().parents[2]
LANGUAGE = "en"

# Functions whose first text is a message (or the one after the request), and those with a singular and a plural.
CALLS = frozenset({"gettext", "_", "say", "translate"})
PLURAL_CALLS = frozenset({"ngettext"})
# Tables whose texts are translated where they are used: a value, or the first of a tuple.
TABLES = frozenset({"TITLES", "SENTENCES", "FINDINGS", "PROOFS", "SOURCES"})
# Records whose texts are translated where they are shown, and which of their arguments those are.
RECORDS = {
    **dict.fromkeys(("Step", "Dataset", "Tool", "TopicKind"), (1, 2)),
    **{"Missing": (2, 3), "Described": (2,), "asked": (0,)},
}
# These write both languages side by side.
BILINGUAL = tuple(ROOT / "shared" / name for name in ("phrases", "vocabulary", "territory"))


class Message(NamedTuple):
    """A sentence in French, with its plural when it counts."""

    text: str
    plural: str | None = None


class Place(NamedTuple):
    """Where a sentence is written."""

    path: str
    line: int


Found = dict[Message, list[Place]]


@dataclass(frozen=True)
class Part:
    """A folder with its own translations; its pages also find those of `beneath`."""

    name: str
    folder: Path
    beneath: tuple[Part, ...] = ()

    @property
    def catalogue(self) -> Path:
        """Its English."""
        return self.folder / "locale" / LANGUAGE / "LC_MESSAGES" / "messages.po"

    def sources(self) -> Iterator[Path]:
        """Templates and modules whose sentences are translated there."""
        root = self.folder.parent if self.name == "shared" else self.folder
        yield from sorted(root.rglob("*.html"))
        yield from sorted(path for path in root.rglob("*.py") if not _is_skipped(path))


def _is_skipped(path: Path) -> bool:
    return "migrations" in path.parts or any(path.is_relative_to(folder) for folder in BILINGUAL)


# What is shared is translated beside the shell, whichever folder of `shared` says it.
SHARED = Part("shared", ROOT / "shared" / "web")
PARTS = (
    SHARED,
    *(Part(name, ROOT / "services" / name, (SHARED,)) for name in ("catalog", "matching", "notifications")),
)


@dataclass(frozen=True)
class Findings:
    """What is wrong with one catalogue."""

    missing: Found = field(default_factory=dict)
    fuzzy: list[str] = field(default_factory=list)
    obsolete: list[str] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.missing or self.fuzzy or self.obsolete)

    def lines(self) -> Iterator[str]:
        """One line a finding."""
        for message, places in self.missing.items():
            yield f"missing  {places[0].path}:{places[0].line}  {message.text}"
        yield from (f"fuzzy    {text}" for text in self.fuzzy)
        yield from (f"obsolete {text}" for text in self.obsolete)


def messages_of(part: Part) -> Found:
    """Every sentence that a part's templates and modules show."""
    found: Found = {}
    for path in part.sources():
        reader = template_messages if path.suffix == ".html" else module_messages
        for message, line in reader(path):
            found.setdefault(message, []).append(Place(str(path.relative_to(ROOT)), line))
    return found


def template_messages(path: Path) -> Iterator[tuple[Message, int]]:
    """The sentences of a Jinja template, as the newstyle functions write them."""
    with path.open("rb") as file:
        for line, _, text, _ in babel_extract(file, ("_", "gettext", "ngettext"), (), {"silent": "false"}):
            singular, *others = text if isinstance(text, tuple) else (text,)
            if not singular:
                continue  # `_(step.name)`: its sentence stands where the step does
            yield Message(str(singular), str(others[0]) if others and others[0] else None), line


def module_messages(path: Path) -> Iterator[tuple[Message, int]]:
    """The sentences of a Python module, by the conventions of the house."""
    in_schemas = path.name == "schemas.py"
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        for message in _said(node, in_schemas=in_schemas):
            yield message, getattr(node, "lineno", 0)


def _said(node: ast.AST, *, in_schemas: bool) -> Iterator[Message]:
    match node:
        case ast.Call():
            yield from _called(node, in_schemas=in_schemas)
        case ast.Assign(targets=[ast.Name(id="sentence")]) | ast.AnnAssign(target=ast.Name(id="sentence")):
            yield from map(Message, _texts(node.value))
        case ast.Assign(targets=[ast.Name(id=name)]) | ast.AnnAssign(target=ast.Name(id=name)):
            if name in TABLES or name.endswith(("BADGES", "_TABS")):
                yield from map(Message, _table_texts(node.value))


def _called(node: ast.Call, *, in_schemas: bool) -> Iterator[Message]:
    name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
    if name in CALLS:
        # `gettext(request, "…")` and `say("…")`: the sentence is the last of the two.
        yield from map(Message, _texts(node.args[-1] if node.args else None))
    elif name in RECORDS:
        told = (node.args[place] for place in RECORDS[name] if place < len(node.args))
        yield from (Message(text) for each in told for text in _texts(each))
    elif name in PLURAL_CALLS:
        texts = [arg.value for arg in node.args if isinstance(arg, ast.Constant) and isinstance(arg.value, str)]
        if len(texts) >= 2:
            yield Message(texts[0], texts[1])
    elif name == "ValueError" and in_schemas:
        yield from map(Message, _texts(node.args[0] if node.args else None))
    for keyword in node.keywords:
        if keyword.arg == "say":
            yield from map(Message, _texts(keyword.value))


def _texts(node: ast.expr | None) -> Iterator[str]:
    match node:
        case ast.Constant(value=str(text)) if text:
            yield text
        case ast.IfExp():
            yield from _texts(node.body)
            yield from _texts(node.orelse)
        case ast.Call(func=ast.Attribute(attr="get"), args=[_, default]):
            yield from _texts(default)


def _table_texts(node: ast.expr | None) -> Iterator[str]:
    for value in node.values if isinstance(node, ast.Dict) else ():
        yield from _texts(value.elts[0] if isinstance(value, ast.Tuple) and value.elts else value)


def catalogue_of(part: Part) -> Catalog:
    """The English of a part, empty when there is none yet."""
    if not part.catalogue.exists():
        return Catalog(locale=LANGUAGE)
    with part.catalogue.open("rb") as file:
        return read_po(file, locale=LANGUAGE)


def findings(part: Part) -> Findings:
    """Compare what a part says with what is translated."""
    said, catalogue = messages_of(part), catalogue_of(part)
    below = [catalogue_of(other) for other in part.beneath]
    translated = [each for each in catalogue if each.id]
    used = {message.text for message in said}
    return Findings(
        missing={message: places for message, places in said.items() if not _has_english(message, [catalogue, *below])},
        fuzzy=[_key(each.id) for each in translated if each.fuzzy],
        obsolete=[_key(each.id) for each in translated if _key(each.id) not in used]
        + [_key(each) for each in catalogue.obsolete],
    )


def _has_english(message: Message, catalogues: Iterable[Catalog]) -> bool:
    found = (catalogue.get(message.text) for catalogue in catalogues)
    return any(each is not None and _is_complete(each.string, message) for each in found)


def _is_complete(english: str | tuple[str, ...] | list[str], message: Message) -> bool:
    forms = [english] if isinstance(english, str) else list(english)
    return all(forms) and len(forms) == (1 if message.plural is None else 2)


def _key(identifier: object) -> str:
    return str(identifier[0] if isinstance(identifier, (tuple, list)) else identifier)


def update(part: Part) -> None:
    """Add the missing sentences, empty; drop those nobody says any more; keep the rest, in the order of the files."""
    said, before = messages_of(part), catalogue_of(part)
    below = [catalogue_of(other) for other in part.beneath]
    after = Catalog(
        locale=LANGUAGE,
        project="boucle",
        version="1",
        header_comment=f"# English of {part.name}.",
        msgid_bugs_address="-",
        last_translator="-",
        language_team="en",
        creation_date=before.creation_date,
        revision_date=before.creation_date,
        fuzzy=False,
    )
    for message, places in said.items():
        known = before.get(message.text)
        if known is None and _has_english(message, below):
            continue
        identifier = message.text if message.plural is None else (message.text, message.plural)
        # Without line numbers: a catalogue must not change when a line moves.
        after.add(identifier, known.string if known else None, locations=[(path, 0) for path in _paths(places)])
    part.catalogue.parent.mkdir(parents=True, exist_ok=True)
    with part.catalogue.open("wb") as file:
        write_po(file, after, width=0, include_lineno=False, omit_header=False, ignore_obsolete=True)


def _paths(places: Iterable[Place]) -> list[str]:
    return sorted({place.path for place in places})


@click.command()
@click.option("--update", "wanted", is_flag=True, help="Write the missing ones, empty, and drop the obsolete ones.")
def messages(wanted: bool) -> None:
    """Say which sentences have no English."""
    if wanted:
        for part in PARTS:
            update(part)
    wrong = [(part, found) for part in PARTS if (found := findings(part))]
    for part, found in wrong:
        click.echo(f"{part.name}: {part.catalogue.relative_to(ROOT)}")
        for line in found.lines():
            click.echo(f"  {line}")
    raise SystemExit(1 if wrong else 0)


if __name__ == "__main__":
    messages()
