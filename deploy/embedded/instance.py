"""One instance as the rest of Boucle sees it: addresses, roles, keys and the settings files of its services."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from deploy.embedded.credentials import SERVICES, SUPERUSER, password, seed_file
from deploy.embedded.data_folder import PROJECT, DataFolder, write_private

LOOPBACK = "127.0.0.1"


@dataclass(frozen=True)
class Instance:
    """Where everything of one data folder answers."""

    folder: DataFolder
    postgres_port: int
    nats_port: int
    health_port: int
    public_url: str = "http://127.0.0.1:8000"

    @property
    def nats_url(self) -> str:
        return f"nats://{LOOPBACK}:{self.nats_port}"

    def database_url(self, service: str, kind: str = "app", *, database: str | None = None) -> str:
        """SQLAlchemy URL of the service's `app`, `owner` or `read` role, on another database if one is named."""
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

    def settings_file(self, service: str) -> Path:
        return self.folder.settings / f"{service}.json"

    def environment(self) -> dict[str, str]:
        """The variables by which each service finds its settings file."""
        return {f"BOUCLE_{service.upper()}_SETTINGS": str(self.settings_file(service)) for service in SERVICES}

    def write_settings(self) -> None:
        """Write the three settings files; fields an operator added by hand are kept.

        An instance begins with the demonstration, whose suppliers are asked at any hour; an operator who opens it to
        real ones sets `always_open` to false.
        """
        for service in SERVICES:
            path = self.settings_file(service)
            kept = json.loads(path.read_text()) if path.exists() else {}
            write_private(path, json.dumps({"always_open": True} | kept | self.settings(service), indent=2))

    def settings(self, service: str) -> dict[str, Any]:
        """What `services/<service>/settings.py` reads."""
        own: dict[str, dict[str, Any]] = {
            "catalog": {
                "identity_private_key_file": str(self.identity_private_key_file),
                "files_dir": str(self.folder.files),
            },
        }
        return {
            "database_url": self.database_url(service),
            "owner_database_url": self.database_url(service, "owner"),
            "nats_url": self.nats_url,
            "nats_seed_file": str(self.seed_file(service)),
            "identity_keys_file": str(self.identity_keys_file),
            "csrf_secret": self.csrf_secret,
            "public_url": self.public_url,
            "assets_dir": str(PROJECT / "shared" / "web" / "built"),
            **own.get(service, {}),
        }

    def _url(self, role: str, database: str) -> str:
        return f"postgresql+asyncpg://{role}:{self.password(role)}@{LOOPBACK}:{self.postgres_port}/{database}"
