"""Where pages find the outlines of maps: one address for all services, with the file's version in it."""

from typing import Final

from shared.territory.outlines import outlines

JSON: Final = "application/json"
OUTLINES_PATH: Final = "/matching/map/outlines/{version:str}"


def outlines_url() -> str:
    """The address of today's outlines."""
    return OUTLINES_PATH.replace("{version:str}", outlines().version)
