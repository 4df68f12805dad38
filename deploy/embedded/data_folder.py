"""The data folder of one instance: where it lies, who holds it, and what is remembered there between two starts."""

from __future__ import annotations

import fcntl
import json
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from deploy.embedded.os_user import EngineUser, engine_user

PROJECT = Path(__file__).resolve().parents[2]
SYSTEM_PLACE = Path("/var/lib/boucle")


class DataFolderRefused(Exception):
    """The folder cannot be used; the message says why and what to do."""


class AlreadyRunning(DataFolderRefused):
    """Another supervisor holds the folder: a second one would stop the first one's engines."""


@dataclass(frozen=True)
class DataFolder:
    """Paths below one root. Secrets and settings belong to whoever starts Boucle, both stores to the engines' user."""

    root: Path

    @property
    def postgres(self) -> Path:
        return self.root / "postgres"

    @property
    def nats(self) -> Path:
        return self.root / "nats"

    def nats_node(self, number: int) -> Path:
        """Where a node of a cluster keeps its copy of the streams."""
        return self.root / f"nats-{number}"

    @property
    def logs(self) -> Path:
        return self.root / "logs"

    @property
    def settings(self) -> Path:
        return self.root / "settings"

    @property
    def secrets(self) -> Path:
        return self.root / "secrets"

    @property
    def files(self) -> Path:
        return self.root / "files"

    @property
    def user(self) -> EngineUser | None:
        """The OS user the engines run as; None means "the one who starts"."""
        return engine_user(self.postgres if self.postgres.exists() else None)

    def create(self) -> None:
        """Make the folders. As root the top stays passable (0711), because the engines' user must reach its stores."""
        try:
            for folder in _missing(self.root):
                folder.mkdir()
                folder.chmod(0o755)  # whatever the umask: the engines' user must pass
            self.root.chmod(0o711 if os.geteuid() == 0 else 0o700)
            for private in (self.logs, self.settings, self.secrets, self.files):
                private.mkdir(mode=0o700, exist_ok=True)
        except PermissionError as refused:
            raise DataFolderRefused(
                f"{self.root} cannot be written: it belongs to another user. "
                "Start as that user, or name another folder with --data."
            ) from refused
        self._refuse_an_unreachable_place()

    def _refuse_an_unreachable_place(self) -> None:
        user = self.user
        if user is not None and not user.can_enter(self.root):
            raise DataFolderRefused(
                f"{self.root} cannot be reached by the user {user.name!r}, and PostgreSQL refuses to run as root. "
                f"Name a folder under {SYSTEM_PLACE} with --data."
            )

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Hold the folder for this process; released by the kernel however the process ends."""
        descriptor = os.open(self.root / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                holder = os.read(descriptor, 32).decode() or "unknown"
                raise AlreadyRunning(
                    f"Boucle already runs on {self.root} (process {holder}). "
                    "Stop it first, or name another folder with --data."
                ) from None
            os.ftruncate(descriptor, 0)
            os.write(descriptor, str(os.getpid()).encode())
            yield
        finally:
            os.close(descriptor)

    def is_held(self) -> bool:
        """Whether a supervisor runs on this folder now."""
        if not (self.root / "lock").exists():
            return False
        try:
            with self.lock():
                return False
        except AlreadyRunning:
            return True

    def remembered(self) -> dict[str, Any]:
        """What earlier starts wrote down; empty for a new folder or an unreadable file."""
        try:
            kept = json.loads((self.root / "state.json").read_text())
        except (FileNotFoundError, ValueError):
            return {}
        return kept if isinstance(kept, dict) else {}

    def remember(self, **facts: Any) -> None:
        """Replace the named facts; a fact given as None is forgotten."""
        kept = {key: value for key, value in (self.remembered() | facts).items() if value is not None}
        write_private(self.root / "state.json", json.dumps(kept, indent=2, ensure_ascii=False))


def _missing(place: Path) -> list[Path]:
    """The folders that do not exist yet, outermost first."""
    return [folder for folder in reversed((place, *place.parents)) if not folder.exists()]


def write_private(path: Path, content: str | bytes) -> None:
    """Write a 0600 file in one step: a reader sees the old one or the new one, never half of it."""
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content.encode() if isinstance(content, str) else content)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)


def default_folder(instance: str = "main", *, project: Path = PROJECT, choose: bool = False) -> Path:
    """`.boucle/<instance>` in the project; as root under a private parent, a place of /var/lib/boucle.

    That place has a random end and its address is kept in the project, so that a fresh copy of the project
    never finds the data of an older one that lay in the same folder. Only `choose` makes such a place up.
    """
    beside = project / ".boucle" / instance
    user = engine_user(None)
    if user is None or user.can_enter(project):
        return beside
    pointer = project / ".boucle" / f"{instance}.location"
    if pointer.exists():
        return Path(pointer.read_text().strip())
    if not choose:
        return SYSTEM_PLACE / instance
    place = SYSTEM_PLACE / f"{instance}-{secrets.token_hex(3)}"
    pointer.parent.mkdir(exist_ok=True)
    pointer.write_text(f"{place}\n")
    return place
