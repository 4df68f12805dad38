"""Reads the locks: every package with its version and the hashes without which it is not installed."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from deploy.embedded.data_folder import PROJECT

PYTHON_LOCKS = tuple(PROJECT / f"requirements{name}.lock" for name in ("", "-node", "-outlines", "-localstripe"))
NPM_LOCK = PROJECT / "package-lock.json"

PINNED = re.compile(r"(?P<name>[A-Za-z0-9][A-Za-z0-9._-]*)==(?P<version>[^\s;]+)(?:\s*;\s*(?P<marker>.+))?")
HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})")
ALGORITHMS = {"sha512": "SHA-512", "sha384": "SHA-384", "sha256": "SHA-256", "sha1": "SHA-1"}


class LockBroken(ValueError):
    """A line of a lock that pins nothing, or has no hash."""


@dataclass(frozen=True)
class Locked:
    """One package: `hashes` are (algorithm, hex), of each file of the release that may be installed.

    `within` is the package in whose own file it comes, covered by that one's hash.
    """

    name: str
    version: str
    hashes: tuple[tuple[str, str], ...]
    marker: str = ""
    within: str = ""


def canonical(name: str) -> str:
    """The name by which a Python package index knows it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def python_packages(*locks: Path) -> list[Locked]:
    """Every package of the given locks (all of ours without any), by name."""
    found = {each.name: each for lock in locks or PYTHON_LOCKS for each in _of(lock)}
    return [found[name] for name in sorted(found)]


def _of(lock: Path) -> Iterator[Locked]:
    logical = re.sub(r"\\\n", " ", lock.read_text())
    for line in logical.splitlines():
        words = re.sub(r"(^|\s)#.*", "", line).strip()
        if not words:
            continue
        pinned = PINNED.match(words.partition(" --hash")[0].strip())
        hashes = HASH.findall(words)
        if pinned is None or not hashes:
            raise LockBroken(f"{lock.name}: {words[:80]}")
        sums = tuple(("SHA-256", each) for each in hashes)
        yield Locked(canonical(pinned["name"]), pinned["version"], sums, marker=(pinned["marker"] or "").strip())


def npm_packages(lock: Path = NPM_LOCK) -> list[Locked]:
    """Every package of package-lock.json, once a version, by name."""
    entries: dict[str, dict[str, object]] = json.loads(lock.read_text())["packages"]
    found = {}
    for place, entry in entries.items():
        if place:
            each = _npm(place, entry, entries)
            found[(each.name, each.version)] = each
    return [found[key] for key in sorted(found)]


def _npm(place: str, entry: dict[str, object], entries: dict[str, dict[str, object]]) -> Locked:
    name, version = place.rpartition("node_modules/")[2], str(entry["version"])
    integrity = str(entry.get("integrity", ""))
    if integrity:
        return Locked(name, version, tuple(_sum(each) for each in integrity.split()))
    holder = place.rpartition("/node_modules/")[0]
    if not entry.get("inBundle") or not entries.get(holder, {}).get("integrity"):
        raise LockBroken(f"package-lock.json: {place} has no integrity")
    return Locked(name, version, (), within=holder.rpartition("node_modules/")[2])


def _sum(integrity: str) -> tuple[str, str]:
    algorithm, _, encoded = integrity.partition("-")
    return ALGORITHMS[algorithm], base64.b64decode(encoded).hex()
