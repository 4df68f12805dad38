"""A part that both sides confirm, in a database whose clock a test sets."""

import httpx
import pytest

from tests.services.catalog.collecting.conftest import (
    catalog_app,
    catalog_database,
    clock,
    flow,
    lot,
    part,
    publisher,
    say,
    taker,
    timed,
)

__all__ = ["catalog_app", "catalog_database", "clock", "flow", "lot", "part", "publisher", "taker", "timed"]


async def confirm(publisher: httpx.AsyncClient, taker: httpx.AsyncClient, part: str, value: str = "10") -> None:
    """Both say the same."""
    for side in (taker, publisher):
        assert (await say(side, part, value)).status_code == 303


@pytest.fixture
async def confirmed(publisher: httpx.AsyncClient, taker: httpx.AsyncClient, part: str) -> str:
    """The address of ten tonnes of wood that were reused."""
    await confirm(publisher, taker, part)
    return part
