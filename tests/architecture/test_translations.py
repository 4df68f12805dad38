"""Every sentence of a page is there in English, and no English is left over whose sentence is gone."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from babel.messages.catalog import Message
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

ROOT = Path(__file__).parents[2]
SHELL = "shared/web"
SERVICES = ("services/catalog", "services/matching", "services/notifications")
WORDS = {"_": None, "gettext": None, "ngettext": (1, 2)}


def sentence_of(message: str | tuple[str, ...] | list[str]) -> str:
    """The French that a message is found by: of a plural, its singular."""
    return message if isinstance(message, str) else message[0]


@cache
def english(package: str) -> dict[str, Message]:
    with (ROOT / package / "locale/en/LC_MESSAGES/messages.po").open("rb") as file:
        return {sentence_of(message.id): message for message in read_po(file) if message.id}


def in_templates(package: str) -> set[str]:
    found = extract_from_dir(
        ROOT / package, method_map=[("**/templates/**.html", "jinja2.ext.babel_extract")], keywords=WORDS
    )
    return {sentence_of(message) for _, _, message, _, _ in found}


def texts_in(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def sources(package: str) -> list[ast.Module]:
    return [ast.parse(file.read_text("utf-8")) for file in (ROOT / package).rglob("*.py")]


def said(package: str) -> set[str]:
    """What is told after a write (`say=`), which no template holds."""
    keywords = (
        node
        for source in sources(package)
        for node in ast.walk(source)
        if isinstance(node, ast.keyword) and node.arg == "say"
    )
    return {text for keyword in keywords for text in texts_in(keyword.value)}


@pytest.mark.parametrize("package", [SHELL, *SERVICES])
def test_no_sentence_lacks_its_english(package: str) -> None:
    sentences = in_templates(package) | said(package)
    assert sentences
    assert sentences - set(english(package)) - set(english(SHELL)) == set()
    for message in english(package).values():
        assert not message.fuzzy
        assert all(message.string if isinstance(message.string, tuple) else (message.string,))


@pytest.mark.parametrize("package", [SHELL, *SERVICES])
def test_no_english_is_left_over(package: str) -> None:
    # What the shell says, errors among it, may come from anywhere in the shared package.
    written = {text for source in sources("shared" if package == SHELL else package) for text in texts_in(source)}
    assert set(english(package)) - in_templates(package) - written == set()
