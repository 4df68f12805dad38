"""What may be wrong with an instance, each check answering in words and never by an exception."""

from __future__ import annotations

import asyncio
import json
import os
import re
import shutil
import stat
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from deploy.embedded.binaries import EngineMissing, nats_program, postgres_programs
from deploy.embedded.credentials import SERVICES
from deploy.embedded.data_folder import PROJECT, DataFolder
from deploy.embedded.durability import nats_reasons, postgres_reasons
from deploy.embedded.genuine import changed, here, unrecorded
from deploy.embedded.http_probe import status_of
from deploy.embedded.instance import Instance
from deploy.embedded.ports import is_free
from deploy.embedded.prepare import pending_migrations, services_behind
from deploy.embedded.process import clean_environment

Level = Literal["ok", "warning", "wrong"]

MEGABYTE = 1_000_000
DISK_WRONG_BYTES = 500 * MEGABYTE
DISK_WARNING_BYTES = 3_000 * MEGABYTE
POSTGRES_MAJOR = 18
# below 2.15.0, compaction ignores sync always: acknowledged data is lost in a power cut (nats-server #8475)
NATS_OLDEST = (2, 15, 0)
CLOCK_SECONDS = 2.0
PREFERRED_PORT = 8000
SETUP = "Run `make setup`."


@dataclass(frozen=True)
class Finding:
    """One line of the doctor's report; `remedy` is what to do about it."""

    about: str
    level: Level
    words: str
    remedy: str = ""


@dataclass(frozen=True)
class Patient:
    """What is examined: a folder, and the instance on it if one was ever started."""

    folder: DataFolder
    instance: Instance | None
    is_running: bool

    @property
    def live(self) -> Instance | None:
        return self.instance if self.is_running else None


async def examine(patient: Patient) -> list[Finding]:
    """Every check, in the order in which causes come before effects."""
    return [await _answer(name, check, patient) for name, check in CHECKS.items()]


async def _answer(name: str, check: Callable[[Patient], Awaitable[Finding]], patient: Patient) -> Finding:
    try:
        return await check(patient)
    except Exception as error:  # a check that cannot be made is itself a finding
        return Finding(name, "wrong", f"could not be checked: {type(error).__name__}: {error}")


async def _python(_: Patient) -> Finding:
    version = ".".join(map(str, sys.version_info[:3]))
    if sys.version_info < (3, 11):  # noqa: UP036 - the doctor is asked exactly when something is wrong
        return Finding("Python", "wrong", f"is {version}; 3.11 or newer is needed", "Install a newer Python.")
    return Finding("Python", "ok", version)


async def _postgres_program(patient: Patient) -> Finding:
    try:
        said = _says(postgres_programs(patient.folder) / "postgres")
    except EngineMissing as missing:
        return Finding("PostgreSQL program", "wrong", str(missing), SETUP)
    major = re.search(r"(\d+)\.", said)
    if major is None or int(major[1]) != POSTGRES_MAJOR:
        return Finding("PostgreSQL program", "wrong", f"says {said!r}; version {POSTGRES_MAJOR} is needed", SETUP)
    return Finding("PostgreSQL program", "ok", said)


async def _nats_program(patient: Patient) -> Finding:
    try:
        said = _says(nats_program(patient.folder))
    except EngineMissing as missing:
        return Finding("NATS program", "wrong", str(missing), SETUP)
    version = tuple(int(part) for part in re.findall(r"\d+", said)[:3])
    if version < NATS_OLDEST:
        needed = ".".join(map(str, NATS_OLDEST))
        return Finding("NATS program", "wrong", f"says {said!r}; below {needed} acknowledged data can be lost", SETUP)
    return Finding("NATS program", "ok", said)


async def _genuine(patient: Patient) -> Finding:
    try:
        found, unknown = changed(patient.folder), unrecorded(patient.folder)
    except EngineMissing as missing:
        return Finding("Programs' sums", "wrong", str(missing), SETUP)
    if found:
        return Finding("Programs' sums", "wrong", "; ".join(found), "Install them again: `make clean setup`.")
    if unknown:
        words = f"none is recorded for {', '.join(unknown)} on {here()}; the wheels' own were checked by pip"
        return Finding("Programs' sums", "warning", words)
    return Finding("Programs' sums", "ok", "PostgreSQL and NATS are the programs that were recorded")


