"""What matching reads from its environment."""

from typing import ClassVar

from shared.settings import ServiceSettings


class Settings(ServiceSettings):
    """Settings of matching; see `ServiceSettings` for where they come from."""

    service: ClassVar[str] = "matching"
