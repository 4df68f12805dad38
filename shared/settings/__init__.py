"""The settings every service has, read from one 0600 JSON file and overridden by the environment."""

import os
from enum import StrEnum
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import Any, ClassVar

from pydantic import BaseModel, SecretStr
from pydantic_settings import (
    BaseSettings,
    JsonConfigSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

PROJECT = Path(__file__).resolve().parents[2]


class PaymentMode(StrEnum):
    """How money moves: between the two sides themselves, through Stripe, or not at all, to try everything out."""

    OFFLINE = "offline"
    STRIPE = "stripe"
    SIMULATED = "simulated"


class RateLimits(BaseModel):
    """How many requests a minute one service takes: to its API, and of pages those that change something.

    `downloads` are whole lists of open data, `assistants` calls of their tools, both for one address.
    """

    member: int = 600
    organisation: int = 3000
    address: int = 3000
    downloads: int = 30
    assistants: int = 300


class ServiceSettings(BaseSettings):
    """Where a service finds its database, its broker and its keys.

    A service `catalog` reads the file named by `BOUCLE_CATALOG_SETTINGS`; `BOUCLE_CATALOG_DATABASE_URL` and the
    like win over it.
    """

    model_config = SettingsConfigDict(extra="ignore", frozen=True)

    service: ClassVar[str]

    # Pages: bound by row-level security. The worker, which acts for all organisations, has a role of its own.
    database_url: SecretStr
    work_database_url: SecretStr | None = None
    owner_database_url: SecretStr | None = None
    nats_url: str
    nats_seed_file: Path
    identity_keys_file: Path
    csrf_secret: SecretStr
    public_url: str = "http://127.0.0.1:8000"
    assets_dir: Path = PROJECT / "shared" / "web" / "built"
    # A MapLibre style of vector tiles to draw under maps; its origin joins the content policy. None: outlines alone.
    map_style_url: str | None = None
    worker: bool = True
    always_open: bool = False
    rate_limits: RateLimits = RateLimits()
    # Networks of the gateways whose X-Forwarded-For is believed, such as 10.0.0.0/8; anybody else's is not read.
    trusted_proxies: list[IPv4Network | IPv6Network] = []
    # Said at the foot of every page; catalog has the keys that `stripe` needs.
    payment_mode: PaymentMode = PaymentMode.OFFLINE
    # An OTLP collector over HTTP, such as http://127.0.0.1:4318/v1/traces; without one nothing is traced.
    traces_endpoint: str | None = None

    @property
    def payments_are_live(self) -> bool | None:
        """Whether real money moves; None where nobody knows: only catalog has the keys."""
        return None

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        cls.model_config["env_prefix"] = f"boucle_{cls.service}_"

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - pydantic names it
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - the same
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Arguments, then environment, then the service's settings file."""
        named = os.environ.get(f"BOUCLE_{cls.service.upper()}_SETTINGS")
        sources = (init_settings, env_settings)
        return (*sources, JsonConfigSettingsSource(settings_cls, json_file=named)) if named else sources