async def _assets(_: Patient) -> Finding:
    built = PROJECT / "shared" / "web" / "built"
    if not built.is_dir() or not any(built.iterdir()):
        return Finding("Front-end assets", "wrong", "are not built: pages have no style and no script", SETUP)
    return Finding("Front-end assets", "ok", "built")


async def _disk(patient: Patient) -> Finding:
    place = patient.folder.root
    while not place.exists():
        place = place.parent
    free = shutil.disk_usage(place).free
    words = f"{free // MEGABYTE} MB free at {place}"
    if free < DISK_WRONG_BYTES:
        return Finding("Disk", "wrong", words, "Free some space: without it, writes are refused and NATS stops.")
    if free < DISK_WARNING_BYTES:
        return Finding("Disk", "warning", words, "Streams alone may grow to 5 GB.")
    return Finding("Disk", "ok", words)


async def _secrets(patient: Patient) -> Finding:
    kept = [*_files(patient.folder.secrets), *_files(patient.folder.settings)]
    readable = sorted(path.name for path in kept if stat.S_IMODE(path.stat().st_mode) & 0o077)
    if readable:
        return Finding("Secrets", "wrong", f"others may read {', '.join(readable)}", "chmod 600 these files.")
    return Finding("Secrets", "ok", f"{len(kept)} files, readable by their owner only")


async def _port(patient: Patient) -> Finding:
    instance = patient.live
    if instance is not None:
        port = urlsplit(instance.public_url).port or PREFERRED_PORT
        status = await status_of(port, "/", timeout=5.0)
        if status is None or status >= 500:
            words = f"{instance.public_url}/ answers {status or 'nothing'}"
            return Finding("Pages", "wrong", words, f"Read {patient.folder.logs / 'services.log'}.")
        return Finding("Pages", "ok", f"{instance.public_url}/ answers {status}")
    if not is_free(PREFERRED_PORT):
        words = f"{PREFERRED_PORT} is taken by another program"
        return Finding("Port", "warning", words, "`boucle up` will take another one, or the one you name with --port.")
    return Finding("Port", "ok", f"{PREFERRED_PORT} is free")


async def _services(patient: Patient) -> Finding:
    if patient.live is None:
        return Finding("Services", "ok", "not running")
    port = urlsplit(patient.live.public_url).port or PREFERRED_PORT
    states = {name: await status_of(port, f"/-/apps/{name}") for name in SERVICES}
    down = [name for name, status in states.items() if status != 200]
    if down:
        log = patient.folder.logs / "services.log"
        return Finding("Services", "wrong", f"{', '.join(down)} does not answer", f"Read {log}.")
    return Finding("Services", "ok", ", ".join(states))


async def _durability(patient: Patient) -> Finding:
    instance = patient.live
    if instance is None:
        return Finding("Durability", "ok", "proven at each start")
    reasons = [
        *await nats_reasons(instance.nats_url, instance.seed_file("sys")),
        *await postgres_reasons(instance.database_url("catalog")),
    ]
    if reasons:
        return Finding(
            "Durability", "wrong", "; ".join(reasons), "Restart with `boucle up`, which writes both settings."
        )
    return Finding("Durability", "ok", "NATS syncs always and PostgreSQL fsyncs, as the running servers say")


async def _migrations(patient: Patient) -> Finding:
    if patient.instance is None:
        return Finding("Migrations", "ok", "nothing to migrate yet")
    if patient.live is None:
        behind = {service: ["?"] for service in services_behind(patient.instance)}
    else:
        found = {service: await pending_migrations(patient.live, service) for service in SERVICES}
        behind = {service: revisions for service, revisions in found.items() if revisions}
    if not behind:
        return Finding("Migrations", "ok", "up to date")
    words = f"pending in {', '.join(behind)}"
    if patient.live is None:
        return Finding("Migrations", "warning", words, "`boucle up` applies them.")
    return Finding("Migrations", "wrong", words, "`boucle migrate`, or restart with `boucle up`.")


async def _clock(patient: Patient) -> Finding:
    """Two signs: files written "in the future", and a database whose clock is another."""
    ahead = max((path.stat().st_mtime - time.time() for path in _files(patient.folder.root)), default=0.0)
    if ahead > CLOCK_SECONDS:
        words = f"went back: files here were written {ahead:.0f} s in the future"
        return Finding("Clock", "wrong", words, "Set the clock; deadlines and sessions depend on it.")
    if patient.live is not None and (skew := await _database_skew(patient.live)) > CLOCK_SECONDS:
        return Finding("Clock", "wrong", f"differs from the database's by {skew:.1f} s", "Synchronise both with NTP.")
    return Finding("Clock", "ok", "agrees with the files and the database")


