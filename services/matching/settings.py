"""What matching reads from its environment."""

from pathlib import Path
from typing import ClassVar

from shared.settings import ServiceSettings


class Settings(ServiceSettings):
    """Settings of matching; see `ServiceSettings` for where they come from."""

    service: ClassVar[str] = "matching"

    index_dir: Path | None = None
    """Where the index in memory is kept between two starts; without it a start reads the database."""
