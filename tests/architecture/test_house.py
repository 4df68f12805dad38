"""The rules of the house that an import contract cannot say: names, sizes, what a file may hold."""

import ast
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from shared.web.urls import service_for

ROOT = Path(__file__).resolve().parents[2]
CODE = ("services", "shared", "deploy")
LONGEST_FILE, LONGEST_FUNCTION, MOST_PARAMETERS = 400, 60, 7
FORBIDDEN_NAMES = {"utils", "helpers", "common", "misc", "manager", "managers", "util", "helper"}
FEATURE_FILES = {"models", "commands", "queries", "errors", "schemas", "api", "pages", "handlers", "view"}


def sources(*folders: str) -> list[Path]:
    return [
        path
        for folder in folders
        for path in sorted((ROOT / folder).rglob("*.py"))
        if "__pycache__" not in path.parts and "built" not in path.parts
    ]


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


@pytest.mark.parametrize("path", sources(*CODE), ids=lambda path: str(path.relative_to(ROOT)))
def test_a_module_says_what_it_is_responsible_for_and_stays_small(path: Path) -> None:
    text = path.read_text()
    lines = text.count("\n")
    assert lines <= LONGEST_FILE, f"{lines} lines: split by noun"
    assert ast.get_docstring(ast.parse(text)), "begin with one sentence: what is it responsible for?"
    for function in functions(path):
        length = (function.end_lineno or 0) - function.lineno + 1
        if "migrations" not in path.parts:
            assert length <= LONGEST_FUNCTION, f"{function.name} has {length} lines"


@pytest.mark.parametrize("path", sources(*CODE), ids=lambda path: str(path.relative_to(ROOT)))
def test_a_name_says_something(path: Path) -> None:
    parts = {part.removesuffix(".py") for part in path.relative_to(ROOT).parts}
    assert not parts & FORBIDDEN_NAMES


def test_modules_with_routes_keep_their_annotations_at_run_time() -> None:
    for path in sources("services"):
        if path.name in ("pages.py", "api.py", "app.py"):
            assert "from __future__ import annotations" not in path.read_text(), path


def test_commands_never_commit_publish_or_render() -> None:
    """INVARIANT: the session dependency commits, the relay publishes, pages render."""
    for path in sources("services"):
        if path.name == "commands.py":
            text = path.read_text()
            assert ".commit(" not in text, path
            assert not re.search(r"^(from|import) (nats|shared\.web)", text, re.MULTILINE), path


def test_every_select_of_a_feature_is_in_its_queries() -> None:
    for path in sources("services"):
        if path.name in ("pages.py", "api.py", "commands.py"):
            assert not re.search(r"\bselect\(", path.read_text()), path


def test_features_do_not_meet_in_a_circle() -> None:
    for service in ("catalog", "matching", "notifications"):
        edges = _feature_edges(service)
        for start in edges:
            _refuse_circle(edges, [start])


def _feature_edges(service: str) -> dict[str, set[str]]:
    edges: dict[str, set[str]] = {}
    for path in sources(f"services/{service}"):
        parts = path.relative_to(ROOT / "services" / service).parts
        if len(parts) < 2:
            continue
        found = re.findall(rf"from services\.{service}\.(\w+)\.\w+ import", path.read_text())
        edges.setdefault(parts[0], set()).update(each for each in found if each != parts[0])
    return edges


def _refuse_circle(edges: dict[str, set[str]], trail: list[str]) -> None:
    for following in edges.get(trail[-1], ()):
        assert following not in trail, " → ".join([*trail, following])
        _refuse_circle(edges, [*trail, following])


def test_nothing_names_a_registry_s_host_or_this_machine() -> None:
    tracked = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split()
    hosts = ("pypi" + ".org", "files.python" + "hosted", "registry.npm" + "js", "/work" + "/main", "/root" + "/")
    for name in tracked:
        path = ROOT / name
        if path.suffix in (".png", ".woff2", ".xlsx") or not path.is_file():
            continue
        text = path.read_text(errors="ignore")
        assert not [host for host in hosts if host in text], name


def test_every_route_of_every_app_is_in_the_url_table(apps: dict[str, object]) -> None:
    for service, app in apps.items():
        for route in app.routes:  # type: ignore[attr-defined]
            if not route.path.startswith("/static"):
                assert service_for(route.path) == service, route.path
