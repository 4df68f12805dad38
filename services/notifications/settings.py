"""What notifications reads from its environment."""

from pathlib import Path
from typing import ClassVar

from shared.settings import ServiceSettings


class Settings(ServiceSettings):
    """Settings of notifications; see `ServiceSettings` for where they come from."""

    service: ClassVar[str] = "notifications"

    link_keys_file: Path
    smtp_url: str | None = None
    mail_from: str = "Boucle <ne-pas-repondre@boucle.invalid>"
    # Letters about messages of exchanges may be answered there, where catalog takes answers in; empty: nowhere.
    reply_domain: str = ""
    # For development: webhooks may then lead to this machine, by plain http. Never where others have accounts.
    webhooks_to_loopback: bool = False
