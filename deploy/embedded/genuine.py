"""Are the engines' programs the ones that were recorded? `programs.json` holds their sums, by platform.

A program of the recorded version with another sum was changed after it was recorded, and is not started.
"""

from __future__ import annotations

import hashlib
import json
import platform
import sysconfig
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from deploy.embedded.binaries import NATS_WHEEL, POSTGRES_WHEEL, nats_program, postgres_programs
from deploy.embedded.data_folder import DataFolder

RECORD = Path(__file__).with_name("programs.json")


class ProgramChanged(Exception):
    """A program is not the one that was recorded."""


@dataclass(frozen=True)
class Program:
    """One program as it lies on this machine, with the wheel that brought it."""

    name: str
    wheel: str
    version: str
    path: Path

    def sha256(self) -> str:
        """Of the file that would be started."""
        with self.path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()


def programs(folder: DataFolder) -> Iterator[Program]:
    """What Boucle starts: from the wheels, or the copies in the data folder."""
    postgres = postgres_programs(folder)
    for name in ("postgres", "initdb"):
        yield Program(name, POSTGRES_WHEEL, version(POSTGRES_WHEEL), postgres / name)
    yield Program("nats-server", NATS_WHEEL, version(NATS_WHEEL), nats_program(folder))


def here() -> str:
    """The platform as wheels tell them apart: one libc is not another."""
    libc = platform.libc_ver()[0]
    return f"{sysconfig.get_platform()}-{libc}" if libc else sysconfig.get_platform()


def changed(folder: DataFolder) -> list[str]:
    """What is not as recorded, in words; silent about versions and platforms that were not recorded."""
    recorded = _recorded()
    return [
        f"{each.path} is not the {each.name} of {each.wheel} {each.version} that was recorded"
        for each in programs(folder)
        if (known := recorded.get(each.name)) is not None
        if known["wheel"] == f"{each.wheel} {each.version}"
        if known["sha256"] != each.sha256()
    ]


def unrecorded(folder: DataFolder) -> list[str]:
    """The programs of which no sum is recorded for this platform and version."""
    recorded = _recorded()
    return [
        each.name
        for each in programs(folder)
        if recorded.get(each.name, {}).get("wheel") != f"{each.wheel} {each.version}"
    ]


def _recorded() -> dict[str, dict[str, str]]:
    platforms: dict[str, dict[str, dict[str, str]]] = json.loads(RECORD.read_text())["platforms"]
    return platforms.get(here(), {})


def refuse_changed(folder: DataFolder) -> None:
    """Raise `ProgramChanged` unless what would be started is what was recorded; 30 MB are read."""
    if found := changed(folder):
        raise ProgramChanged("; ".join(found) + ". Install it again: make clean setup.")
