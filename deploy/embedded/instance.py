"""One instance as the rest of Boucle sees it: addresses, roles, keys and the settings files of its services."""

from __future__ import annotations

import json
import os
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from deploy.embedded.credentials import SERVICES, SUPERUSER, password, seed_file
from deploy.embedded.data_folder import PROJECT, DataFolder, write_private

LOOPBACK = "127.0.0.1"
# What pages without a worker have no use for, and whoever breaks into them would.
NOT_FOR_PAGES = ("work_database_url", "owner_database_url")


@dataclass(frozen=True)
class Instance:
    """Where everything of one data folder answers."""

    folder: DataFolder
    postgres_port: int
    nats_port: int
    health_port: int
    postgres_host: str = LOOPBACK
    public_url: str = "http://127.0.0.1:8000"
    # (clients' port, health port) of the other nodes of a cluster.
    more_nats: tuple[tuple[int, int], ...] = ()

    @property
    def nats_url(self) -> str:
        """Every node, separated by commas: clients begin with one by chance and go to another when it is gone."""
        ports = (self.nats_port, *(port for port, _ in self.more_nats))
        return ",".join(f"nats://{LOOPBACK}:{port}" for port in ports)

    @property
    def health_ports(self) -> tuple[int, ...]:
        """Where each NATS node says how it is."""
        return (self.health_port, *(port for _, port in self.more_nats))

    @property
    def nats_replicas(self) -> int:
        """How many times each stream is kept: once on every node."""
        return len(self.health_ports)

    def database_url(self, service: str, kind: str = "app", *, database: str | None = None) -> str:
        """SQLAlchemy URL of the service's `app`, `work`, `owner` or `read` role; another database if one is named."""
        return self._url(f"{service}_{kind}", database or service)

    def admin_database_url(self, database: str = "postgres") -> str:
        """URL of the superuser, for tests and repairs only."""
        return self._url(SUPERUSER, database)

    def password(self, role: str) -> str:
        """Password of a database role such as `catalog_app`."""
        return password(self.folder, role)

    def seed_file(self, user: str) -> Path:
        """File with the nkey seed of a service, `admin` or `sys`."""
        return seed_file(self.folder, user)

    def seed(self, user: str) -> str:
        """The seed itself."""
        return self.seed_file(user).read_text().strip()

    @property
    def identity_keys_file(self) -> Path:
        return self.folder.secrets / "identity.jwks"

    @property
    def identity_private_key_file(self) -> Path:
        return self.folder.secrets / "identity.private.jwks"

    @property
    def csrf_secret(self) -> str:
        return (self.folder.secrets / "csrf").read_text()

    @property
    def link_keys_file(self) -> Path:
        return self.folder.secrets / "links"

    def settings_file(self, service: str) -> Path:
        return self.folder.settings / f"{service}.json"

    def pages_settings_file(self, service: str) -> Path:
        """The same without the password of the worker's role, for pages whose worker runs apart."""
        return self.folder.settings / f"{service}.pages.json"

    def environment(self, *, apart: Collection[str] = ()) -> dict[str, str]:
        """The variables by which each service finds its settings file; `apart` are those who run without a worker."""
        files = {
            each: self.pages_settings_file(each) if each in apart else self.settings_file(each) for each in SERVICES
        }
        return {f"BOUCLE_{service.upper()}_SETTINGS": str(path) for service, path in files.items()}

    def write_settings(self) -> None:
        """Write the settings files; fields an operator added by hand are kept.

        An instance begins with the demonstration, whose suppliers are asked at any hour; an operator who opens it to
        real ones sets `always_open` to false.
        """
        for service in SERVICES:
            path = self.settings_file(service)
            kept = json.loads(path.read_text()) if path.exists() else {}
            known = {"always_open": True} | kept | self.settings(service)
            write_private(path, json.dumps(known, indent=2))
            shown = {name: value for name, value in known.items() if name not in NOT_FOR_PAGES}
            write_private(self.pages_settings_file(service), json.dumps(shown, indent=2))

    def settings(self, service: str) -> dict[str, Any]:
        """What `services/<service>/settings.py` reads."""
        own: dict[str, dict[str, Any]] = {
            "catalog": {
                "identity_private_key_file": str(self.identity_private_key_file),
                "files_dir": str(self.folder.files),
                "link_keys_file": str(self.link_keys_file),
                "sends_mail": self._sends_mail(),
            },
            "matching": {"index_dir": str(self.folder.root / "index")},
            "notifications": {"link_keys_file": str(self.link_keys_file), "reply_domain": self._reply_domain()},
        }
        return {
            "database_url": self.database_url(service),
            "work_database_url": self.database_url(service, "work"),
            "owner_database_url": self.database_url(service, "owner"),
            "nats_url": self.nats_url,
            "nats_seed_file": str(self.seed_file(service)),
            "identity_keys_file": str(self.identity_keys_file),
            "csrf_secret": self.csrf_secret,
            "public_url": self.public_url,
            "assets_dir": str(PROJECT / "shared" / "web" / "built"),
            **own.get(service, {}),
        }

    def _sends_mail(self) -> bool:
        """Whether an SMTP server is set for notifications: otherwise nobody can be asked to answer a letter."""
        return bool(os.environ.get("BOUCLE_NOTIFICATIONS_SMTP_URL") or self._kept("notifications").get("smtp_url"))

    def _reply_domain(self) -> str:
        """Where letters may be answered: what is set for catalog, which takes answers in."""
        named = os.environ.get("BOUCLE_CATALOG_REPLIES")
        replies = json.loads(named) if named else self._kept("catalog").get("replies")
        return str((replies or {}).get("domain", ""))

    def _kept(self, service: str) -> dict[str, Any]:
        """What an operator set for a service, and what was written last."""
        path = self.settings_file(service)
        return json.loads(path.read_text()) if path.exists() else {}

    def _url(self, role: str, database: str) -> str:
        return f"postgresql+asyncpg://{role}:{self.password(role)}@{self.postgres_host}:{self.postgres_port}/{database}"
