"""NATS 2.15 from its wheel: a synced node on loopback, one key per service, restarted when its health says so."""

from __future__ import annotations

import asyncio
import json
import os
import signal
from collections.abc import Callable
from time import monotonic
from typing import Any, ClassVar

from deploy.embedded.binaries import nats_program
from deploy.embedded.credentials import SERVICES, public_nkey
from deploy.embedded.data_folder import DataFolder, write_private
from deploy.embedded.engine import Engine, EngineFailed
from deploy.embedded.http_probe import status_of
from deploy.embedded.process import Command, clean_environment, last_words

LOOPBACK = "127.0.0.1"
START_SECONDS = 20.0
HTTP_OK = 200

Permissions = Callable[[str], dict[str, object]]


def service_permissions(user: str) -> dict[str, object]:
    """The rights of `catalog`, `matching`, `notifications` and `admin`, as messaging writes them."""
    from shared.messaging.topology import permissions  # tests may give their own

    return permissions(user)


class Nats(Engine):
    """One JetStream server; durable means that an acknowledged message is on the disk (`sync_interval: always`)."""

    name: str = "NATS"
    stop_signals: ClassVar[tuple[signal.Signals, ...]] = (signal.SIGTERM,)
    health_limit_seconds: ClassVar[float] = 2.0

    def __init__(
        self,
        folder: DataFolder,
        port: int,
        *,
        health_port: int,
        durable: bool = True,
        permissions: Permissions = service_permissions,
    ) -> None:
        super().__init__()
        self.folder, self.port, self.health_port = folder, port, health_port
        self.durable, self.permissions = durable, permissions
        self.store, self.log = folder.nats, folder.logs / "nats.log"

    async def start(self) -> None:
        """Write the configuration, start, and wait for /healthz; a second attempt when the first one dies at once."""
        self._configure()
        command = Command(
            [str(nats_program(self.folder)), "--config", str(self.store / "nats.json")],
            log=self.log,
            death_signal=signal.SIGTERM,
            user=self.folder.user,
            environment=clean_environment(),
        )
        deadline = monotonic() + START_SECONDS
        while monotonic() < deadline:
            self.process = command.start()
            if await self._answers_before(deadline):
                return
            await self.stop(grace=1.0)
            await asyncio.sleep(0.2)
        raise EngineFailed(f"{self.name} did not start within {START_SECONDS:.0f} s:\n{last_words(self.log)}")

    async def healthy(self) -> bool:
        """What /healthz says. A full disk stays "write error" after space returns: only a restart heals it."""
        return await status_of(self.health_port, "/healthz", timeout=self.health_limit_seconds) == HTTP_OK

    async def _answers_before(self, deadline: float) -> bool:
        while self.is_running and monotonic() < deadline:
            if await self.healthy():
                return True
            await asyncio.sleep(0.01)
        return False

    def _configure(self) -> None:
        user = self.folder.user
        self.store.mkdir(mode=0o700, exist_ok=True)
        path = self.store / "nats.json"
        write_private(path, json.dumps(self.configuration(), indent=2))
        if user is not None:
            os.chown(self.store, user.uid, user.gid)
            os.chown(path, user.uid, user.gid)

    def configuration(self) -> dict[str, Any]:
        """The values of messaging.md section 3; nats-server reads JSON as it reads its own format."""
        return {
            "server_name": "boucle",
            "listen": f"{LOOPBACK}:{self.port}",
            "http": f"{LOOPBACK}:{self.health_port}",
            "max_payload": 1_048_576,
            "max_connections": 256,
            "max_pending": 67_108_864,
            "write_deadline": "5s",
            "ping_interval": "10s",
            "ping_max": 2,
            "lame_duck_duration": "30s",
            "lame_duck_grace_period": "5s",
            "jetstream": self._storage(),
            "accounts": {
                "BOUCLE": {"jetstream": "enabled", "users": [self._user(name) for name in (*SERVICES, "admin")]},
                "SYS": {"users": [{"nkey": public_nkey(self.folder, "sys")}]},
            },
            "system_account": "SYS",
        }

    def _storage(self) -> dict[str, Any]:
        """Tests may keep streams in memory, which the durable server hardly allows."""
        sync = {"sync_interval": "always", "max_memory_store": 67_108_864}
        lazy = {"max_memory_store": 8 * 1024**3}
        return {
            "store_dir": str(self.store),
            "max_file_store": 8 * 1024**3,
            "strict": True,
            **(sync if self.durable else lazy),
        }

    def _user(self, name: str) -> dict[str, Any]:
        return {"nkey": public_nkey(self.folder, name), "permissions": self.permissions(name)}
