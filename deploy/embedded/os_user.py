"""The operating-system user the engines run as, since PostgreSQL refuses to run as root."""

from __future__ import annotations

import os
import pwd
from dataclasses import dataclass
from pathlib import Path

CANDIDATES = ("boucle", "postgres", "nobody")
EXECUTE_BY_OWNER, EXECUTE_BY_GROUP, EXECUTE_BY_OTHERS = 0o100, 0o010, 0o001


class NoEngineUser(Exception):
    """Root starts Boucle on a machine without any ordinary user for the engines."""


@dataclass(frozen=True)
class EngineUser:
    """An ordinary user of this machine."""

    name: str
    uid: int
    gid: int

    def can_enter(self, place: Path) -> bool:
        """Whether this user may pass every folder down to `place` (missing ends are judged by their parent)."""
        existing = place.resolve()
        while not existing.exists():
            existing = existing.parent
        folders = [folder for folder in (existing, *existing.parents) if folder.is_dir()]
        return all(self._may_execute(folder) for folder in folders)

    def can_run(self, program: Path) -> bool:
        """Whether this user may execute a file where it lies."""
        return self.can_enter(program.parent) and self._may_execute(program)

    def _may_execute(self, path: Path) -> bool:
        facts = path.stat()
        if facts.st_uid == self.uid:
            return bool(facts.st_mode & EXECUTE_BY_OWNER)
        if facts.st_gid == self.gid:
            return bool(facts.st_mode & EXECUTE_BY_GROUP)
        return bool(facts.st_mode & EXECUTE_BY_OTHERS)


def engine_user(existing_store: Path | None) -> EngineUser | None:
    """Who runs the engines: None when an ordinary user starts, else a named one (BOUCLE_OS_USER first).

    A store that exists keeps its owner, whatever the settings say today.
    """
    if os.geteuid() != 0:
        return None
    if existing_store is not None and (owner := existing_store.stat().st_uid) != 0:
        return _user(pwd.getpwuid(owner))
    named = os.environ.get("BOUCLE_OS_USER")
    for name in (named,) if named else CANDIDATES:
        try:
            return _user(pwd.getpwnam(name))
        except KeyError:
            continue
    raise NoEngineUser(
        "PostgreSQL refuses to run as root, and none of the users "
        f"{', '.join((named,) if named else CANDIDATES)} exists here. Create one: useradd --system boucle"
    )


def _user(entry: pwd.struct_passwd) -> EngineUser:
    return EngineUser(entry.pw_name, entry.pw_uid, entry.pw_gid)