async def _database_skew(instance: Instance) -> float:
    import asyncpg

    address = instance.database_url("catalog").replace("postgresql+asyncpg", "postgresql")
    connection = await asyncpg.connect(address, ssl=False, timeout=5, command_timeout=5)
    try:
        said: float = await connection.fetchval("SELECT extract(epoch FROM clock_timestamp())::float8")
        return abs(said - time.time())
    finally:
        await connection.close(timeout=1)


async def _address(patient: Patient) -> Finding:
    """Chromium drops Secure cookies on plain http unless the host is this machine itself."""
    for service in SERVICES:
        path = patient.folder.settings / f"{service}.json"
        url = json.loads(path.read_text())["public_url"] if path.exists() else "http://127.0.0.1"
        parts = urlsplit(url)
        if parts.scheme != "https" and parts.hostname not in {"127.0.0.1", "localhost", "::1"}:
            words = f"{url} is plain http on a network address: browsers drop the session cookies there"
            return Finding("Address", "warning", words, "Put https in front, or open it as http://127.0.0.1.")
    return Finding("Address", "ok", "sign-in works on 127.0.0.1 and behind https; not over http from another machine")


async def _scanner(patient: Patient) -> Finding:
    """What clamd says of itself: its version, that of its signatures, and their day."""
    from services.catalog.files.scanning import Scanner, ScannerAway

    path = patient.folder.settings / "catalog.json"
    address = os.environ.get("BOUCLE_CATALOG_CLAMAV") or (
        json.loads(path.read_text()).get("clamav", "") if path.exists() else ""
    )
    if not address:
        words = "none is set: files that people send are kept without a look for viruses"
        return Finding("Virus scanner", "ok", words)
    try:
        return Finding("Virus scanner", "ok", await Scanner(address, patience_s=5.0).version())
    except ScannerAway as error:
        words = f"{address} does not answer ({error}): new files wait, and nobody can open them"
        return Finding("Virus scanner", "wrong", words, "Start clamd, or name its place in the settings of catalog.")


async def _file_store(patient: Patient) -> Finding:
    """A bucket is asked for a file that cannot be there: that it says so proves address, name and keys."""
    from services.catalog.files.errors import FileUnknown, StoreAway
    from services.catalog.files.place import S3
    from services.catalog.files.setting_up import bucket_store

    path = patient.folder.settings / "catalog.json"
    said = os.environ.get("BOUCLE_CATALOG_S3") or "null"
    known = json.loads(said) or (json.loads(path.read_text()).get("s3") if path.exists() else None)
    if not known:
        return Finding("File store", "ok", f"the folder {patient.folder.files}")
    bucket = S3.model_validate(known)
    try:
        await bucket_store(bucket).read("0" * 32)
    except FileUnknown:
        return Finding("File store", "ok", f"{bucket.bucket} at {bucket.endpoint}")
    except StoreAway as error:
        words = f"{bucket.bucket} at {bucket.endpoint} does not answer, or refuses: {str(error.__cause__)[:200]}"
        return Finding("File store", "wrong", words, "Look at `s3` in the settings of catalog, and at the store.")
    return Finding("File store", "ok", f"{bucket.bucket} at {bucket.endpoint}")


def _files(folder: Path) -> list[Path]:
    return [path for path in folder.glob("*") if path.is_file()] if folder.is_dir() else []


def _says(program: Path) -> str:
    done = subprocess.run(
        [str(program), "--version"], capture_output=True, text=True, check=True, env=clean_environment(), timeout=10
    )
    return done.stdout.strip()


CHECKS: dict[str, Callable[[Patient], Awaitable[Finding]]] = {
    "Python": _python,
    "PostgreSQL program": _postgres_program,
    "NATS program": _nats_program,
    "Programs' sums": _genuine,
    "Front-end assets": _assets,
    "Disk": _disk,
    "Secrets": _secrets,
    "Pages": _port,
    "Services": _services,
    "Durability": _durability,
    "Migrations": _migrations,
    "Clock": _clock,
    "Address": _address,
    "Virus scanner": _scanner,
    "File store": _file_store,
}


def examine_blocking(patient: Patient) -> list[Finding]:
    """`examine` for a caller without an event loop."""
    return asyncio.run(examine(patient))
